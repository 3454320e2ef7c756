"""Between an answer's frame and a figure's marks: local times, groups, custom data, number formats."""

from __future__ import annotations

from datetime import UTC

import pandas as pd

from layouts.charts.model import ChartData, Theme
from layouts.charts.palette import INK
from metricstore.evaluation import Answer
from metricstore.windows import zone


def wall_clock(times: pd.Series, timezone: str) -> pd.Series:
    """Plotly axes know no zone: times of the zone's wall clock, without zone."""
    return times.dt.tz_convert(timezone).dt.tz_localize(None)


def groups(answer: Answer) -> list[tuple[str, pd.DataFrame]]:
    """(value, rows) for each value of the first group column, largest first; one nameless group when there is none."""
    if not answer.by:
        return [("", answer.frame)]
    column = answer.by[0]
    sizes = answer.frame.groupby(column, sort=False)["value"].sum().sort_values(ascending=False, kind="stable")
    return [(str(value), answer.frame[answer.frame[column] == value]) for value in sizes.index]


def custom_data(answer: Answer, rows: pd.DataFrame, value: str) -> list[list[str]]:
    """[value, window start, window stop] for each row, the window cut to the asked range."""
    if answer.every is None:
        return [[value, "", ""]] * len(rows)
    tz = zone(answer.timezone)
    spans: dict[pd.Timestamp, list[str]] = {}
    for moment in rows["time"].unique():
        opened = pd.Timestamp(moment).to_pydatetime()
        closed = answer.every.next(opened, tz)
        spans[moment] = [
            max(opened, answer.start).astimezone(UTC).isoformat(),
            min(closed, answer.stop).astimezone(UTC).isoformat(),
        ]
    return [[value, *spans[moment]] for moment in rows["time"]]


def shortened(text: str, most: int = 34) -> str:
    """A label that leaves room for the bars; the whole text is in the hover."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def number_format(data: ChartData) -> str:
    return f",.{data.answer.metric.decimals}f"


def base_layout(data: ChartData, *, timed: bool) -> dict[str, object]:
    """What all figures share. `uirevision` keeps zoom and legend through refreshes of the same selection."""
    theme: Theme = data.theme
    ink = INK[theme]
    axis = {"gridcolor": ink["grid"], "zeroline": False, "linecolor": ink["grid"], "automargin": True}
    layout: dict[str, object] = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter, system-ui, -apple-system, 'Segoe UI', sans-serif", "size": 12, "color": ink["text"]},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {"bgcolor": ink["paper"], "bordercolor": ink["grid"], "font": {"color": ink["text"]}},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 11}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": ink["faint"], "activecolor": ink["text"]},
        "bargap": 0.18,
        "uirevision": "&".join(f"{key}={value}" for key, value in data.selection.params().items()),
        "xaxis": dict(axis),
        "yaxis": {**axis, "title": {"text": data.answer.metric.unit, "font": {"size": 11, "color": ink["faint"]}}},
    }
    if timed:
        layout["hovermode"] = "x unified"
        layout["xaxis"] = {
            **axis, "type": "date", "showgrid": False,
            "title": {"text": data.answer.timezone, "font": {"size": 10, "color": ink["faint"]}},
        }  # fmt: skip
    return layout


def is_empty(answer: Answer) -> bool:
    """Nothing measured in the range: no rows, or only windows without a value."""
    values = answer.frame["value"]
    return bool(values.isna().all() or (answer.metric.measure.aggregate == "count" and (values.fillna(0) == 0).all()))

"""Between an answer's frame and a figure's marks: local times, groups, custom data, number formats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pandas as pd

from layouts.charts import absence, episodes, goals
from layouts.charts.model import ChartData, Theme
from layouts.charts.notes import annotate
from layouts.charts.palette import INK, PATTERN
from layouts.formats import decimals_at
from layouts.labels import shortened
from metricstore.evaluation import Answer
from metricstore.grid import Grid
from metricstore.point import nanoseconds
from metricstore.window_edges import edge_tuple
from metricstore.windows import Window, zone


def wall_clock(times: pd.Series, timezone: str) -> pd.Series:
    """Plotly axes know no zone: times of the zone's wall clock, without zone."""
    return times.dt.tz_convert(timezone).dt.tz_localize(None)


@lru_cache(maxsize=16)
def _clock_texts(starts: bytes, timezone: str) -> list[str]:
    times = pd.Series(pd.DatetimeIndex(np.frombuffer(starts, dtype="M8[ns]"), tz="UTC"))
    return np.datetime_as_string(wall_clock(times, timezone).to_numpy(), unit="s").tolist()


def clock_texts(rows: Grid, timezone: str) -> list[str]:
    """As `wall_clock`, of each row, as Plotly reads them."""
    return _clock_texts(rows.starts.tobytes(), timezone) * len(rows.labels)


def groups(answer: Answer) -> list[tuple[str, Grid]]:
    """(value, rows) for each value of the first group column, largest first; one nameless group when there is none."""
    rows = answer.rows
    if not answer.by:
        return [("", rows)]
    parts = rows.by_first()
    return sorted(parts, key=lambda part: -float(np.nansum(part[1]["value"])))


MOST_SERIES = 8
"""More can't be told apart: the largest are shown, and the rest as one where it adds up."""


def largest_groups(answer: Answer) -> tuple[list[tuple[str, Grid]], Grid | None, int]:
    """(the largest groups, rows of the rest added up or None where they can't be, how many are in the rest)."""
    parts = groups(answer)
    if len(parts) <= MOST_SERIES:
        return parts, None, 0
    shown, others = parts[: MOST_SERIES - 1], parts[MOST_SERIES - 1 :]
    if not adds_up(answer):
        return shown, None, len(others)
    together = np.vstack([rows.added_up() for _, rows in others])
    labels = [(value,) for value, _ in others]
    rest = Grid(answer.by[:1], labels, answer.rows.starts, {"value": together.ravel()})
    return shown, Grid((), [()], rest.starts, {"value": rest.added_up()}), len(others)


def adds_up(answer: Answer) -> bool:
    """Whether the values of groups make up a whole: counts and sums, not means or shares."""
    return answer.metric.per is None and answer.metric.model is None and answer.aggregate in ("count", "sum")


Mark = list[str | None]
"""[value of the dimension, window start, window stop]; None where the mark stands for no single value."""


def custom_data(answer: Answer, rows: Grid | pd.DataFrame, value: str) -> list[Mark]:
    """A mark for each row, its window cut to the asked range."""
    own = value if answer.by else None
    if answer.every is None:
        return [[own, "", ""]] * len(rows)
    spans = _spans(answer.start, answer.stop, answer.every, answer.timezone)
    if isinstance(rows, Grid):
        return [[own, *spans[time]] for time in rows.starts.tolist()] * len(rows.labels)
    return [[own, *spans[time]] for time in rows["time"].dt.as_unit("ns").astype("int64").tolist()]


@lru_cache(maxsize=4)  # enough for the groups of a chart, and a long list is not kept for long
def _spans(start: datetime, stop: datetime, every: Window, timezone: str) -> dict[int, tuple[str, str]]:
    """[from, to) in ISO 8601 UTC by window start in nanoseconds."""
    starts = edge_tuple(start, stop, every, timezone)
    stops = (*starts[1:], every.next(starts[-1], zone(timezone)))
    return {
        nanoseconds(opened): (
            max(opened, start).astimezone(UTC).isoformat(),
            min(closed, stop).astimezone(UTC).isoformat(),
        )
        for opened, closed in zip(starts, stops, strict=True)
    }


def bar_width(bars: int) -> float:
    """Of each of so many bars beside each other, as a share of its place: few of them are not drawn as blocks."""
    return min(0.82, 0.1 + 0.15 * bars)


def number_places(values: Sequence[str], lengths: Iterable[float]) -> list[str]:
    """Plotly's `textposition` for the bar of each value: no number on a pattern, and in a bar of no length it would be left out."""
    pairs = zip(values, lengths, strict=True)
    return ["outside" if value in PATTERN or not length else "auto" for value, length in pairs]


def named_axis(names: Sequence[str], most: int = 34) -> dict[str, object]:
    """An axis of categories whose labels leave room for the marks."""
    return {"automargin": True, "showgrid": False, "type": "category", "ticks": "", "ticklabelstandoff": 5,
            "tickmode": "array", "tickvals": list(names),
            "ticktext": [shortened(name, most) for name in names]}  # fmt: skip


MOST_BELOW = 20
"""Letters of a label under a column."""


def columns_axis(names: Sequence[str]) -> dict[str, object]:
    """The same below columns, where labels stand upright if they have no room to lie."""
    return named_axis(names, MOST_BELOW) | {"autotickangles": [0, 90]}


def number_format(data: ChartData) -> str:
    """How Plotly and Python write a value: all values of a chart with the same decimals."""
    return f",.{decimals_of_answers([data.answer, *data.also.values()], data.answer.metric.unit)}f"


def decimals_of_answers(answers: Sequence[Answer], unit: str) -> int:
    """How many decimals the answers in `unit` have in their picture, in its table and wherever else they are written."""
    alike = [one for one in answers if one.metric.unit == unit]
    largest = max((float(np.nan_to_num(np.abs(one.rows["value"])).max(initial=0.0)) for one in alike), default=0.0)
    return decimals_at(largest, alike[0].metric.decimals)


_DAY = 86_400_000
_DATES = [
    {"dtickrange": [None, _DAY - 1], "value": "%H:%M\n%-d %b %Y"},
    {"dtickrange": [_DAY, "M1"], "value": "%-d %b\n%Y"},
    {"dtickrange": ["M1", "M11"], "value": "%b\n%Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]
"""Days before months, as everywhere on the page; the second line stands where it changes. Distances of ticks in milliseconds."""


def _hover_format(every: Window | None) -> str:
    """How the head of a window's hover box says when it begins."""
    return "%a %-d %b %Y, %H:%M" if every is not None and every.unit in ("m", "h") else "%a %-d %b %Y"


def base_layout(data: ChartData, *, timed: bool) -> dict[str, object]:
    """What all figures share. `uirevision` keeps zoom and legend through refreshes of the same selection."""
    theme: Theme = data.theme
    ink = INK[theme]
    axis = {
        "gridcolor": ink["grid"],
        "zeroline": False,
        "linecolor": ink["grid"],
        "automargin": True,
        "separatethousands": True,
    }
    layout: dict[str, object] = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter, system-ui, -apple-system, 'Segoe UI', sans-serif", "size": 12, "color": ink["text"]},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {
            "bgcolor": ink["paper"],
            "bordercolor": ink["grid"],
            "font": {"color": ink["text"]},
            "namelength": -1,
        },
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
            **axis, "type": "date", "showgrid": False, "tickformatstops": _DATES, "hoverformat": _hover_format(data.answer.every),
            "title": {"text": data.answer.timezone, "font": {"size": 10, "color": ink["faint"]}},
        }  # fmt: skip
        annotate(layout, data.annotations, data.answer, theme)
        absence.mark(layout, data.answer, theme)
        episodes.mark(layout, data.episodes, data.answer, theme)
        goals.mark(layout, data.goals, theme)
    return layout


def is_empty(answer: Answer) -> bool:
    """Nothing measured in the range: no rows, or only windows without a value."""
    values = answer.rows["value"]
    known = values[~np.isnan(values)]
    return not len(known) or (answer.metric.counts and not known.any())

"""Steps in their own order: how many posts got how far, and how long they took."""

from __future__ import annotations

from datetime import timedelta
from math import isnan

from layouts.charts.figure import Figure
from layouts.charts.figures import crossed
from layouts.charts.marks import bar_width, base_layout, named_axis, number_format, number_places
from layouts.charts.model import ChartData
from layouts.charts.palette import accent, readable
from layouts.formats import length
from layouts.value_names import aggregate_name

_ROOM = 1.25
"""How far beyond its longest bar a picture reaches: what is written behind it has room on a phone, too."""


def funnel_bars(data: ChartData) -> Figure:
    """A bar for the main metric and for each of `also`, from top to bottom, each with its share of the first."""
    answers = [data.answer, *data.also.values()]
    values = [float(answer.frame["value"].sum()) for answer in answers]
    whole = values[0]
    shares = [f" · {100 * value / whole:.0f} %" if whole else "" for value in values]
    names = [answer.metric.title + share for answer, share in zip(answers, shares, strict=True)]
    figure = Figure()
    figure.add_bar(
        x=values[::-1], y=names[::-1], orientation="h", name=data.answer.metric.unit,
        customdata=[[None, "", ""]] * len(values), width=bar_width(len(values)),
        marker={"color": [accent(data.theme)] * len(values), "pattern": {"shape": [""] * len(values), "solidity": 0.3}},
        texttemplate="%{x:" + number_format(data) + "}", textposition=number_places(names, values)[::-1], textangle=0, cliponaxis=False,
        insidetextfont={"color": readable(accent(data.theme))},
        hovertemplate="%{y}: %{x:" + number_format(data) + "} " + data.answer.metric.unit + "<extra></extra>",
    )  # fmt: skip
    layout = base_layout(data, timed=False)
    layout["yaxis"] = {"automargin": True, "showgrid": False, "type": "category", "ticklabelstandoff": 5}
    layout["xaxis"] = {**layout["xaxis"], "rangemode": "tozero",  # type: ignore[dict-item]
                       "title": {"text": data.answer.metric.unit, "font": {"size": 11}}}  # fmt: skip
    figure.update_layout(**layout, showlegend=False)
    return figure


def step_times(data: ChartData) -> Figure:
    """For each step, from top to bottom, the aggregates asked for: `also` names metrics, each under several aggregates. Hours are
    written as people say them, so that minutes can be read beside weeks."""
    answers = [data.answer, *data.also.values()]
    aggregates = list(dict.fromkeys(answer.aggregate for answer in answers))
    figure = Figure()
    for place, aggregate in reversed(list(enumerate(aggregates))):  # of bars that lie the last stands on top
        own = [answer for answer in reversed(answers) if answer.aggregate == aggregate]
        values = [_only(answer.frame["value"].tolist()) for answer in own]
        figure.add_bar(
            x=values, y=[answer.metric.title for answer in own], orientation="h", name=aggregate_name(aggregate),
            text=[_said(value) for value in values], textposition="outside", textangle=0, cliponaxis=False,
            customdata=[[None, "", ""]] * len(own), marker={"color": accent(data.theme, place)},
            hovertemplate="%{y}: %{text}<extra>" + aggregate_name(aggregate) + "</extra>",
        )  # fmt: skip
    layout = base_layout(data, timed=False)
    title = {"text": data.answer.metric.unit, "font": {"size": 11}}
    longest = max((value for trace in figure.data for value in trace["x"] if not isnan(value)), default=1.0)
    scale = {"rangemode": "tozero", "range": [0, longest * _ROOM], "title": title}
    layout |= {
        "yaxis": named_axis(figure.data[0]["y"]), "xaxis": {**layout["xaxis"], **scale},  # type: ignore[dict-item]
        "legend": {**layout["legend"], "traceorder": "reversed"},  # type: ignore[dict-item]
    }  # fmt: skip
    figure.update_layout(**layout, barmode="group", showlegend=True)
    return figure


def _said(hours: float) -> str:
    return "" if isnan(hours) else length(timedelta(hours=hours))


def ordered_matrix(data: ChartData) -> Figure:
    """Two dimensions crossed, the second in its declared order. A click filters by both."""
    answer = data.answer
    down, across = answer.by
    source = answer.metric.source
    declared = source.field(across).values if source.has_field(across) else ()
    found = dict.fromkeys(str(value) for value in answer.frame[across])
    columns = [value for value in declared if value in found] + [value for value in found if value not in declared]
    grid = answer.frame.pivot_table(index=down, columns=across, values="value", aggfunc="sum", sort=False)
    grid = grid.reindex(columns=columns)
    return crossed(data, grid)


def _only(values: list[float]) -> float:
    return values[0] if values else float("nan")

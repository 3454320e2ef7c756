"""The few shapes charts are drawn in: pure functions from data to a figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from layouts.charts.compared import compared_marks
from layouts.charts.figure import Figure
from layouts.charts.marks import (
    adds_up,
    bar_width,
    base_layout,
    clock_texts,
    columns_axis,
    custom_data,
    largest_groups,
    named_axis,
    number_format,
    number_places,
)
from layouts.charts.model import ChartData
from layouts.charts.palette import INK, PATTERN, accent, colours, meaning, numbered_ramp, readable
from layouts.charts.summary import labelled
from layouts.labels import shortened
from layouts.value_names import WEEKDAYS, name_of
from metricstore import nothing
from metricstore.evaluation import Answer
from metricstore.grid import Grid
from metricstore.time_parts import HOURS, TIME_PARTS

MOST_BARS = 12
MOST_NAMED = 44
"""Letters of a name in the legend."""


def stacked_bars(data: ChartData) -> Figure:
    """Counts per window, a colour per group, the compared period as a dotted line of totals."""
    answer = data.answer
    parts, rest, left = largest_groups(answer)
    colour = colours([value for value, _ in parts], data.theme, data.known)
    figure = Figure()
    for value, rows in parts:
        figure.add_bar(
            x=clock_texts(rows, answer.timezone), y=rows["value"],
            name=shortened(name_of(value, answer.by[0]), MOST_NAMED) if answer.by else answer.metric.title,
            customdata=custom_data(answer, rows, value),
            marker={"color": colour[value] if answer.by else accent(data.theme),
                    "pattern": {"shape": PATTERN.get(value, ""), "solidity": 0.3, "size": 5}},
            hovertemplate="%{y:" + number_format(data) + "}",
        )  # fmt: skip
    if rest is not None:
        figure.add_bar(
            x=clock_texts(rest, answer.timezone), y=rest["value"], name=f"the other {left}",
            customdata=[[None, *mark[1:]] for mark in custom_data(answer, rest, "")],
            marker={"color": INK[data.theme]["faint"]}, hovertemplate="%{y:" + number_format(data) + "}",
        )  # fmt: skip
    _add_compared_total(figure, data)
    figure.update_layout(**base_layout(data, timed=True), barmode="stack", showlegend=len(parts) > 1)
    _say_left_out(figure, data, left if rest is None else 0)
    return figure


def lines(data: ChartData) -> Figure:
    """A line per group; the compared period dashed in the same colour. Missing windows leave a gap."""
    answer = data.answer
    parts, rest, left = largest_groups(answer)
    colour = colours([value for value, _ in parts], data.theme, data.known)
    figure = Figure()
    for value, rows in parts:
        shade = colour[value] if answer.by else accent(data.theme)
        _add_line(figure, data, answer, rows, name=shortened(name_of(value, answer.by[0]), MOST_NAMED) if answer.by else answer.metric.title,
                  value=value, colour=shade)  # fmt: skip
    if rest is not None:
        _add_line(
            figure,
            data,
            replace(answer, by=()),
            rest,
            name=f"the other {left}",
            value="",
            colour=INK[data.theme]["faint"],
        )
    figure.update_layout(**base_layout(data, timed=True), showlegend=len(figure.data) > 1)
    _say_left_out(figure, data, left if rest is None else 0)
    return figure


def _say_left_out(figure: Figure, data: ChartData, count: int) -> None:
    """Series that do not add up have no rest: how many are not drawn is said below the axis, where no mark is."""
    if count:
        title = figure.layout["xaxis"]["title"]
        figure.layout["xaxis"]["title"] = {**title, "text": f"{title['text']} · and {count} more, in the table"}


def percentile_lines(data: ChartData) -> Figure:
    """One group, several aggregates or several metrics: the main answer and each of `also`."""
    figure = Figure()
    for place, (label, answer) in enumerate(labelled(data)):
        _add_line(figure, data, answer, answer.rows, name=label, value="", colour=accent(data.theme, place))
    figure.update_layout(**base_layout(data, timed=True), showlegend=True)
    return figure


def _add_line(
    figure: Figure, data: ChartData, answer: Answer, rows: Grid, *, name: str, value: str, colour: str
) -> None:
    times = clock_texts(rows, answer.timezone)
    few = np.count_nonzero(~np.isnan(rows["value"])) <= 60  # a lone value between gaps shows as a marker only
    behind = {"text": [f"n = {n:,.0f}" for n in rows[nothing.NUMBER]]} if nothing.NUMBER in rows else {}
    figure.add_scatter(
        x=times, y=rows["value"], name=name, customdata=custom_data(answer, rows, value),
        mode="lines+markers" if few else "lines", line={"color": colour, "width": 2, "shape": "linear"},
        marker={"size": 5}, connectgaps=False, **behind,
        hovertemplate="%{y:" + number_format(data) + "}" + (" (%{text})" if behind else ""),
    )  # fmt: skip
    if "comparison" in rows and not np.isnan(rows["comparison"]).all():
        figure.add_scatter(
            x=times, y=rows["comparison"], name=f"{name}, before", mode="lines", opacity=0.55,
            line={"color": colour, "width": 1.5, "dash": "dot"}, hovertemplate="%{y:" + number_format(data) + "}",
            customdata=compared_marks(data, value if answer.by else None),
        )  # fmt: skip


def _add_compared_total(figure: Figure, data: ChartData) -> None:
    rows = data.answer.rows
    if "comparison" not in rows or np.isnan(rows["comparison"]).all():
        return
    figure.add_scatter(
        x=clock_texts(rows.part(0, 1), data.answer.timezone), y=rows.added_up("comparison"), name="before", mode="lines",
        line={"color": INK[data.theme]["faint"], "width": 1.5, "dash": "dot"},
        hovertemplate="%{y:" + number_format(data) + "}", customdata=compared_marks(data, None),
    )  # fmt: skip


def ranked_bars(data: ChartData) -> Figure:
    """A bar per value, largest on top; the values beyond the twelfth are summed up as one."""
    answer = data.answer
    numbers = answer.rows["value"]
    ranked = np.argsort(-numbers, kind="stable")  # what isn't a number comes last
    ranked = ranked[: np.count_nonzero(~np.isnan(numbers))]
    shown, rest = ranked[:MOST_BARS][::-1], numbers[ranked[MOST_BARS:]]
    values = answer.rows.texts(answer.by[0])[shown].tolist()
    names = [name_of(value, answer.by[0]) for value in values]
    own = _own_colours(data, values)
    figure = Figure()
    figure.add_bar(
        x=numbers[shown], y=names, orientation="h", name=answer.metric.title,
        customdata=[[value, "", ""] for value in values], width=bar_width(len(values)),
        marker={"color": own, "pattern": {"shape": [PATTERN.get(value, "") for value in values], "solidity": 0.3}},
        texttemplate="%{x:" + number_format(data) + "}", textangle=0, cliponaxis=False,
        insidetextfont={"color": [readable(one) for one in own]},
        textposition=number_places(values, numbers[shown]),
        hovertemplate="%{y}: %{x:" + number_format(data) + "} " + answer.metric.unit + "<extra></extra>",
    )  # fmt: skip
    layout = base_layout(data, timed=False)
    layout["yaxis"] = named_axis(names)
    together = f", {rest.sum():{number_format(data)}} together" if adds_up(answer) else ""
    more = f"{len(rest)} more not shown{together}" if len(rest) else ""  # below the axis, where no bar is
    layout["xaxis"] = {**layout["xaxis"], "rangemode": "tozero",  # type: ignore[dict-item]
                       "title": {"text": " · ".join(filter(None, (answer.metric.unit, more))), "font": {"size": 11}}}  # fmt: skip
    figure.update_layout(**layout, showlegend=False)
    return figure


def _own_colours(data: ChartData, values: list[str]) -> list[str]:
    """A rainbow says nothing where bars have their names beside them: only what has a meaning has a colour of its own."""
    return [meaning(value, data.theme) or accent(data.theme) for value in values]


def grouped_bars(data: ChartData) -> Figure:
    """For each value a bar of the main metric and of each of `also`, side by side."""
    figure = Figure()
    answers = (data.answer, *data.also.values())
    for place, answer in enumerate(answers):
        values = answer.rows.texts(answer.by[0]).tolist()
        figure.add_bar(
            x=[name_of(value, answer.by[0]) for value in values], y=answer.rows["value"], name=answer.metric.title,
            customdata=[[value, "", ""] for value in values], marker={"color": accent(data.theme, place)},
            hovertemplate="%{y:" + number_format(data) + "} " + answer.metric.unit + "<extra>" + answer.metric.title
            + "</extra>",
        )  # fmt: skip
    layout = base_layout(data, timed=False)
    layout["xaxis"] = columns_axis(list(dict.fromkeys(name for trace in figure.data for name in trace["x"])))
    if len({answer.metric.unit for answer in answers}) > 1:  # the legend says what each bar counts
        layout["yaxis"] = {**layout["yaxis"], "title": {"text": ""}}  # type: ignore[dict-item]
    figure.update_layout(**layout, barmode="group", showlegend=True)
    return figure


def week_heatmap(data: ChartData) -> Figure:
    """Weekday by hour of the chosen zone: the sum of hourly values in each cell."""
    answer = data.answer
    local = answer.frame["time"].dt.tz_convert(answer.timezone)
    cells = answer.frame.assign(day=local.dt.day_of_week, hour=local.dt.hour).groupby(["day", "hour"])["value"].sum()
    grid = cells.unstack("hour").reindex(index=range(7), columns=range(24))
    figure = Figure()
    figure.add_heatmap(
        z=grid.to_numpy(), x=list(HOURS), y=list(WEEKDAYS), xgap=2, ygap=2,
        colorscale=[[0.0, INK[data.theme]["grid"]], [1.0, accent(data.theme)]], hoverongaps=False,
        colorbar={"thickness": 10, "outlinewidth": 0, "title": {"text": answer.metric.unit, "font": {"size": 11}}},
        customdata=[[[None, "", "", {"weekday": day, "hour": hour}] for hour in HOURS] for day in TIME_PARTS["weekday"]],
        hovertemplate="%{y} %{x}:00 · %{z:" + number_format(data) + "} " + answer.metric.unit + "<extra></extra>",
    )  # fmt: skip
    layout = base_layout(data, timed=False)
    layout["yaxis"] = {"autorange": "reversed", "type": "category", "automargin": True, "showgrid": False}
    layout["xaxis"] = {"type": "category", "automargin": True, "showgrid": False,
                       "title": {"text": f"hour, {answer.timezone}", "font": {"size": 10}}}  # fmt: skip
    figure.update_layout(**layout, showlegend=False)
    return figure


def matrix(data: ChartData) -> Figure:
    """Two dimensions crossed: the first down, the second across, the value in the cell. A click filters by both."""
    answer = data.answer
    down, across = answer.by
    grid = answer.frame.pivot_table(index=down, columns=across, values="value", aggfunc="sum", sort=False)
    return crossed(data, grid)


def crossed(data: ChartData, grid: pd.DataFrame) -> Figure:
    """A cell for each pair of a row's and a column's value, with its number; of a single row or column bars, which show more."""
    if 1 in grid.shape:
        return _in_line(data, grid)
    down, across = data.answer.by
    rows, columns = ([str(value) for value in values] for values in (grid.index, grid.columns))
    left, below = [name_of(value, down) for value in rows], [name_of(value, across) for value in columns]
    colourscale, ink = numbered_ramp(data.theme)
    figure = Figure()
    figure.add_heatmap(
        z=grid.to_numpy(), x=below, y=left, xgap=2, ygap=2, colorscale=colourscale, showscale=False, hoverongaps=False,
        texttemplate="%{z:" + number_format(data) + "}", textfont={"color": ink},
        customdata=[[[None, "", "", {down: value, across: other}] for other in columns] for value in rows],
        hovertext=[[f"{row}, {column}" for column in below] for row in left],
        hovertemplate="%{hovertext}: %{z:" + number_format(data) + "} " + data.answer.metric.unit + "<extra></extra>",
    )  # fmt: skip
    layout = base_layout(data, timed=False)
    layout |= {"yaxis": named_axis(left), "xaxis": columns_axis(below)}
    figure.update_layout(**layout, showlegend=False)
    return figure


def _in_line(data: ChartData, grid: pd.DataFrame) -> Figure:
    """A bar for each value of one dimension, from top to bottom; the other one's only value stands below the axis."""
    down, across = data.answer.by
    many, one, only = (down, across, grid.columns[0]) if grid.shape[1] == 1 else (across, down, grid.index[0])
    values = [str(value) for value in (grid.index if many == down else grid.columns)][::-1]
    names, only = [name_of(value, many) for value in values], str(only)
    numbers = grid.to_numpy().ravel()[::-1]
    unit, form, own = data.answer.metric.unit, number_format(data), _own_colours(data, values)
    figure = Figure()
    figure.add_bar(
        x=numbers, y=names, orientation="h", name=data.answer.metric.title, width=bar_width(len(values)),
        customdata=[[None, "", "", {many: value, one: only}] for value in values],
        marker={"color": own, "pattern": {"shape": [PATTERN.get(value, "") for value in values], "solidity": 0.3}},
        texttemplate="%{x:" + form + "}", textangle=0, cliponaxis=False,
        textposition=number_places(values, numbers),
        insidetextfont={"color": [readable(one) for one in own]},
        hovertemplate="%{y}: %{x:" + form + "} " + unit + "<extra></extra>",
    )  # fmt: skip
    layout = base_layout(data, timed=False)
    title = {"text": f"{unit} · {name_of(only, one)}", "font": {"size": 11}}
    layout |= {"yaxis": named_axis(names), "xaxis": {**layout["xaxis"], "rangemode": "tozero", "title": title}}  # type: ignore[dict-item]
    figure.update_layout(**layout, showlegend=False)
    return figure

"""Bars in the order of a scale, not of their size."""

from __future__ import annotations

from layouts.charts.figure import Figure
from layouts.charts.marks import base_layout, columns_axis, number_format
from layouts.charts.model import ChartData
from layouts.charts.palette import accent
from layouts.value_names import name_of


def ordered_bars(data: ChartData) -> Figure:
    """A bar for each declared value of the dimension, in its declared order; what is not declared comes last.

    A declared value that did not occur is 0 where things are counted; otherwise it has no bar.
    """
    answer = data.answer
    column = answer.by[0]
    found = {str(value): float(number) for value, number in zip(answer.frame[column], answer.frame["value"], strict=True)}  # fmt: skip
    declared = answer.metric.source.field(column).values if answer.metric.source.has_field(column) else ()
    counted = answer.metric.counts
    values = [value for value in declared if counted or value in found]
    values += [value for value in found if value not in declared]
    figure = Figure()
    figure.add_bar(
        x=[name_of(value, column) for value in values], y=[found.get(value, 0.0) for value in values], name=answer.metric.title,
        customdata=[[value, "", ""] for value in values], marker={"color": accent(data.theme)},
        texttemplate="%{y:" + number_format(data) + "}", textposition="outside", cliponaxis=False,
        hovertemplate="%{x}: %{y:" + number_format(data) + "} " + answer.metric.unit + "<extra></extra>",
    )  # fmt: skip
    layout = base_layout(data, timed=False)
    layout["xaxis"] = columns_axis(figure.data[0]["x"])
    figure.update_layout(**layout, showlegend=False)
    return figure

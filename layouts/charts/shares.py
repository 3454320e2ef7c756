"""Shares by weekday and hour, each cell with the number it rests on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from layouts.charts.figure import Figure
from layouts.charts.marks import base_layout, number_format
from layouts.charts.model import ChartData
from layouts.charts.palette import INK, numbered_ramp
from layouts.formats import counted
from layouts.value_names import WEEKDAYS
from metricstore.evaluation import Answer
from metricstore.metrics import Metric
from metricstore.time_parts import HOURS, TIME_PARTS

FEW = 10
"""Cells that rest on fewer are grey: no advice follows from them."""
_PALEST = 0.25
"""How much colour the lowest share has, so that it is not taken for grey."""
Grid = npt.NDArray[np.float64]
Places = npt.NDArray[np.integer]


def share_heatmap(data: ChartData) -> Figure:
    """Weekday by hour, of the chosen zone or, asked by two columns that hold them, of the channel's: the sum of the first
    of `also` over that of the second, in the main metric's unit. The number in a cell is the last of `also`: how many it
    rests on."""
    upper, lower, *_ = grids = [week_grid(answer) for answer in data.also.values()]
    resting = grids[-1]
    share = np.divide(upper, lower, out=np.full(lower.shape, np.nan), where=lower > 0) * data.answer.metric.scale
    figure = Figure()
    _add_cells(figure, data, np.where(resting >= FEW, share, np.nan), share, resting)
    _add_cells(figure, data, np.where((resting > 0) & (resting < FEW), 0.0, np.nan), share, resting, few=True)
    layout = base_layout(data, timed=False)
    layout["yaxis"] = {"autorange": "reversed", "type": "category", "automargin": True, "showgrid": False}
    layout["xaxis"] = {"type": "category", "automargin": True, "showgrid": False,
                       "title": {"text": f"{_whose_hour(data.answer)} · the number is how many {_counted(data).unit}, the colour the share", "font": {"size": 10}}}  # fmt: skip
    figure.update_layout(**layout, showlegend=False)
    return figure


def _counted(data: ChartData) -> Metric:
    """What the number in a cell counts."""
    return list(data.also.values())[-1].metric


def week_grid(answer: Answer) -> Grid:
    """Sums, a row for each weekday (Monday first), a column for each hour; 0 where there are none. What was asked by
    columns and has nothing in them is in no cell."""
    days, hours = _of_columns(answer) if answer.by else _of_time(answer)
    placed = (days >= 0) & (hours >= 0)
    grid = np.zeros((7, 24))
    np.add.at(grid, (days[placed], hours[placed]), answer.frame["value"].fillna(0.0).to_numpy()[placed])
    return grid


def _of_time(answer: Answer) -> tuple[Places, Places]:
    """Rows and columns of windows, on the chosen zone's clock."""
    local = answer.frame["time"].dt.tz_convert(answer.timezone).dt
    return local.day_of_week.to_numpy(), local.hour.to_numpy()


def _of_columns(answer: Answer) -> tuple[Places, Places]:
    """Rows and columns of groups by weekday and hour; -1 where there is none."""
    day, hour = (
        pd.Index(values).get_indexer(pd.Index(answer.frame[name]))
        for name, values in zip(answer.by, TIME_PARTS.values(), strict=True)
    )
    return day, hour


def _whose_hour(answer: Answer) -> str:
    return "hour in the channel's own time zone" if answer.by else f"hour, {answer.timezone}"


def _add_cells(figure: Figure, data: ChartData, shown: Grid, share: Grid, resting: Grid, *, few: bool = False) -> None:
    """Cells as a trace of their own: coloured by their share, or grey because they rest on too few."""
    grey = INK[data.theme]["grid"]
    colourscale, ink = numbered_ramp(data.theme, _PALEST)
    by_day, by_hour = data.answer.by or tuple(TIME_PARTS)
    figure.add_heatmap(
        z=shown, x=list(HOURS), y=list(WEEKDAYS), xgap=2, ygap=2, hoverongaps=False,
        colorscale=[[0.0, grey], [1.0, grey]] if few else colourscale, textfont={"color": ink},
        showscale=bool(not few and np.isfinite(shown).any()), colorbar={"thickness": 10, "outlinewidth": 0, "title": {"text": data.answer.metric.unit, "font": {"size": 11}}},
        text=_numbers(shown, resting), texttemplate="%{text}",
        hovertext=_words(data, share, resting), hovertemplate="%{y} %{x}:00 · %{hovertext}<extra></extra>",
        customdata=[[[None, "", "", {by_day: day, by_hour: hour}] for hour in HOURS] for day in TIME_PARTS["weekday"]],
    )  # fmt: skip


def _numbers(shown: Grid, resting: Grid) -> list[list[str]]:
    """How many each cell rests on, where this trace shows it."""
    return [
        [f"{number:,.0f}" if np.isfinite(cell) and number else "" for cell, number in zip(*row, strict=True)]
        for row in zip(shown, resting, strict=True)
    ]


def _words(data: ChartData, share: Grid, resting: Grid) -> list[list[str]]:
    """What is said of a cell: `98.2 % of 41 posts`, and that this is too few where it is."""
    metric, resting_on = data.answer.metric, _counted(data)
    form = number_format(data)

    def said(value: float, number: float) -> str:
        told = f"{value:{form}} {metric.unit}" if np.isfinite(value) else "–"
        of = f"{number:,.0f}"
        return f"{told} of {of} {counted(of, resting_on.unit)}" + ("" if number >= FEW else ": too few to judge")

    return [
        [said(value, number) for value, number in zip(*row, strict=True)] for row in zip(share, resting, strict=True)
    ]

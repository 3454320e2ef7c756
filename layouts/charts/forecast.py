"""A month's spending so far, where it is heading (`metricstore.forecast`), and the budget it should stay within."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pandas as pd

from layouts.charts.figure import Figure
from layouts.charts.marks import base_layout, custom_data, number_format, wall_clock
from layouts.charts.model import ChartData
from layouts.charts.palette import INK, accent
from metricstore.assumptions import ASSUMPTIONS
from metricstore.forecast import LEAST_DAYS, forecast, month_end
from metricstore.nothing import KINDS, NOT_COLLECTED

BUDGET = "ai_budget"


def month_spending(data: ChartData) -> Figure:
    """Cumulated from the first of the month, the forecast dotted, its bounds faint, the budget as a level line."""
    rows, costs, today = _month(data)
    figure = Figure()
    times = wall_clock(rows["time"], data.answer.timezone)
    form = "%{y:" + number_format(data) + "} " + data.answer.metric.unit
    figure.add_scatter(
        x=times, y=rows["value"].fillna(0).cumsum(), name="spent", mode="lines+markers",
        line={"color": accent(data.theme), "width": 2}, marker={"size": 4},
        customdata=custom_data(data.answer, rows, ""), hovertemplate=form,
    )  # fmt: skip
    found = forecast(costs, today)
    spent = float(rows["value"].fillna(0).sum())
    ends = [today.isoformat(), month_end(today).isoformat()]
    if found is not None:
        for name, value, width in (
            ("expected", found.expected, 2.0),
            ("low", found.low, 1.0),
            ("high", found.high, 1.0),
        ):
            figure.add_scatter(
                x=ends, y=[spent, value], name=name, mode="lines", opacity=1.0 if name == "expected" else 0.6,
                line={"color": accent(data.theme), "width": width, "dash": "dot"}, customdata=[[None, "", ""]] * 2,
                hovertemplate=form,
            )  # fmt: skip
    if budget := data.selection.assume[BUDGET]:
        figure.add_scatter(
            x=[today.replace(day=1).isoformat(), ends[1]], y=[budget, budget], name="budget", mode="lines",
            line={"color": INK[data.theme]["faint"], "width": 1.5}, customdata=[[None, "", ""]] * 2, hovertemplate=form,
        )  # fmt: skip
    figure.update_layout(**base_layout(data, timed=True), showlegend=True)
    # What the time before the month lacks is no part of the picture.
    figure.layout["shapes"] = [shape for shape in figure.layout.get("shapes", ()) if shape.get("name") not in KINDS]
    figure.layout["xaxis"]["range"] = [
        today.replace(day=1).isoformat(),
        (month_end(today) + timedelta(days=1)).isoformat(),
    ]
    return figure


def month_outlook(data: ChartData) -> str:
    """`12.40 USD spent; 16.10 USD expected by 30 Nov, between 15.20 and 17.00 in four months of five; 64 % of the budget.`"""
    rows, costs, today = _month(data)
    spent, unit, places = float(rows["value"].fillna(0).sum()), data.answer.metric.unit, 2
    said = f"{spent:,.{places}f} {unit} spent this month"
    found, budget = forecast(costs, today), data.selection.assume[BUDGET]
    if found is None:
        return f"{said}; too few days for a forecast, {LEAST_DAYS} are needed."
    end = month_end(today)
    said += f"; {found.expected:,.{places}f} expected by {end.day} {end:%b}"
    low, high = (f"{bound:,.{places}f}" for bound in (found.low, found.high))
    said += f", four times in five between {low} and {high}" if low != high else ""
    if not budget:
        return f"{said}. No budget is set: “{ASSUMPTIONS[BUDGET].title}” on the page AI usage & cost."
    verdict = (
        "over it even at best"
        if found.low > budget
        else "within it even at worst"
        if found.high <= budget
        else "it may not hold"
    )
    return f"{said}; budget {budget:,.{places}f}: {verdict}."


def _month(data: ChartData) -> tuple[pd.DataFrame, dict[date, float], date]:
    """(rows of this month, cost by day of the zone, today). A day on which nothing was priced has cost nothing;
    days that were not collected are left out."""
    frame = data.answer.frame
    local = frame["time"].dt.tz_convert(data.answer.timezone)
    today = data.answer.stop.astimezone(local.dt.tz).date()
    days = local.dt.date
    known = data.answer.why != NOT_COLLECTED
    costs = {
        day: 0.0 if math.isnan(cost) else float(cost)
        for day, cost in zip(days[known], frame["value"][known], strict=True)
    }
    inside = (days >= today.replace(day=1)) & known
    return frame[inside], costs, today

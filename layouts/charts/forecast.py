"""A month's spending so far, where it is heading, and the budget it should stay within.

Forecast: each day to come costs what its weekday cost on average in the last 28 whole days, today at least what it has
cost already. Uncertainty: days vary about their weekday's mean by a standard deviation, those to come independently;
four months in five end within 1.28 of it times the square root of their number.
"""

from __future__ import annotations

import math
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from layouts.charts.figure import Figure
from layouts.charts.marks import base_layout, custom_data, number_format, wall_clock
from layouts.charts.model import ChartData
from layouts.charts.palette import INK, accent
from metricstore.nothing import KINDS, NOT_COLLECTED

LOOK_BACK = 28
LEAST_DAYS = 14
_FOUR_IN_FIVE = 1.2816
BUDGET = "ai_budget"


@dataclass(frozen=True)
class Forecast:
    """Of the month's end. `low` and `high` hold four months in five."""

    expected: float
    low: float
    high: float


def forecast(costs: dict[date, float], today: date) -> Forecast | None:
    """From the cost of each day (0 where nothing was spent); None where fewer than 14 whole days are known."""
    known = {day: cost for day, cost in costs.items() if today - timedelta(days=LOOK_BACK) <= day < today}
    if len(known) < LEAST_DAYS:
        return None
    means = {weekday: _mean([cost for day, cost in known.items() if day.weekday() == weekday]) for weekday in range(7)}
    spread = math.sqrt(_mean([(cost - means[day.weekday()]) ** 2 for day, cost in known.items()]))
    spent = sum(cost for day, cost in costs.items() if (day.year, day.month) == (today.year, today.month))
    left = [today + timedelta(days=ahead) for ahead in range(_end(today).day - today.day + 1)]
    coming = [means[day.weekday()] for day in left]
    coming[0] = max(0.0, coming[0] - costs.get(today, 0.0))
    expected, about = spent + sum(coming), _FOUR_IN_FIVE * spread * math.sqrt(len(left))
    return Forecast(expected, max(spent, expected - about), expected + about)


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
    ends = [today.isoformat(), _end(today).isoformat()]
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
    figure.layout["xaxis"]["range"] = [today.replace(day=1).isoformat(), (_end(today) + timedelta(days=1)).isoformat()]
    return figure


def month_outlook(data: ChartData) -> str:
    """`12.40 USD spent; 16.10 USD expected by 30 Nov, between 15.20 and 17.00 in four months of five; 64 % of the budget.`"""
    rows, costs, today = _month(data)
    spent, unit, places = float(rows["value"].fillna(0).sum()), data.answer.metric.unit, 2
    said = f"{spent:,.{places}f} {unit} spent this month"
    found, budget = forecast(costs, today), data.selection.assume[BUDGET]
    if found is None:
        return f"{said}; too few days for a forecast, {LEAST_DAYS} are needed."
    end = _end(today)
    said += f"; {found.expected:,.{places}f} expected by {end.day} {end:%b}, four times in five between {found.low:,.{places}f} and {found.high:,.{places}f}"
    if not budget:
        return f"{said}. No budget is set (assumption {BUDGET})."
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


def _end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0

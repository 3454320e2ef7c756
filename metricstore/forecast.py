"""A month's spending ahead, from that of its days.

Each day to come costs what its weekday cost on average in the last 28 whole days, today at least what it has cost already. Uncertainty: days
vary about their weekday's mean by a standard deviation, those to come independently; four months in five end within 1.28 of it
times the square root of their number.
"""

from __future__ import annotations

import math
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

LOOK_BACK = 28
LEAST_DAYS = 14
_FOUR_IN_FIVE = 1.2816


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
    left = [today + timedelta(days=ahead) for ahead in range(month_end(today).day - today.day + 1)]
    coming = [means[day.weekday()] for day in left]
    coming[0] = max(0.0, coming[0] - costs.get(today, 0.0))
    expected, about = spent + sum(coming), _FOUR_IN_FIVE * spread * math.sqrt(len(left))
    return Forecast(expected, max(spent, expected - about), expected + about)


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0

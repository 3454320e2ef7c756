"""What is used up of something: a month's budget, and an allowance of failures. Pure.

A budget looks at each day's figures: what the month is expected to bring, and what it will bring even at best. An allowance is so many
in 28 days; three days and one day are looked at as a share of it. Numbers and not rates: of ten posts a day, one that fails is
no rate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import isnan, nan

from alerting.course import Look
from metricstore import nothing
from metricstore.forecast import forecast
from metricstore.windows import zone

_ALWAYS = datetime.max.replace(tzinfo=UTC)
SHORT, LONG = timedelta(days=1), timedelta(days=3)
"""Of an allowance: what `page` and what `fire` look at."""


def budgets(days: Sequence[Look], timezone: str, until: datetime = _ALWAYS) -> list[Look]:
    """The same days: `value` is what their month is expected to bring, by what was known when they ended, `raising` what it will even
    at best; of a day that ends after `until` both are what the month has cost already. A day without records has cost nothing, one
    that was not collected is left out."""
    tz, costs, found = zone(timezone), dict[date, float](), []
    for day in days:
        if day.why not in ("", nothing.NO_RECORDS):
            found.append(day)
            continue
        costs[day.opened.astimezone(tz).date()] = 0.0 if isnan(day.value) else day.value
        over = day.closed <= until
        today = (day.closed if over else day.opened).astimezone(tz).date()
        expected, least = _ahead(costs, today) if over else (_spent(costs, today), _spent(costs, today))
        why = nothing.TOO_FEW if isnan(expected) else ""
        found.append(day._replace(value=expected, measured=expected, raising=least, why=why, period=f"{today:%Y-%m}"))
    return found


def _ahead(costs: dict[date, float], today: date) -> tuple[float, float]:
    """What the month of `today` is expected to bring, and what it will even at best; NaN where too little is known."""
    found = forecast(costs, today)
    return (found.expected, found.low) if found else (nan, nan)


def _spent(costs: dict[date, float], today: date) -> float:
    return sum(cost for day, cost in costs.items() if (day.year, day.month) == (today.year, today.month))


def burns(windows: Sequence[Look], allowance: float, timezone: str) -> list[Look]:
    """The same windows: `value` is how many there were in LONG until their end, `measured` and `raising` what share of the allowance
    LONG and SHORT used, in percent."""
    tz, found = zone(timezone), []
    within: deque[tuple[datetime, float]] = deque()
    """By the clock on the wall: three days are three, over a clock change too."""
    for window in windows:
        if window.why not in ("", nothing.NO_RECORDS):
            found.append(window)
            continue
        opened, closed = (moment.astimezone(tz).replace(tzinfo=None) for moment in (window.opened, window.closed))
        within.append((opened, 0.0 if isnan(window.value) else window.value))
        while within[0][0] < closed - LONG:
            within.popleft()
        used = sum(count for _, count in within)
        lately = sum(count for begun, count in within if begun >= closed - SHORT)
        found.append(
            window._replace(value=used, measured=100 * used / allowance, raising=100 * lately / allowance, why="")
        )
    return found

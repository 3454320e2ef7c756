"""Days of a metric, as rules of the briefing see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import isnan
from typing import NamedTuple

from metricstore import nothing
from metricstore.grid import Grid
from metricstore.point import moment
from metricstore.windows import Window, zone

LOOK_BACK = timedelta(weeks=10)
"""What is usual, and what weekdays bring, is taken from so long before."""
_DAY = Window(1, "d")


class Day(NamedTuple):
    """[opened, closed) on the zone's calendar; `value` is NaN where `why` names a kind of nothing."""

    opened: datetime
    closed: datetime
    weekday: int
    value: float
    why: str = ""

    @property
    def known(self) -> bool:
        return not isnan(self.value)

    def part(self, start: datetime, stop: datetime) -> float:
        """How much of the day lies in [start, stop): 0 to 1."""
        inside = min(self.closed, stop) - max(self.opened, start)
        return max(inside, timedelta(0)) / (self.closed - self.opened)


def days_of(rows: Grid, timezone: str) -> list[Day]:
    """From an answer in windows of a day without groups."""
    place = zone(timezone)
    opened = list(map(moment, rows.starts.tolist()))
    closed = [*opened[1:], *(_DAY.next(last, place) for last in opened[-1:])]
    weekdays = [one.astimezone(place).weekday() for one in opened]
    return list(map(Day, opened, closed, weekdays, rows["value"].tolist(), rows[nothing.COLUMN].tolist()))


def calendar_days(start: datetime, stop: datetime, timezone: str) -> list[Day]:
    """The days that touch [start, stop), without values."""
    place, found = zone(timezone), []
    opened = _DAY.floor(start, place)
    while opened < stop:
        closed = _DAY.next(opened, place)
        found.append(Day(opened, closed, opened.astimezone(place).weekday(), float("nan")))
        opened = closed
    return found


def total(days: Iterable[Day]) -> float:
    """Of the days that are known; NaN where none is."""
    values = [day.value for day in days if day.known]
    return sum(values) if values else float("nan")


def weights(before: Sequence[Day]) -> tuple[float, ...]:
    """What each weekday, Monday first, brought on average; all alike where nothing is known of one, or nothing came."""
    found = []
    for weekday in range(7):
        values = [day.value for day in before if day.weekday == weekday and day.known]
        if not values:
            return (1.0,) * 7
        found.append(sum(values) / len(values))
    return tuple(found) if sum(found) > 0 else (1.0,) * 7

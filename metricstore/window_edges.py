"""Where the windows of a range begin."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from metricstore.bounded_cache import BoundedCache
from metricstore.errors import InvalidQuestion
from metricstore.memory_budget import SHARES
from metricstore.point import moment, nanoseconds
from metricstore.windows import MAX_WINDOWS, Window, zone

Integers = npt.NDArray[np.int64]
_TICK = timedelta(microseconds=1)
_DAY = Window(1, "d")


def edges(start: datetime, stop: datetime, every: Window, timezone: str) -> list[datetime]:
    """Nominal starts (UTC) of all windows that touch [start, stop), ascending."""
    return list(edge_tuple(start, stop, every, timezone))


def edge_tuple(start: datetime, stop: datetime, every: Window, timezone: str) -> tuple[datetime, ...]:
    """As `edges`, the same tuple for every range that touches the same windows."""
    return _touched(start, stop, every, timezone).moments


def edge_numbers(start: datetime, stop: datetime, every: Window, timezone: str) -> Integers:
    """As `edge_tuple`, in nanoseconds; not to be written to."""
    return _touched(start, stop, every, timezone).numbers


@dataclass(frozen=True, slots=True)
class _Edges:
    moments: tuple[datetime, ...]
    numbers: Integers

    @property
    def size(self) -> int:
        """Bytes: of a year of hours half a megabyte."""
        return 500 + 64 * len(self.moments)


_kept: BoundedCache[Hashable, _Edges] = BoundedCache(SHARES["windows"], lambda edges: edges.size)


def _touched(start: datetime, stop: datetime, every: Window, timezone: str) -> _Edges:
    expected = (stop - start).total_seconds() / every.seconds
    if expected > MAX_WINDOWS:
        raise InvalidQuestion("every", f"{every} would give {expected:,.0f} windows, more than {MAX_WINDOWS:,}")
    key = (*_outermost(nanoseconds(start), nanoseconds(stop), every, timezone), every, timezone)
    known = _kept.get(key)
    if known is None:
        known = _edges(*key)
        _kept.keep(key, known)
    return known


@lru_cache(maxsize=1_000)  # a page asks the same ranges a hundred times
def _outermost(start: int, stop: int, every: Window, timezone: str) -> tuple[datetime, datetime]:
    """Begin of the first and of the last window."""
    tz = zone(timezone)
    return every.floor(moment(start), tz), every.floor(moment(stop) - _TICK, tz)


def _edges(first: datetime, last: datetime, every: Window, timezone: str) -> _Edges:
    moments = _days(first, last, timezone) if every == _DAY else _stepped(first, last, every, timezone)
    numbers = np.fromiter(map(nanoseconds, moments), dtype=np.int64, count=len(moments))
    numbers.flags.writeable = False
    return _Edges(moments, numbers)


def _days(first: datetime, last: datetime, timezone: str) -> tuple[datetime, ...]:
    tz = zone(timezone)
    years = range(first.astimezone(tz).year, last.astimezone(tz).year + 1)
    days = [day for year in years for day in _days_of_year(year, timezone)]
    return tuple(days[bisect_left(days, first) : bisect_right(days, last)])


@lru_cache(maxsize=64)  # they are in most questions, and each takes a quarter of a millisecond a month to step through
def _days_of_year(year: int, timezone: str) -> tuple[datetime, ...]:
    tz = zone(timezone)
    first, following = (_DAY.floor(datetime(one, 1, 1, tzinfo=tz), tz) for one in (year, year + 1))
    return tuple(day for day in _stepped(first, following, _DAY, timezone) if day < following)


def _stepped(first: datetime, last: datetime, every: Window, timezone: str) -> tuple[datetime, ...]:
    tz = zone(timezone)
    found = [first]
    while found[-1] < last:
        found.append(every.next(found[-1], tz))
    return tuple(found)

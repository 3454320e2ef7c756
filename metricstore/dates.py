"""Dates among instants: a point whose source gives a date and no time of day counts on that date in every time zone.

It is stored at 00:00 UTC of its date; the nanoseconds behind that name it. A question in a zone finds it where that
zone's clock first shows 00:00 of the date or, where the clock is put forward over midnight, more. So it lies in the
day, week and month of its date for everybody, and all that stores do with times works for it unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from metricstore.catalogue import Measurement
from metricstore.point import nanoseconds
from metricstore.time_parts import offsets
from metricstore.windows import Window, zone

Integers = npt.NDArray[np.int64]
DATED = "_dated"
"""Column of records of measurements that hold dates: the stored time (nanoseconds) of each record whose time is a date,
missing for instants."""
DAY = 86_400_000_000_000
_MIDNIGHTS = Window(1, "d")
_MARGIN = 2
"""Days: no zone is further from UTC."""


@dataclass(frozen=True)
class Stretch:
    """Dates stored in [start, stop) nanoseconds, each of which begins in a zone `ahead` nanoseconds before its 00:00 UTC."""

    start: int
    stop: int
    ahead: int


def stretches(start: int, stop: int, timezone: str) -> tuple[Stretch, ...]:
    """Where points are stored that count in [start, stop) nanoseconds in a zone because of their date."""
    found = _stretches(start // DAY - _MARGIN, -(-stop // DAY) + _MARGIN, timezone)
    kept = (Stretch(max(s.start, start + s.ahead), min(s.stop, stop + s.ahead), s.ahead) for s in found)
    return tuple(one for one in kept if one.start < one.stop)


def year_stretches(start: int, stop: int, timezone: str) -> tuple[Stretch, ...]:
    """Stretches of whole years around [start, stop) nanoseconds: the same for most questions of a zone."""
    first, last = _year(start) - 1, _year(stop) + 1
    return _stretches(_new_year(first) // DAY, _new_year(last + 1) // DAY, timezone)


def first_date(moment: int, timezone: str) -> int:
    """The first date (nanoseconds of its 00:00 UTC) that begins in a zone at a moment or later."""
    first = moment // DAY - _MARGIN
    return next(
        day * DAY for day in range(first, first + 2 * _MARGIN + 2) if counted_from(day * DAY, timezone) >= moment
    )


def counted_from(stored: int, timezone: str) -> int:
    """When the date that is stored at `stored` begins in a zone, with the nanoseconds that name the point."""
    day = stored // DAY
    return stored - _stretches(day, day + 1, timezone)[0].ahead


def whole_units(source: Measurement, moment: datetime) -> datetime:
    """No finer than sources give it."""
    unit = {"s": 1_000_000, "ms": 1_000}.get(source.exact, 1)
    return moment - timedelta(microseconds=moment.microsecond % unit)


def known_until(source: Measurement, newest: datetime, timezone: str) -> datetime:
    """How far the newest point of `source` reaches: a date to its end."""
    if isinstance(as_given(source, newest, timezone), datetime):
        return newest + timedelta(microseconds=1)
    return _MIDNIGHTS.next(_MIDNIGHTS.floor(newest, zone(timezone)), zone(timezone))


def as_given(source: Measurement, moment: datetime, timezone: str) -> date | datetime:
    """The time of a point of `source` (see Store.bounds) as its source gives it: a date, or no finer than the source tells."""
    given = whole_units(source, moment)
    place = zone(timezone)
    if source.dates is not None and _MIDNIGHTS.floor(given, place) == given:
        return (given + timedelta(hours=6)).astimezone(place).date()
    return given


def stored_at(times: Integers, timezone: str) -> Integers:
    """The opposite of `counted_from`, of many. Of two dates that begin together, as where a zone left one out, the later."""
    if not len(times):
        return times
    found = times.copy()
    for one in _stretches(int(times.min()) // DAY - _MARGIN, int(times.max()) // DAY + 1 + _MARGIN, timezone):
        inside = (times >= one.start - one.ahead) & (times < one.stop - one.ahead)
        found[inside] = times[inside] + one.ahead
    return found


@lru_cache(maxsize=512)
def _stretches(first: int, last: int, timezone: str) -> tuple[Stretch, ...]:
    """Of all dates from day `first` to before day `last`, counted from 1970."""
    if timezone == "UTC":
        return (Stretch(first * DAY, last * DAY, 0),)
    found: list[Stretch] = []

    def add(stop: int, ahead: int) -> None:
        begin = found[-1].stop if found else first * DAY
        if found and found[-1].ahead == ahead:
            begin = found.pop().start
        found.append(Stretch(begin, stop * DAY, ahead))

    day = first
    for one in offsets((first - _MARGIN) * DAY, (last + _MARGIN) * DAY, timezone):
        while day < last and day * DAY - one.nanoseconds < one.start:  # the clock jumped over its midnight
            add(day + 1, day * DAY - one.start)
            day += 1
        end = min(last, -(-(one.stop + one.nanoseconds) // DAY))
        if end > day:
            add(end, one.nanoseconds)
            day = end
    return tuple(found)


def _year(time: int) -> int:
    return min(max(datetime.fromtimestamp(time // 1_000_000_000, UTC).year, 1680), 2259)


def _new_year(year: int) -> int:
    return nanoseconds(datetime(year, 1, 1, tzinfo=UTC))

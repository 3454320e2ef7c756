"""Parts of a point's time that everything can be filtered by: the weekday and the hour on a zone's wall clock.

No measurement stores them. All stores compute them from the time itself: between two changes of the clock a zone is a
fixed number of seconds away from UTC, so whole-number arithmetic is exact, on days of 23 and 25 hours, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from metricstore.errors import InvalidQuestion
from metricstore.windows import zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = tuple(f"{hour:02d}" for hour in range(24))
TIME_PARTS: dict[str, tuple[str, ...]] = {"weekday": WEEKDAYS, "hour": HOURS}
"""Their values in order; the hour also as a number without its zero."""

_SECOND = 1_000_000_000
_HOUR, _DAY, _WEEK = 3_600 * _SECOND, 86_400 * _SECOND, 7 * 86_400 * _SECOND
_MONDAY = 3 * _DAY
"""The epoch was a Thursday."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cycle:
    """How to get a part from nanoseconds that were moved by `shift` + the zone's offset: `% period // unit`."""

    period: int
    unit: int
    shift: int = 0


CYCLES = {"weekday": Cycle(_WEEK, _DAY, _MONDAY), "hour": Cycle(_DAY, _HOUR)}


@dataclass(frozen=True)
class Offset:
    """[start, stop) in nanoseconds of UTC, over which the zone is `nanoseconds` ahead of UTC."""

    start: int
    stop: int
    nanoseconds: int


def chosen(part: str, operator: str, values: tuple[str | float | int, ...]) -> tuple[int, ...]:
    """The numbers of the values that pass a filter, ascending; InvalidQuestion for what is no such part."""
    known = range(len(TIME_PARTS[part]))
    if operator == "contains":
        raise InvalidQuestion(part, "can be chosen or excluded, not searched")
    numbers = [_number(part, value) for value in values]
    if operator == "any":
        return tuple(sorted(set(numbers)))
    if operator == "none":
        return tuple(number for number in known if number not in numbers)
    return tuple(n for n in known if (n >= numbers[0] if operator == "min" else n <= numbers[0]))


def _number(part: str, value: str | float | int) -> int:
    names = TIME_PARTS[part]
    word = str(value).lower()
    if part == "hour":
        word = word.removesuffix(".0").zfill(2)
    if word not in names:
        raise InvalidQuestion(part, f"{value!r}; say one of {', '.join(names)}")
    return names.index(word)


def offsets(start: int, stop: int, timezone: str) -> tuple[Offset, ...]:
    """Stretches of equal offset that cover [start, stop) nanoseconds, in order."""
    first, last = start // _DAY, -(-stop // _DAY)
    found = _offsets(first, last, timezone)
    kept = [Offset(max(start, one.start), min(stop, one.stop), one.nanoseconds) for one in found]
    return tuple(one for one in kept if one.start < one.stop)


@lru_cache(maxsize=256)
def _offsets(first: int, last: int, timezone: str) -> tuple[Offset, ...]:
    """As `offsets`, over whole days since the epoch. A zone changes its clock at most once a day."""
    place = zone(timezone)

    def ahead(second: int) -> int:
        offset = (_EPOCH + timedelta(seconds=second)).astimezone(place).utcoffset() or timedelta()
        return round(offset.total_seconds())

    found: list[Offset] = []
    begin, current = first * 86_400, ahead(first * 86_400)
    for day in range(first, last):
        following = ahead((day + 1) * 86_400)
        if following == current:
            continue
        low, high = day * 86_400, (day + 1) * 86_400
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if ahead(middle) == current else (low, middle)
        found.append(Offset(begin * _SECOND, high * _SECOND, current * _SECOND))
        begin, current = high, following
    return (*found, Offset(begin * _SECOND, last * _DAY, current * _SECOND))

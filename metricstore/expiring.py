"""Deleting what is older than it is kept, a stretch at a time: none holds up others for long, and what was broken off goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pandas as pd

from metricstore.errors import StoreFailed
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.retention import Retention
from metricstore.windows import Window

MOST_POINTS = 100_000
"""Of a stretch; an hour with more is deleted at once."""
_HOUR = Window(1, "h")
_TICK = timedelta(microseconds=1)


class Bounded(Protocol):
    """What is needed of a store, by some…"""

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None: ...


class Asked(Bounded, Protocol):
    """…and by others."""

    def ask(self, query: Query) -> pd.DataFrame: ...


def credible_limits(store: Bounded, retention: Retention, now_ns: int) -> dict[str, int]:
    """As `Retention.limits`, but for those by which nothing stored would be young enough: a clock that is far ahead must not keep out
    what is new."""
    return {
        name: limit
        for name, limit in retention.limits(now_ns).items()
        if (ends := store.bounds(name)) is None or nanoseconds(ends[1]) >= limit
    }


@dataclass(frozen=True)
class Stretch:
    """[start, stop), and how many points are dated in it."""

    start: datetime
    stop: datetime
    points: int


def expired(
    store: Asked, measurement: str, before: datetime, remove: Callable[[datetime, datetime], None]
) -> Iterator[int]:
    """Remove a stretch with each step, the oldest first; how many points were in it."""
    again = False
    while (month := next_month(store, measurement, before)) is not None:
        for stretch in stretches(store, measurement, *month):
            remove(stretch.start, stretch.stop)
            yield stretch.points
        ends = store.bounds(measurement)
        left = ends is not None and ends[0] < month[1]
        if ends is not None and left and again:
            raise StoreFailed(
                f"points of {measurement} were deleted, but are still there", f"{ends[0]} is before {month[1]}"
            )
        again = left  # somebody may have written meanwhile


def next_month(store: Asked, measurement: str, before: datetime) -> tuple[datetime, datetime] | None:
    """What of the month (UTC) that holds the oldest point lies before a moment: [start, stop). None where nothing does."""
    ends = store.bounds(measurement)
    if ends is None or ends[0] >= before:
        return None
    first = ends[0].astimezone(UTC)
    return _start_of_month(first), min(_start_of_month(first + (32 - first.day) * timedelta(days=1)), before)


def stretches(store: Asked, measurement: str, start: datetime, stop: datetime) -> Iterator[Stretch]:
    """Neighbouring hours together, as far as they hold few enough points; hours without points are left out at both ends."""
    frame = store.ask(Query(measurement, "count", start, stop, every=_HOUR))
    opened = [moment.to_pydatetime() for moment in frame["time"]]
    closed = [*opened[1:], stop]
    begin = end = None
    points = 0
    for first, last, count in zip(opened, closed, frame["value"].astype(int).tolist(), strict=True):
        if not count:
            continue
        if begin is not None and end is not None and points + count > MOST_POINTS:
            yield Stretch(begin, end, points)
            begin, points = None, 0
        begin, end, points = begin or max(first, start), last, points + count
    if begin is not None and end is not None:
        yield Stretch(begin, end, points)


def older_than(store: Asked, measurement: str, before: datetime) -> int:
    """How many points are dated before a moment."""
    ends = store.bounds(measurement)
    if ends is None or ends[0] >= before:
        return 0
    stop = min(before, ends[1] + _TICK)
    return int(store.ask(Query(measurement, "count", ends[0], stop))["value"].iloc[0])


def _start_of_month(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

"""What stands of a measurement, and how much of it is older than it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from metricstore.expiring import older_than
from metricstore.query import Query
from metricstore.retention import Retention
from metricstore.store import Store

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Standing:
    """`limit`: what is dated before is older than it is kept. `first` and `last` are None where nothing is stored."""

    measurement: str
    days: int
    limit: datetime
    first: datetime | None
    last: datetime | None
    points: int
    older: int

    @property
    def nothing_newer(self) -> bool:
        """Whether all that is stored is older than it is kept."""
        return self.last is not None and self.last < self.limit

    @property
    def most(self) -> bool:
        """Whether more than half is."""
        return self.older * 2 > self.points


def standings(store: Store, retention: Retention, now: datetime, *, counted: bool = False) -> Iterator[Standing]:
    """Of each measurement that isn't kept for ever. Unless all are to be `counted`, those are not that have nothing too old."""
    for name, days in retention.days:
        limit = retention.limit(name, now)
        assert limit is not None
        ends = store.bounds(name)
        if ends is None or (ends[0] >= limit and not counted):
            first, last = ends or (None, None)
            yield Standing(name, days, limit, first, last, 0, 0)
            continue
        points = store.ask(Query(name, "count", ends[0], ends[1] + _TICK))
        yield Standing(name, days, limit, *ends, int(points["value"].iloc[0]), older_than(store, name, limit))

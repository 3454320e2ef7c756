"""How long points are kept, by measurement: the rest of them for ever.

A point is older than it is kept when it is dated before the beginning of the UTC day that lies so many days back: with one day
yesterday is kept in whole, and the limit moves once a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from metricstore.catalogue import FieldValue, measurement
from metricstore.catalogue.collectors import COLLECTORS, Registration
from metricstore.catalogue.selfwatch import DELETION
from metricstore.errors import InvalidQuestion
from metricstore.point import Point, nanoseconds
from metricstore.validation import MIN_TIME

_DAY = 86_400 * 1_000_000_000  # of metricstore.dates, which needs numpy: settings do not
LIVE_DAYS = 15
"""Of what others are put together from, so much more is kept than they look back: posts of these days still change."""
RUN_DAYS = 400
"""So far back runs are looked for that say how far a source was read: without any, a time that nobody read looks like zeros."""
_RUNS = "collector_run"


@dataclass(frozen=True)
class Retention:
    """`days`: measurement and days, sorted by name. Those that are not named are kept for ever."""

    days: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, days: Mapping[str, int]) -> Retention:
        """UnknownName or InvalidQuestion say which of them can't be."""
        for name, count in days.items():
            measurement(name)
            if name == DELETION.name:
                raise InvalidQuestion("retention", f"{name} is kept for ever, as it says what was deleted")
            least = least_days(name)
            if count < least:
                raise InvalidQuestion("retention", _too_short(name, count, least))
        return cls(tuple(sorted(days.items())))

    def __bool__(self) -> bool:
        return bool(self.days)

    def __str__(self) -> str:
        """As the setting is written."""
        return ",".join(f"{name}:{count}d" for name, count in self.days)

    def limit(self, name: str, now: datetime) -> datetime | None:
        """What is dated before it is older than it is kept; None: nothing is."""
        days = dict(self.days).get(name)
        if days is None:
            return None
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=days)

    def limits(self, now_ns: int) -> dict[str, int]:
        """By measurement, in nanoseconds; those that are kept for ever are left out."""
        today = now_ns // _DAY
        return {name: max(MIN_TIME, (today - count) * _DAY) for name, count in self.days}


KEPT_FOR_EVER = Retention()


def parted(points: Iterable[Point], limits: Mapping[str, int]) -> tuple[list[Point], int]:
    """Points that are kept, and how many are older than that."""
    kept, older = [], 0
    for point in points:
        limit = limits.get(point.measurement)
        # What has no time at all is for the store to refuse.
        if limit is not None and isinstance(point.time, int) and point.time < limit:
            older += 1
        else:
            kept.append(point)
    return kept, older


def settled_before(collector: Registration, limits: Mapping[str, int]) -> int:
    """What a collector has put together of posts dated before it (nanoseconds) stays as it is: part of what that was made of is
    gone, and made anew it would come to something else."""
    ends = [limits[name] + days * _DAY for name, days in collector.reads if name in limits]
    return max(ends, default=MIN_TIME - 1)


def least_days(name: str) -> int:
    """For how long points of a measurement must be kept at least."""
    looks_back = (days for one in COLLECTORS for read, days in one.reads if read == name)
    return max((days + LIVE_DAYS for days in looks_back), default=RUN_DAYS if name == _RUNS else 1)


def _too_short(name: str, count: int, least: int) -> str:
    if name == _RUNS:
        return f"{name} can't be kept for {count} days only: it says how far sources were read, so at least {least} days are needed"
    readers = " and ".join(one.title for one in COLLECTORS if dict(one.reads).get(name, 0) + LIVE_DAYS == least)
    why = (
        f"{readers} put posts together from it, so at least {least} days are needed"
        if readers
        else "at least a day is needed"
    )
    return f"{name} can't be kept for {count} days only: {why}"


def lifting(name: str, at: datetime) -> Point:
    """What is remembered when all of a measurement is kept again."""
    return deletion(name, 0, datetime.fromtimestamp(0, UTC), 0, at)


def deletion(name: str, days: int, limit: datetime, points: int, at: datetime) -> Point:
    """What is remembered of a deletion, in the store itself: it goes wherever the points go. With no `points`: that what is
    older is left out at writing, until another of these says otherwise."""
    fields: dict[str, FieldValue] = {"before": limit.isoformat(), "points": points, "days": days}
    return Point(DELETION.name, nanoseconds(at), {"measurement": name}, fields)

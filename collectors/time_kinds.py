"""Points whose time is a date beside those whose time is an instant: how both are stored, and what older versions stored.

A date is stored at 00:00 UTC (see `metricstore.dates`). Before there were kinds of time, it was stored at its midnight
in the source's zone, like an instant.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from collectors.base import Batch, Checkpoint
from collectors.local_time import SECOND, local_moment
from collectors.recall import Known, recalled
from metricstore.catalogue.model import DATE, INSTANT, TIME_KIND
from metricstore.point import Point, nanoseconds
from metricstore.query import Filter
from metricstore.store import Store

_AT_ONCE = 500
_UNKNOWN = (Filter(TIME_KIND.name, "any", ("",)),)
_DAY = 86_400 * SECOND


def stored_date(day: date) -> int:
    """The whole second a date is stored at."""
    return nanoseconds(datetime.combine(day, time(), tzinfo=UTC))


def date_of(row: Known) -> date | None:
    """The date that a stored point's time is; None where it is an instant."""
    if row.text(TIME_KIND.name) != DATE:
        return None
    return date.fromordinal(date(1970, 1, 1).toordinal() + row.time // _DAY)


def is_date(row: Known, zone: ZoneInfo) -> bool:
    """Whether a stored point's time is a date; of points of older versions those at midnight of the source's zone."""
    kind = row.text(TIME_KIND.name)
    second = row.time - row.time % SECOND
    return kind == DATE or (not kind and local_moment(_local(row.time, zone), time(), zone) == second)


def local_second(row: Known, zone: ZoneInfo) -> int:
    """The whole second of a stored point on the source's clock: of a date its midnight there."""
    day = date_of(row)
    midnight = local_moment(day, time(), zone) if day is not None else None
    return row.time - row.time % SECOND if midnight is None else midnight


def local_day(row: Known, zone: ZoneInfo) -> date:
    """The day of a stored point on the source's calendar."""
    return date_of(row) or _local(row.time, zone)


def converted(store: Store, name: str, zone: ZoneInfo, checkpoint: Checkpoint) -> Iterator[Batch]:
    """What brings stored points of older versions to their kind of time; none when there are no such points.

    They are written anew before the old ones go: whatever breaks this off, the next run goes on, and nothing is lost.
    """
    rows = recalled(store, name, (), _UNKNOWN, page=_AT_ONCE)
    while some := list(islice(rows, _AT_ONCE)):
        points = [_with_kind(row, zone) for row in some]
        yield Batch(checkpoint, points, everything=True)
        yield Batch(checkpoint, deleted=[row.point for row in some], everything=True)


def _with_kind(row: Known, zone: ZoneInfo) -> Point:
    dated = is_date(row, zone)
    tags = {**row.point.tags, TIME_KIND.name: DATE if dated else INSTANT}
    fields = {name: value for name, value in row.values.items() if name not in row.point.tags}
    stored = stored_date(_local(row.time, zone)) + row.time % SECOND if dated else row.time
    return Point(row.measurement, stored, tags, fields)


def _local(nanos: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(nanos // SECOND, zone).date()

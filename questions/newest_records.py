"""The newest record of each source, and whether it is quiet for longer than its own rhythm explains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from collectors.rhythm import longest_usual
from layouts.source_state import SourceState
from metricstore.catalogue import measurement
from metricstore.catalogue.collected import COLLECTED
from metricstore.catalogue.collectors import COLLECTORS, Registration
from metricstore.dates import as_given
from metricstore.query import Filter, Query, RecordQuery
from metricstore.store import Store
from metricstore.windows import Window

_LOOK_BACK = timedelta(days=400)
_DAY = Window.parse("1d")


RECORDS = {one.name: one for one in COLLECTORS if one.records}
"""By collector, those with a source of their own: others put together what was read, so they have no rhythm of their own."""


def with_records(viewer: Store, states: Iterable[SourceState], now: datetime, timezone: str) -> list[SourceState]:
    """The states with their newest record and their silence, by what the viewer may see."""
    return [_told(viewer, state, now, timezone) for state in states]


def _told(viewer: Store, state: SourceState, now: datetime, timezone: str) -> SourceState:
    where = RECORDS.get(state.collector)
    newest = _newest(viewer, where, now, timezone) if where else None
    if where is None or newest is None:
        return state
    declared = COLLECTED[where.records]
    given = as_given(measurement(where.records), newest, timezone)
    # A time that lies ahead was planned, not recorded: it says nothing of how far the data reach.
    found = replace(state, newest=newest, newest_given=None if declared.reach == "ahead" else given)
    silent = now - newest - declared.settle
    # Who recorded something yesterday is not asked about the year before.
    if silent < timedelta(days=2):
        return found
    usual = longest_usual(_days(viewer, where, newest, timezone))
    return replace(found, quiet=now - newest) if usual is not None and silent > usual else found


def _filters(where: Registration) -> tuple[Filter, ...]:
    return (Filter("source", "any", (where.source,)),) if where.source else ()


def _newest(viewer: Store, where: Registration, now: datetime, timezone: str) -> datetime | None:
    """The time of the newest record that does not lie ahead."""
    known = viewer.bounds(where.records, timezone)
    if known is None or (known[1] <= now and not where.source):
        return known[1] if known else None
    stop = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    columns = measurement(where.records).columns
    asked = RecordQuery(where.records, now - _LOOK_BACK, stop, _filters(where), columns[:1], limit=1, timezone=timezone)
    frame = viewer.records(asked).frame
    return None if frame.empty else frame.iloc[0]["time"].floor("us").to_pydatetime()


def _days(viewer: Store, where: Registration, newest: datetime, timezone: str) -> list[datetime]:
    """Beginnings of the days with records, until that of the newest one."""
    # By the day, so that the same question is answered from the cache until there is something new.
    stop = newest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    query = Query(where.records, "count", stop - _LOOK_BACK, stop, every=_DAY, where=_filters(where), timezone=timezone)
    frame = viewer.ask(query)
    return [time.to_pydatetime() for time in frame.loc[frame["value"] > 0, "time"]]

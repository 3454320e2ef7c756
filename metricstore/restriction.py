"""A store as somebody may see it at most: the one place where segments hold.

Pages, API, downloads and embeds ask through this. A segment's filters are asked beside the viewer's own, its range
cuts theirs and its finest window coarsens theirs, so whatever is asked can only narrow an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from metricstore.catalogue import measurement as declared
from metricstore.changed_days import Stretches
from metricstore.errors import NotAllowed
from metricstore.point import Point, WriteResult
from metricstore.query import Filter, Query, RecordQuery
from metricstore.row_access import EVERYTHING, RowAccess
from metricstore.segment import Segment
from metricstore.spelling import Lines, Spelling
from metricstore.store import DiskUse, Page, Store, StoreInfo
from metricstore.windows import zone

_TICK = timedelta(microseconds=1)


def restricted(store: Store, *segments: Segment) -> Store:
    """`store`, a viewer's or any, narrowed to what all `segments` let through, too; itself when there is none."""
    if not segments:
        return store
    return RestrictedStore(unrestricted(store), (*access(store).segments, *segments))


def access(store: Store) -> RowAccess:
    """What of a store may be seen: all of one that nobody has limited."""
    return store.access if isinstance(store, RestrictedStore) else EVERYTHING


def unrestricted(store: Store) -> Store:
    """What is behind a viewer's store. Only for what is the same for every viewer."""
    return store._store if isinstance(store, RestrictedStore) else store


class RestrictedStore:
    """Answers only within segments. For reading: writing and deleting are refused.

    A measurement that lacks a segment's column (log records know no platform, say) may be counted by its
    dimensions, but its records and free texts can speak of anything and stay closed: NotAllowed. One that is about all data is closed
    in whole.
    So does a range that lies outside of a segment's, and records where a finest window is set.
    """

    def __init__(self, store: Store, segments: tuple[Segment, ...]) -> None:
        self._store = store
        self.access = RowAccess(segments)

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0]

    def ask_all(self, queries: Sequence[Query]) -> list[pd.DataFrame]:
        asked = [self.access.passed_on(query) for query in queries]
        # What would be compared with may not be to be seen: there is nothing to compare with.
        return [frame if query.compare == one.compare else frame.assign(comparison=np.nan)
                for query, one, frame in zip(queries, asked, self._store.ask_all(asked), strict=True)]  # fmt: skip

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        return self._store.records(self.access.narrowed_records(query), count=count)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return self._store.stream(self.access.narrowed_records(query))

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        return self._store.lines(self.access.narrowed_records(query), spelling)

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        source = declared(measurement)
        if self.access.closed(source):
            return []
        filters = (
            *self.access.filters(source, [condition.column for condition in where]),
            *self.access.date_limits(source),
        )
        try:
            first, last = self.access.within(start, stop)
        except NotAllowed:
            return []
        return self._store.values(measurement, dimension, first, last, (*where, *filters), timezone)

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        """Of what may be seen; with a finest window, begins of its windows."""
        source = declared(measurement)
        if self.access.closed(source):
            return None
        known = self._store.bounds(measurement, timezone)
        where = (*self.access.filters(source, ()), *self.access.date_limits(source))
        if known is None:
            return None
        every = known[0], known[1] + _TICK
        try:
            start, stop = self.access.within(*every)
        except NotAllowed:
            return None
        if where or (start, stop) != every:
            wanted = RecordQuery(measurement, start, stop, where, descending=False, limit=1, timezone=timezone)
            first = self._moment(wanted)
            last = self._moment(replace(wanted, descending=True)) if first is not None else None
            if first is None or last is None:
                return None
            known = first, last
        for segment in self.access.segments:
            if segment.finest is not None:
                place = zone(segment.timezone)
                known = segment.finest.floor(known[0], place), segment.finest.floor(known[1], place)
        return known

    def _moment(self, query: RecordQuery) -> datetime | None:
        """Time of the only record that is asked for."""
        found = self._store.records(query).frame["time"]
        return pd.Timestamp(found.iloc[0]).to_pydatetime(warn=False) if len(found) else None

    def revision(self, measurement: str) -> str:
        return self._store.revision(measurement)

    def changed_since(self, measurement: str, revision: str) -> Stretches | None:
        return self._store.changed_since(measurement, revision)

    def ping(self) -> None:
        self._store.ping()

    def info(self) -> StoreInfo:
        return self._store.info()

    def disk(self) -> DiskUse:
        return self._store.disk()

    def write(self, points: Iterable[Point]) -> WriteResult:
        raise NotAllowed("a viewer's store is for reading")

    def delete(self, points: Sequence[Point]) -> None:
        raise NotAllowed("a viewer's store is for reading")

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        raise NotAllowed("a viewer's store is for reading")

    def expire(self, measurement: str, before: datetime) -> Iterator[int]:
        raise NotAllowed("a viewer's store is for reading")

    def close(self) -> None:
        """The store behind it belongs to the application and stays open."""

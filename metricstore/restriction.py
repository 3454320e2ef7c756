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

from metricstore.catalogue import Measurement, measurement
from metricstore.changed_days import Stretches
from metricstore.dates import first_date
from metricstore.errors import NotAllowed
from metricstore.framing import comparison_query
from metricstore.point import Point, WriteResult, nanoseconds
from metricstore.query import DATE_LIMIT, Filter, Query, RecordQuery
from metricstore.segment import Segment
from metricstore.selection import settled_now
from metricstore.spelling import Lines, Spelling
from metricstore.store import Page, Store, StoreInfo
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import Window, zone

_TICK = timedelta(microseconds=1)
_RUNNING = timedelta(minutes=1)
"""A range that ends this close to now is one that ends now."""


def restricted(store: Store, *segments: Segment) -> Store:
    """`store`, a viewer's or any, narrowed to what all `segments` let through, too; itself when there is none."""
    if not segments:
        return store
    already = store.segments if isinstance(store, RestrictedStore) else ()
    return RestrictedStore(unrestricted(store), (*already, *segments))


def narrowed(store: Store, query: Query) -> Query:
    """The question that `store` answers in place of `query`: its range and window as they may be seen."""
    return store.narrowed(query) if isinstance(store, RestrictedStore) else query


def passed_on(store: Store, queries: Iterable[Query]) -> list[Query]:
    """The questions that `store` passes on to the one behind it. NotAllowed where it would not answer one of them."""
    return [store.passed_on(query) for query in queries] if isinstance(store, RestrictedStore) else list(queries)


def comparable(store: Store, query: Query) -> bool:
    """Whether the time that a question compares with may be seen in whole. `query` is narrowed already."""
    return not isinstance(store, RestrictedStore) or store.comparable(query)


def require_alike(store: Store, names: Sequence[str]) -> None:
    """NotAllowed where a segment narrows one of the measurements and can't narrow another: a part beside a whole."""
    for segment in store.segments if isinstance(store, RestrictedStore) else ():
        missing = [_missing(segment, _source(name)) for name in names]
        for name, columns in zip(names, missing, strict=True):
            if columns and set(columns) != set.intersection(*map(set, missing)):
                raise _refusal(_source(name), columns)


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
        self.segments = segments

    def narrowed(self, query: Query) -> Query:
        """`query` with range and window inside the segments. Asking it again narrows nothing further."""
        start, stop = self._within(query.start, query.stop)
        every = query.every
        for finest in filter(None, (segment.finest for segment in self.segments)):
            if every is not None and every.seconds < finest.seconds:
                every = finest
            start, stop = _whole(start, stop, finest, query.timezone)
        return replace(query, start=start, stop=stop, every=every)

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0]

    def ask_all(self, queries: Sequence[Query]) -> list[pd.DataFrame]:
        asked = [self.passed_on(query) for query in queries]
        # What would be compared with may not be to be seen: there is nothing to compare with.
        return [frame if query.compare == one.compare else frame.assign(comparison=np.nan)
                for query, one, frame in zip(queries, asked, self._store.ask_all(asked), strict=True)]  # fmt: skip

    def passed_on(self, query: Query) -> Query:
        """The question as the store behind is asked it; without `compare` where that may not be seen."""
        query = self.narrowed(query.checked())
        source = query.source
        self._require_open(source)
        texts = [condition.column for condition in query.where] + ([query.field] if query.field else [])
        query = replace(query, where=(*query.where, *self._filters(source, texts), *self._date_limits(source)))
        return query if query.compare is None or self.comparable(query) else replace(query, compare=None)

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        return self._store.records(self.narrowed_records(query), count=count)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return self._store.stream(self.narrowed_records(query))

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        return self._store.lines(self.narrowed_records(query), spelling)

    def narrowed_records(self, query: RecordQuery) -> RecordQuery:
        """The question for records as it may be asked; NotAllowed when none may be seen."""
        source = query.checked().source
        self._require_open(source)
        for segment in self.segments:
            if segment.finest is not None:
                raise NotAllowed(f"you may see windows of {segment.finest} or longer, and records are finer")
            if missing := _missing(segment, source):
                raise _refusal(source, missing)
        start, stop = self._within(query.start, query.stop)
        where = (*query.where, *self._filters(source, ()), *self._date_limits(source))
        return replace(query, start=start, stop=stop, where=where)

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        source = _source(measurement)
        if self._closed(source):
            return []
        filters = (*self._filters(source, [condition.column for condition in where]), *self._date_limits(source))
        try:
            first, last = self._within(start, stop)
        except NotAllowed:
            return []
        return self._store.values(measurement, dimension, first, last, (*where, *filters), timezone)

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        """Of what may be seen; with a finest window, begins of its windows."""
        source = _source(measurement)
        if self._closed(source):
            return None
        known = self._store.bounds(measurement, timezone)
        where = (*self._filters(source, ()), *self._date_limits(source))
        if known is None:
            return None
        every = known[0], known[1] + _TICK
        try:
            start, stop = self._within(*every)
        except NotAllowed:
            return None
        if where or (start, stop) != every:
            wanted = RecordQuery(measurement, start, stop, where, descending=False, limit=1, timezone=timezone)
            ends = [self._moment(replace(wanted, descending=last)) for last in (False, True)]
            if ends[0] is None or ends[1] is None:
                return None
            known = ends[0], ends[1]
        for segment in self.segments:
            if segment.finest is not None:
                place = zone(segment.timezone)
                known = segment.finest.floor(known[0], place), segment.finest.floor(known[1], place)
        return known

    def _closed(self, source: Measurement) -> bool:
        """What is about all data says something of what a filter hides. A limit in time alone hides nothing of its range."""
        return source.about_all and any(segment.where for segment in self.segments)

    def _require_open(self, source: Measurement) -> None:
        if self._closed(source):
            raise NotAllowed(f"your view is limited to a part, and “{source.title}” is about all data")

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

    def write(self, points: Iterable[Point]) -> WriteResult:
        raise NotAllowed("a viewer's store is for reading")

    def delete(self, points: Sequence[Point]) -> None:
        raise NotAllowed("a viewer's store is for reading")

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        raise NotAllowed("a viewer's store is for reading")

    def close(self) -> None:
        """The store behind it belongs to the application and stays open."""

    def _filters(self, source: Measurement, texts: Sequence[str]) -> tuple[Filter, ...]:
        """The segments' filters that `source` knows; `texts` are the columns whose content is asked beside them."""
        found: list[Filter] = []
        for segment in self.segments:
            if missing := _missing(segment, source):
                for name in texts:
                    if _free_text(source, name):
                        raise _refusal(source, missing)
            found.extend(condition for condition in segment.filters() if _knows(source, condition.column))
        return tuple(found)

    def _within(self, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        now = settled_now()
        for segment in self.segments:
            first, last = segment.range(now)
            start, stop = max(start, first or start), min(stop, last or stop)
            if not start < stop:
                limits = " ".join(part for part in (segment.start and f"from {segment.start}",
                                                    segment.stop and f"until {segment.stop}") if part)  # fmt: skip
                raise NotAllowed(f"you may see what happened {limits}, and this range lies outside")
        return start, stop

    def _date_limits(self, source: Measurement) -> Iterator[Filter]:
        """A date may be seen where it begins within a segment's range in the segment's own time zone: in another zone
        of the viewer's choice it begins at another moment, and is the same date."""
        if source.dates is None:
            return
        now = settled_now()
        for segment in self.segments:
            for operator, moment in zip(("min", "max"), segment.range(now), strict=True):
                if moment is not None:
                    yield Filter(DATE_LIMIT, operator, (first_date(nanoseconds(moment), segment.timezone),))  # type: ignore[arg-type]

    def comparable(self, query: Query) -> bool:
        """Whether the earlier range of a question with `compare` lies inside of what may be seen."""
        earlier = comparison_query(query)
        try:
            return self._within(earlier.start, earlier.stop) == (earlier.start, earlier.stop)
        except NotAllowed:
            return False


def _whole(start: datetime, stop: datetime, finest: Window, timezone: str) -> tuple[datetime, datetime]:
    """The range cut to whole windows, so that no value stands for less; the window that still runs may stay open."""
    place = zone(timezone)
    first = finest.floor(start, place)
    if first < start:
        first = finest.next(first, place)
    last = finest.floor(stop, place)
    if stop > settled_now() - _RUNNING:
        last = stop
    if not first < last:
        raise NotAllowed(f"you may see windows of {finest} or longer, and this range holds no whole one")
    return first, last


def _source(name: str) -> Measurement:
    return measurement(name)


def _missing(segment: Segment, source: Measurement) -> tuple[str, ...]:
    return tuple(name for name in segment.columns if not _knows(source, name))


def _knows(source: Measurement, column: str) -> bool:
    return column in source.columns or column in TIME_PARTS


def _free_text(source: Measurement, name: str) -> bool:
    return source.has_field(name) and source.field(name).type == "string" and name not in source.dimensions


def _refusal(source: Measurement, missing: tuple[str, ...]) -> NotAllowed:
    return NotAllowed(f"your view is limited by {' and '.join(missing)}, which “{source.title}” does not have")

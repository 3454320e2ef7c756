"""What somebody may see at most, applied to questions: their range, their window and their conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from metricstore.catalogue import Measurement, measurement
from metricstore.dates import first_date
from metricstore.errors import NotAllowed
from metricstore.framing import comparison_query
from metricstore.point import nanoseconds
from metricstore.query import DATE_LIMIT, Filter, Query, RecordQuery
from metricstore.segment import Segment
from metricstore.selection import settled_now
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import Window, zone

_RUNNING = timedelta(minutes=1)
"""A range that ends this close to now is one that ends now."""


@dataclass(frozen=True)
class RowAccess:
    """What all `segments` let through; everything without any."""

    segments: tuple[Segment, ...] = ()

    @property
    def is_limited(self) -> bool:
        return bool(self.segments)

    def require_alike(self, names: Sequence[str]) -> None:
        """NotAllowed where a segment narrows one of the measurements and can't narrow another: a part beside a whole."""
        for segment in self.segments:
            missing = [_missing(segment, measurement(name)) for name in names]
            for name, columns in zip(names, missing, strict=True):
                if columns and set(columns) != set.intersection(*map(set, missing)):
                    raise _refusal(measurement(name), columns)

    def narrowed(self, query: Query) -> Query:
        """`query` with range and window inside the segments. Asking it again narrows nothing further."""
        if not self.segments:
            return query
        start, stop = self.within(query.start, query.stop)
        every = query.every
        for finest in filter(None, (segment.finest for segment in self.segments)):
            if every is not None and every.seconds < finest.seconds:
                every = finest
            start, stop = _whole(start, stop, finest, query.timezone)
        return replace(query, start=start, stop=stop, every=every)

    def passed_on(self, query: Query) -> Query:
        """The question as the store behind is asked it; without `compare` where that may not be seen."""
        if not self.segments:
            return query
        query = self.narrowed(query.checked())
        source = query.source
        self._require_open(source)
        texts = [condition.column for condition in query.where] + ([query.field] if query.field else [])
        query = replace(query, where=(*query.where, *self.filters(source, texts), *self.date_limits(source)))
        return query if query.compare is None or self.comparable(query) else replace(query, compare=None)

    def narrowed_records(self, query: RecordQuery) -> RecordQuery:
        """The question for records as it may be asked; NotAllowed when none may be seen."""
        if not self.segments:
            return query
        source = query.checked().source
        self._require_open(source)
        for segment in self.segments:
            if segment.finest is not None:
                raise NotAllowed(f"you may see windows of {segment.finest} or longer, and records are finer")
            if missing := _missing(segment, source):
                raise _refusal(source, missing)
        start, stop = self.within(query.start, query.stop)
        where = (*query.where, *self.filters(source, ()), *self.date_limits(source))
        return replace(query, start=start, stop=stop, where=where)

    def closed(self, source: Measurement) -> bool:
        """What is about all data says something of what a filter hides. A limit in time alone hides nothing of its range."""
        return source.about_all and any(segment.where for segment in self.segments)

    def _require_open(self, source: Measurement) -> None:
        if self.closed(source):
            raise NotAllowed(f"your view is limited to a part, and “{source.title}” is about all data")

    def filters(self, source: Measurement, texts: Sequence[str]) -> tuple[Filter, ...]:
        """The segments' filters that `source` knows; `texts` are the columns whose content is asked beside them."""
        found: list[Filter] = []
        for segment in self.segments:
            if missing := _missing(segment, source):
                for name in texts:
                    if _free_text(source, name):
                        raise _refusal(source, missing)
            found.extend(condition for condition in segment.filters() if _knows(source, condition.column))
        return tuple(found)

    def within(self, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        now = settled_now()
        for segment in self.segments:
            first, last = segment.range(now)
            start, stop = max(start, first or start), min(stop, last or stop)
            if not start < stop:
                limits = " ".join(part for part in (segment.start and f"from {segment.start}",
                                                    segment.stop and f"until {segment.stop}") if part)  # fmt: skip
                raise NotAllowed(f"you may see what happened {limits}, and this range lies outside")
        return start, stop

    def date_limits(self, source: Measurement) -> Iterator[Filter]:
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
        """Whether the earlier range of a question with `compare` lies inside of what may be seen. `query` is narrowed already."""
        if not self.segments:
            return True
        earlier = comparison_query(query)
        try:
            return self.within(earlier.start, earlier.stop) == (earlier.start, earlier.stop)
        except NotAllowed:
            return False


EVERYTHING = RowAccess()


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


def _missing(segment: Segment, source: Measurement) -> tuple[str, ...]:
    return tuple(name for name in segment.columns if not _knows(source, name))


def _knows(source: Measurement, column: str) -> bool:
    return column in source.columns or column in TIME_PARTS


def _free_text(source: Measurement, name: str) -> bool:
    return source.has_field(name) and source.field(name).type == "string" and name not in source.dimensions


def _refusal(source: Measurement, missing: tuple[str, ...]) -> NotAllowed:
    return NotAllowed(f"your view is limited by {' and '.join(missing)}, which “{source.title}” does not have")

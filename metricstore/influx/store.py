"""The production store: every question of metricstore.store answered by InfluxDB 2 through Flux."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from functools import partial

import pandas as pd

from metricstore import patience
from metricstore.catalogue import MEASUREMENTS, Measurement, measurement
from metricstore.changed_days import Days, Stretches, days_between, days_of_points
from metricstore.dates import counted_from
from metricstore.expiring import expired
from metricstore.framing import comparison_query, with_comparison
from metricstore.grid import Grid
from metricstore.influx import deleting, flux, records, schema, streaming, writing
from metricstore.influx.answers import blocks, nanosecond_times
from metricstore.influx.connection import Connection
from metricstore.influx.dimension import distinct_texts
from metricstore.influx.journal import Journal
from metricstore.influx.kept_rows import KeptRows
from metricstore.influx.line import MARKER
from metricstore.influx.plan import Ask, Conditions, ranged
from metricstore.influx.questions import Questions
from metricstore.influx.revisions import PING, BucketMarks
from metricstore.influx.rollups.complete import Complete
from metricstore.influx.rollups.keeping import Rollups
from metricstore.influx.rows import first_of_series, matching, value_of
from metricstore.influx.sharing import Shared
from metricstore.influx.spans import Span, clamped
from metricstore.point import Point, WriteResult, moment, nanoseconds
from metricstore.query import Filter, Query, RecordQuery, check_filters, check_range
from metricstore.revisions import Revisions
from metricstore.rollups.planner import Reason
from metricstore.spelling import Lines, Spelling, spelled_all
from metricstore.store import DiskUse, Page, StoreInfo
from metricstore.streaming import ahead
from metricstore.validation import MAX_TIME, MIN_TIME, tidy_identity, validated

_AT_ONCE = 4
_ALL_TIME = Span(MIN_TIME, MAX_TIME + 1)


class InfluxStore:
    """One bucket, shared by any number of processes. Any number of threads may ask.

    Nothing is sent before the first question or write; the bucket is created then when it is missing.
    """

    estimates = True
    """Percentiles over long ranges may come from rollups."""

    def __init__(self, url: str, token: str, org: str, bucket: str, *, timeout_seconds: float = 30) -> None:
        self._connection = Connection(url, token, org, bucket, timeout_seconds)
        self._marks = BucketMarks(self._annotated, self._connection.write)
        self._revisions = Revisions(self._marks)
        self._complete = Complete(self._ask, self._annotated, self._revisions)
        self._questions = Questions(self._ask, self._annotated, self._complete, KeptRows(self._ask, self._revisions))
        self.rollups = Rollups(self._complete, self._marks, self._ask, self._annotated, self._connection)
        """Kept by whoever calls its `work` now and then."""
        self._preparing = threading.Lock()
        self._prepared = False
        self._marked = False
        self._journal = Journal(self._connection)
        self._settled = False

    def write(self, points: Iterable[Point]) -> WriteResult:
        accepted, rejected = validated(points)
        if accepted:
            self._prepare(writing=True)
            with self._revisions.changing(days_of_points(accepted)):
                refused = list(writing.write_all(self._connection, self._marks, accepted))
            rejected.extend(refused)
            return WriteResult(len(accepted) - len(refused), tuple(rejected))
        return WriteResult(0, tuple(rejected))

    def delete(self, points: Sequence[Point]) -> None:
        known = [tidy_identity(point) for point in points if point.measurement in MEASUREMENTS]
        if known:
            self._prepare(writing=True)
            with self._deleting(days_of_points(known)):
                try:
                    deleting.delete(self._connection, self._journal, self._ask, known)
                except BaseException:
                    self._settled = False
                    raise

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        source = _known(measurement)
        check_range(start, stop)
        span = clamped(nanoseconds(start), nanoseconds(stop))
        self._prepare(writing=True)
        with self._deleting({source.name: days_between(span.start, span.stop)}):
            self._connection.delete(span.start, span.stop - 1, deleting.predicate(source.name))

    @contextmanager
    def _deleting(self, changes: Mapping[str, Days]) -> Iterator[None]:
        """Around a deletion: its days are marked before, too, so that whoever is killed on the way leaves no day that looks unchanged."""
        notes = self._marks.begin_deletion(changes)
        with self._revisions.changing(changes):
            yield
        self._marks.end_deletion(notes)

    def expire(self, measurement: str, before: datetime) -> Iterator[int]:
        return expired(_PointsAlone(self), _known(measurement).name, before, partial(self.delete_range, measurement))

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0].frame()

    def _compared(self, query: Query, ask: Ask) -> Grid:
        query.checked()
        if query.compare:
            found = self._questions.answer(replace(query, compare=None), ask)
            return with_comparison(query, found, self._questions.answer(comparison_query(query), ask))
        return self._questions.answer(query, ask)

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        if len(queries) == 1:
            return [self._compared(queries[0], self._ask)]
        # The server answers one question on one processor: several at once take little longer than the longest.
        shared = Shared(self._ask)
        with ThreadPoolExecutor(_AT_ONCE, "influx-ask") as pool:
            own = [copy_context() for _ in queries]
            return list(pool.map(lambda context, query: context.run(self._compared, query, shared), own, queries))

    def keeps_rollups(self, measurement: str) -> bool:
        """Whether percentiles of a measurement may be estimates. Never asks the server."""
        return self._complete.may_be_kept(measurement)

    def refused_by_rollups(self, query: Query) -> Reason | None:
        """Why a question without a comparison is asked of the points; None where rollups answer it."""
        return self._questions.refused_by_rollups(query.checked())

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        query.checked()
        total = None
        span = clamped(nanoseconds(query.start), nanoseconds(query.stop))
        conditions = self._questions.conditions(query.source, span, query.where, query.timezone)
        # A search that is to end in time counts what it finds on the way.
        if count and not (conditions.any_late and query.order == "time" and patience.limited()):
            counted = Query(
                query.measurement, "count", query.start, query.stop, where=query.where, timezone=query.timezone
            )
            total = int(self._questions.answer(counted, self._ask)["value"][0])
        return records.page(self._ask, query, span, conditions, total)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return ahead(self._streamed(query.checked()))

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        query.checked()
        return ahead(spelled_all(self._streamed(query), query, spelling))

    def _streamed(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        span = clamped(nanoseconds(query.start), nanoseconds(query.stop))
        yield from streaming.frames(
            self._ask, query, span, self._questions.conditions(query.source, span, query.where, query.timezone)
        )

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        source = _known(measurement)
        source.require_dimension(dimension)
        check_range(start, stop)
        check_filters(source, where)
        span = clamped(nanoseconds(start), nanoseconds(stop))
        conditions = self._questions.conditions(source, span, where, timezone)
        field = dimension if source.has_field(dimension) else MARKER
        if (
            conditions.any_late
            or set(conditions.fields) - {field}
            or (conditions.fields and not conditions.demands(field))
        ):
            rows = matching(self._ask, span, conditions, [dimension])
            found = value_of(rows, dimension).dropna().unique().tolist()
        elif field == MARKER:
            found = first_of_series(self._ask, span, conditions)[dimension].unique().tolist()
        else:
            found = distinct_texts(self._annotated, [span], conditions, field)
        return sorted({str(value) for value in found if value != ""})

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        source = _known(measurement)
        rows = Conditions.of(source, ()).rows(_ALL_TIME, MARKER)
        tag = source.dates.tag if source.dates else ""
        keep = flux.texts(["_time", *([tag] if tag else [])])
        script = "\n".join(
            f'{rows} |> {step}() |> group() |> keep(columns: {keep}) |> yield(name: "{step}")'
            for step in ("first", "last")
        )
        times = []
        for block in blocks(self._annotated(script)):
            for time, kind in zip(nanosecond_times(block.column("_time")).tolist(), block.column(tag), strict=True):
                dated = source.dates is not None and kind == source.dates.value
                times.append(counted_from(time, timezone) if dated else time)
        return (moment(min(times)), moment(max(times))) if times else None

    def revision(self, measurement: str) -> str:
        """Another process's change is seen within revisions.SECONDS, one's own at once."""
        name = _known(measurement).name
        self._prepare()
        return self._revisions.of(name)

    def revision_at_hand(self, measurement: str) -> str | None:
        """The revision where it is known without asking the server."""
        return self._revisions.at_hand(_known(measurement).name)

    def changed_since(self, measurement: str, revision: str) -> Stretches | None:
        return self._revisions.changed_since(_known(measurement).name, revision)

    def info(self) -> StoreInfo:
        version = self._connection.version()
        marked = f"r._field == {flux.text(MARKER)}"
        script = f"{ranged(_ALL_TIME)} |> filter(fn: (r) => {marked}) |> count() |> group() |> sum()"
        points = sum(int(text) for block in blocks(self._annotated(script)) for text in block.column("_value"))
        location = f"{self._connection.url} bucket {self._connection.bucket}"
        return StoreInfo("influxdb", version, location, points)

    def disk(self) -> DiskUse:
        """Of the bucket, where the server shows its metrics."""
        return DiskUse(self._connection.bucket_bytes())

    def ping(self) -> None:
        self._annotated(PING)

    def answers(self) -> None:
        """As `ping`, but whether or not the bucket is there: nothing has to be prepared before."""
        self._connection.query(PING, annotated=True)

    def close(self) -> None:
        """Safe to call twice; questions afterwards raise StoreUnreachable."""
        self._connection.close()

    def _ask(self, script: str) -> bytes:
        self._prepare()
        return self._connection.query(script)

    def _annotated(self, script: str) -> bytes:
        self._prepare()
        return self._connection.query(script, annotated=True)

    def _prepare(self, *, writing: bool = False) -> None:
        """Once: see that the bucket is there and not newer than this program; before the first write mark it
        and mend what a deletion that was broken off has left."""
        if self._prepared and ((self._marked and self._settled) or not writing):
            return
        with self._preparing:
            if not self._prepared:
                self._connection.ensure_bucket()
                found = schema.version(lambda script: self._connection.query(script, annotated=True))
                self._marked = found == schema.VERSION
                self._prepared = True
            if writing and not self._marked:
                self._connection.write(schema.line())
                self._marked = True
            if writing and not self._settled:
                self._revisions.changed(dict.fromkeys(self._journal.settle(self._mark_of)))
                self._settled = True

    def _mark_of(self, name: str) -> bytes:
        return "\n".join(self._marks.beside({name: None})).encode()


class _PointsAlone:
    """A store whose answers come from points only: what is to be deleted does not depend on whether rollups are right."""

    def __init__(self, store: InfluxStore) -> None:
        self._store = store
        self.bounds = store.bounds

    def ask(self, query: Query) -> pd.DataFrame:
        return self._store._questions.of_points(query.checked(), self._store._ask).frame()


def _known(name: str) -> Measurement:
    return measurement(name)

"""The store for many machines: every question of metricstore.store answered by ClickHouse."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import numpy.typing as npt
import pandas as pd

from metricstore.catalogue import MEASUREMENTS, measurement
from metricstore.changed_days import Days, Stretches, days_between
from metricstore.clickhouse import months, schema, writing
from metricstore.clickhouse.answers import NoRows, masked
from metricstore.clickhouse.connection import Connection, Server
from metricstore.clickhouse.dialect import CLICKHOUSE
from metricstore.clickhouse.failures import table_is_missing
from metricstore.clickhouse.hour_marks import HourMarks, Span, removed, written
from metricstore.clickhouse.revisions import TableMarks
from metricstore.clickhouse.rollup_state import RollupState
from metricstore.clickhouse.rollups import Rollups
from metricstore.clickhouse.tables import Layout
from metricstore.errors import StoreError, StoreFailed
from metricstore.expiring import expired
from metricstore.grid import Grid
from metricstore.point import Point, WriteResult, nanoseconds
from metricstore.query import Query, RecordQuery, check_range
from metricstore.revisions import Revisions
from metricstore.rollups.layout import layouts
from metricstore.rollups.planner import NOTHING, Reason, plan, planned_by
from metricstore.sorting import by_time, sorted_on_disk
from metricstore.spelling import Lines, Spelling, spelled_all
from metricstore.sql import aggregates, streaming
from metricstore.sql.batches import batches, days_of_batches, hours_of_batches
from metricstore.sql.dialect import Dialect
from metricstore.sql.questions import PointsAlone, SqlQuestions
from metricstore.sql.rows import Columns
from metricstore.sql.trees import Parameter
from metricstore.store import DiskUse, StoreInfo
from metricstore.streaming import ahead
from metricstore.validation import tidy_identity, validated


@dataclass(frozen=True)
class ClickHouseEngine:
    connection: Connection
    dialect: Dialect = CLICKHOUSE

    def columns(self, text: str, parameters: Sequence[Parameter]) -> Mapping[str, npt.NDArray[Any]]:
        found = self.connection.query(text, parameters)
        columns = found.result_columns
        if not columns:
            return NoRows()
        kinds = (kind.name for kind in found.column_types)
        return {
            name: masked(column, kind) for name, column, kind in zip(found.column_names, columns, kinds, strict=True)
        }

    def rows(self, text: str, parameters: Sequence[Parameter]) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.query(text, parameters).result_rows]


class ClickHouseStore(SqlQuestions):
    """One database, shared by any number of processes. Any number of threads may ask.

    Nothing is sent before the first question or write; missing tables are made then.
    """

    estimates = True
    """Percentiles over long ranges may come from rollups."""

    def __init__(self, server: Server) -> None:
        self._connection = Connection(server)
        self._layout = Layout(server.database, server.cluster)
        self._engine = ClickHouseEngine(self._connection)
        self._revisions = Revisions(TableMarks(self._connection, self._layout))
        self._hours = HourMarks(self._connection, self._layout)
        self._rollup_state = RollupState(self._connection, self._layout)
        self.rollups = Rollups(
            self._engine, self._connection, self._layout, self._hours, self._rollup_state, self._prepare
        )
        """Kept by whoever calls its `work` now and then."""
        self._preparing = threading.Lock()
        self._prepared = False

    @contextmanager
    def asking(self) -> Iterator[ClickHouseEngine]:
        self._prepare()
        yield self._engine

    def write(self, points: Iterable[Point]) -> WriteResult:
        accepted, rejected = validated(points)
        if accepted:
            self._prepare()
            found = batches(accepted)
            with self._changing(days_of_batches(found), written(hours_of_batches(found))):
                for batch in found:
                    writing.insert(self._connection, self._layout, batch)
        return WriteResult(len(accepted), tuple(rejected))

    def delete(self, points: Sequence[Point]) -> None:
        known = [tidy_identity(point) for point in points if point.measurement in MEASUREMENTS]
        if known:
            self._prepare()
            found = batches(known, identities_only=True)
            with self._changing(days_of_batches(found), written(hours_of_batches(found)), once=True):
                for batch in found:
                    writing.remove(self._connection, self._layout, batch)

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        source = _known(measurement)
        check_range(start, stop)
        self._prepare()
        first, last = nanoseconds(start), nanoseconds(stop)
        with self._changing_between(source.name, first, last):
            writing.remove_range(self._connection, self._layout, source.name, first, last)

    def expire(self, measurement: str, before: datetime) -> Iterator[int]:
        """Whole months are dropped, which frees the disk at once; of the last one points are deleted as others are."""
        name = _known(measurement).name
        self._prepare()
        for month in months.droppable(self._connection, self._layout, name, before):
            with self._changing_between(name, nanoseconds(month.start), nanoseconds(month.stop)):
                months.drop(self._connection, self._layout, name, month)
            yield month.points
        yield from expired(PointsAlone(self), name, before, partial(self.delete_range, name))

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        """From rollups where they answer. They are read once it is known which hours are complete; one that is made anew in between
        holds what it held, and more."""
        singles = [single for query in queries for single in aggregates.singles(query.checked())]
        self._prepare()
        wanted = [single for single in singles if self._rollup_state.worth_reading(single)]
        if not wanted:
            return super().ask_all(queries)
        try:
            return aggregates.answered(self._engine, queries, planned_by(self._rollup_state.known(wanted)))
        except StoreFailed as error:
            if not table_is_missing(error):
                raise
            self._rollup_state.kept(anew=True)  # a newer program has just removed them
            return super().ask_all(queries)

    def keeps_rollups(self, measurement: str) -> bool:
        """Whether percentiles of a measurement may be estimates. Never asks the server."""
        return self._rollup_state.may_be_kept(measurement)

    def refused_by_rollups(self, query: Query) -> Reason | None:
        """Why a question without a comparison is asked of the points; None where rollups answer it."""
        self._prepare()
        found = plan(query.checked(), self._rollup_state.known([query], anew=True).get(query.measurement, NOTHING))
        return found if isinstance(found, Reason) else None

    @contextmanager
    def _changing(self, days: Mapping[str, Days], spans: Sequence[Span], *, once: bool = False) -> Iterator[None]:
        """Around a change of points: rollups hear of it before, caches afterwards."""
        names = {name for name in days if layouts(name)}
        own = [span for span in spans if span[0] in names]
        with self._hours.changing(own, once=once), self._revisions.changing(days):
            yield

    def _changing_between(self, name: str, start: int, stop: int) -> AbstractContextManager[None]:
        """Of points in [start, stop) nanoseconds that are removed."""
        return self._changing({name: days_between(start, stop)}, removed(name, start, stop), once=True)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return ahead(self._frames(query.checked()))

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        query.checked()
        return ahead(spelled_all(self._frames(query), query, spelling))

    def _frames(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        """A piece shows what is stored when it is read. Sorted by anything but time, all records are read first."""
        if query.order != "time":
            yield from sorted_on_disk(self._frames(by_time(query)), query)
            return

        def fetch(start: int, stop: int, ordered: bool) -> Columns:
            return Columns(self._engine.columns(*streaming.over(CLICKHOUSE, query, start, stop, ordered=ordered)))

        self._prepare()
        for found in streaming.by_time(self._engine, query, fetch):
            yield streaming.framed(query, found)

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
        self._prepare()
        counts = " UNION ALL ".join(
            f"SELECT count() AS n FROM {self._layout.whole(name)} FINAL" for name in MEASUREMENTS
        )
        ((points,),) = self._engine.rows(f"SELECT sum(n) FROM ({counts})", ())
        return StoreInfo("clickhouse", self._connection.version, self._place, int(points), self.disk().total)

    @property
    def _place(self) -> str:
        cluster = f" of cluster {self._layout.cluster}" if self._layout.cluster else ""
        return f"{self._connection.location} database {self._layout.database}{cluster}"

    def disk(self) -> DiskUse:
        """On one server; what a cluster has on each is not asked."""
        self._prepare()
        if self._layout.cluster:
            return DiskUse()
        text = "SELECT name, coalesce(total_bytes, 0) FROM system.tables WHERE database = currentDatabase()"
        sizes = {str(name): int(size) for name, size in self._engine.rows(text, ())}
        return DiskUse(sum(sizes.values()), {name: size for name, size in sizes.items() if name in MEASUREMENTS})

    def ping(self) -> None:
        self._prepare()
        self.answers()

    def answers(self) -> None:
        """As `ping`, but whether or not the tables are there."""
        self._connection.query("SELECT 1", ())

    def close(self) -> None:
        """Safe to call twice; questions afterwards raise StoreUnreachable."""
        with suppress(StoreError):  # what is not given back counts as over in an hour
            self._hours.close()
        self._connection.close()

    def _prepare(self) -> None:
        """Once: see that the tables are there and not newer than this program."""
        if self._prepared:
            return
        with self._preparing:
            if not self._prepared:
                schema.prepare(self._connection, self._layout)
                self._prepared = True


_known = measurement  # which is a parameter's name in the store's methods

"""The embedded store: every question of metricstore.store answered by DuckDB from one file."""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path

import duckdb
import pandas as pd
from sqlglot import exp

from metricstore.catalogue import MEASUREMENTS, Measurement, measurement
from metricstore.changed_days import ChangedDays, Days, Stretches, days_between
from metricstore.duck import marks, schema, streaming, writing
from metricstore.duck.database import Database
from metricstore.duck.dialect import DUCKDB, DuckEngine
from metricstore.duck.disk import bytes_by_table
from metricstore.duck.marks import Marks
from metricstore.duck.rollup_tables import read_tables
from metricstore.duck.rollups import Rollups
from metricstore.errors import StoreDamaged
from metricstore.expiring import expired
from metricstore.grid import Grid
from metricstore.point import Point, WriteResult, nanoseconds
from metricstore.query import Query, RecordQuery, check_range
from metricstore.rollups.hours import HOUR, hours_between, hours_of_times, whole_hours
from metricstore.rollups.planner import NOTHING, Known, Reason, plan, planned_by
from metricstore.spelling import Lines, Spelling
from metricstore.sql import aggregates
from metricstore.sql.batches import batches, days_of_batches
from metricstore.sql.conditions import restriction
from metricstore.sql.questions import PointsAlone, SqlQuestions
from metricstore.sql.trees import column, table
from metricstore.store import DiskUse, StoreInfo
from metricstore.streaming import ahead
from metricstore.validation import tidy_identity, validated

REST_SECONDS = 60.0
"""So long after the last question for figures somebody may still be looking."""


class DuckStore(SqlQuestions):
    """One file, one process. Any number of threads may ask; writers take turns.

    `path` None keeps everything in memory. Raises StoreBusy when another process holds the file,
    SchemaVersionError when it is newer than this program or not ours.
    """

    estimates = True
    """Percentiles over long ranges may come from rollups."""

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self._database = Database(path, read_only=read_only)
        self._opening = secrets.token_hex(4)
        self._changes: defaultdict[str, ChangedDays] = defaultdict(ChangedDays)
        self._counting = threading.Lock()
        self._asked = float("-inf")
        self._marks = Marks()
        self.rollups = Rollups(self._marks, self._changing, self._reading)
        """Kept by whoever calls its `work` now and then."""
        try:
            with self._database.cursor() as connection:
                self._marks.opened(connection)
        except BaseException:
            self._database.close()  # or nobody could open the file until the process ends
            raise

    def write(self, points: Iterable[Point]) -> WriteResult:
        accepted, rejected = validated(points)
        if accepted:
            found = batches(accepted)
            with self._changing() as connection:
                for batch in found:
                    writing.merge(connection, batch)
                    self._marks.touch(connection, batch.measurement, hours_of_times(batch.columns["time"]))
            self._changed(days_of_batches(found))
        return WriteResult(len(accepted), tuple(rejected))

    def delete(self, points: Sequence[Point]) -> None:
        known = [tidy_identity(point) for point in points if point.measurement in MEASUREMENTS]
        if known:
            found = batches(known, identities_only=True)
            with self._changing() as connection:
                for batch in found:
                    writing.remove(connection, batch)
                    self._marks.touch(connection, batch.measurement, hours_of_times(batch.columns["time"]))
            self._changed(days_of_batches(found))

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        source = _known(measurement)
        check_range(start, stop)
        first, last = nanoseconds(start), nanoseconds(stop)
        with self._changing() as connection:
            connection.execute(_delete_text(source.name), [first, last])
            self.rollups.open_again(connection, source.name, whole_hours(first, last))
            self._marks.touch(connection, source.name, hours_between(first, last))
        self._changed({source.name: days_between(first, last)})

    def delete_keeping_rollups(self, measurement: str, start: datetime, stop: datetime) -> bool:
        """Remove the points of the hours of UTC that lie in [start, stop) in whole, and keep the rollups of these hours: they are closed.

        What rollups answer stays the same, whatever is written to these hours later; all other questions find no points there. False, and
        nothing is removed, where no rollups are kept of the measurement.
        """
        source = _known(measurement)
        check_range(start, stop)
        hours = whole_hours(nanoseconds(start), nanoseconds(stop))
        edges = [hour * HOUR for hour in hours]
        with self._changing() as connection:
            if not self.rollups.close(connection, source.name, hours):
                return False
            connection.execute(_delete_text(source.name), edges)
        self._changed({source.name: days_between(*edges)})
        return True

    def expire(self, measurement: str, before: datetime) -> Iterator[int]:
        return expired(PointsAlone(self), _known(measurement).name, before, partial(self.delete_range, measurement))

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        self._asked = time.monotonic()
        singles = chain.from_iterable(aggregates.singles(query.checked()) for query in queries)
        names = {single.measurement for single in singles if self._marks.worth_reading(single)}
        if not names:
            return super().ask_all(queries)
        with self._reading(names) as (connection, known):
            return aggregates.answered(DuckEngine(connection), queries, planned_by(known))

    def keeps_rollups(self, measurement: str) -> bool:
        """Whether percentiles of a measurement may be estimates."""
        return measurement in self._marks.names

    def refused_by_rollups(self, query: Query) -> Reason | None:
        """Why a question without a comparison is asked of the points; None where rollups answer it."""
        with self._reading({query.checked().measurement}) as (_, known):
            found = plan(query, known.get(query.measurement, NOTHING))
        return found if isinstance(found, Reason) else None

    @contextmanager
    def _reading(self, names: Collection[str]) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, Known]]]:
        """One moment: which hours are complete belongs to the points of that moment."""
        with self._database.cursor() as connection:
            connection.begin()
            try:
                yield connection, marks.read(connection, names)
            finally:
                with suppress(duckdb.Error):
                    connection.rollback()

    @contextmanager
    def _changing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A transaction that marks what it changes."""
        with self._marks.lock:
            try:
                with self._database.transaction() as connection:
                    self._marks.begin(connection, self._database.written_by_others)
                    yield connection
            except BaseException:
                self._marks.failed()
                raise
            self._marks.committed()

    @contextmanager
    def asking(self) -> Iterator[DuckEngine]:
        with self._database.cursor() as connection:
            yield DuckEngine(connection)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return ahead(streaming.frames(self._database, query.checked()))

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        return ahead(streaming.lines(self._database, query.checked(), spelling))

    def revision(self, measurement: str) -> str:
        name = _known(measurement).name
        with self._counting:
            return f"{self._origin}-{self._changes[name].number}"

    @property
    def _origin(self) -> str:
        """Of the changes that are counted here: another one after others may have written, which nobody has counted."""
        return f"{self._opening}{self._database.written_by_others}"

    def changed_since(self, measurement: str, revision: str) -> Stretches | None:
        opening, _, number = revision.partition("-")
        if opening != self._origin:
            return None
        with self._counting:
            return self._changes[_known(measurement).name].since(int(number))

    def info(self) -> StoreInfo:
        with self._database.cursor() as connection:
            points = sum(_size(connection, name) for name in MEASUREMENTS)
        path = self._database.path
        size = sum(file.stat().st_size for file in self._database.files) if path else None
        return StoreInfo("duckdb", duckdb.__version__, str(path) if path else "memory", points, size)

    def disk(self) -> DiskUse:
        if self._database.path is None:
            return DiskUse()
        with self._database.cursor() as connection:
            by_measurement = bytes_by_table(connection, MEASUREMENTS)
        return DiskUse(sum(file.stat().st_size for file in self._database.files), by_measurement)

    def read_through(self) -> None:
        """Read all that is stored, to see whether it can be. StoreDamaged when it can't."""
        with self._database.cursor() as connection:
            for source in MEASUREMENTS.values():
                connection.execute(_everything_text(source.name)).fetchall()
            read_tables(connection)

    def ping(self) -> None:
        if self._database.damaged:
            raise StoreDamaged(self._database.path)
        with self._database.cursor() as connection:
            connection.execute("SELECT 1").fetchall()

    def rest(self) -> None:
        """Give back memory that is only held for later questions, when nobody has asked for figures for a while.

        Those who put others' records together read everything now and then: for them it is not worth holding."""
        if time.monotonic() > self._asked + REST_SECONDS:
            self._database.rest()

    def close(self) -> None:
        """Safe to call twice; questions afterwards raise StoreUnreachable."""
        self._database.close()

    def _changed(self, changes: Mapping[str, Days]) -> None:
        """Only after the commit: who reads the new revision must also find the new points."""
        with self._counting:
            for name, days in changes.items():
                self._changes[name].record(days)


def _known(name: str) -> Measurement:
    return measurement(name)


def _size(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(_size_text(name)).fetchone()
    return int(row[0]) if row else 0


@lru_cache(maxsize=64)
def _size_text(name: str) -> str:
    return DUCKDB.text(exp.select(exp.Count(this=exp.Star())).from_(table(name)))


@lru_cache(maxsize=64)
def _everything_text(measured: str) -> str:
    """One number that depends on every value of a table."""
    row = exp.Anonymous(this="hash", expressions=[column(name) for name in schema.columns(measurement(measured))])
    return DUCKDB.text(exp.select(exp.Anonymous(this="bit_xor", expressions=[row])).from_(table(measured)))


@lru_cache(maxsize=64)
def _delete_text(name: str) -> str:
    return DUCKDB.text(exp.delete(table(name), where=restriction(DUCKDB, ())))

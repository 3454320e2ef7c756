"""The embedded store: every question of metricstore.store answered by DuckDB from one file."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import duckdb
import pandas as pd
from sqlglot import exp

from metricstore.catalogue import MEASUREMENTS, Measurement, measurement
from metricstore.dates import counted_from
from metricstore.duck import aggregates, records, schema, sql, streaming, writing
from metricstore.duck.database import Database
from metricstore.duck.source import Source, is_date
from metricstore.errors import StoreDamaged
from metricstore.point import Point, WriteResult, nanoseconds
from metricstore.query import Filter, Query, RecordQuery, check_filters, check_range
from metricstore.spelling import Lines, Spelling
from metricstore.store import Page, StoreInfo
from metricstore.streaming import ahead
from metricstore.validation import tidy_identity, validated

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REST_SECONDS = 60.0
"""So long after the last question for figures somebody may still be looking."""


class DuckStore:
    """One file, one process. Any number of threads may ask; writers take turns.

    `path` None keeps everything in memory. Raises StoreBusy when another process holds the file,
    SchemaVersionError when it is newer than this program or not ours.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self._database = Database(path, read_only=read_only)
        self._opening = secrets.token_hex(4)
        self._changes: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._asked = float("-inf")

    def write(self, points: Iterable[Point]) -> WriteResult:
        accepted, rejected = validated(points)
        if accepted:
            batches = writing.batches(accepted)
            with self._database.transaction() as connection:
                for batch in batches:
                    writing.merge(connection, batch)
            self._changed(batch.measurement for batch in batches)
        return WriteResult(len(accepted), tuple(rejected))

    def delete(self, points: Sequence[Point]) -> None:
        known = [tidy_identity(point) for point in points if point.measurement in MEASUREMENTS]
        if known:
            batches = writing.batches(known, identities_only=True)
            with self._database.transaction() as connection:
                for batch in batches:
                    writing.remove(connection, batch)
            self._changed(batch.measurement for batch in batches)

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        source = _known(measurement)
        check_range(start, stop)
        with self._database.transaction() as connection:
            connection.execute(_delete_text(source.name), [nanoseconds(start), nanoseconds(stop)])
        self._changed([source.name])

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0]

    def ask_all(self, queries: Sequence[Query]) -> list[pd.DataFrame]:
        for query in queries:
            query.checked()
        self._asked = time.monotonic()
        with self._database.cursor() as connection:
            return aggregates.answered(connection, queries)

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        query.checked()
        with self._database.cursor() as connection:
            return records.page(connection, query, count=count)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return ahead(streaming.frames(self._database, query.checked()))

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        return ahead(streaming.lines(self._database, query.checked(), spelling))

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        source = _known(measurement)
        source.require_dimension(dimension)
        check_range(start, stop)
        check_filters(source, where)
        first, last = nanoseconds(start), nanoseconds(stop)
        restricted = sql.where(source, first, last, where)
        text = _values_text(Source.of(source, first, last, timezone), dimension, restricted.shape)
        with self._database.cursor() as connection:
            rows = connection.execute(text, list(restricted.parameters)).fetchall()
        return sorted(value for (value,) in rows if value)

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        source = _known(measurement)
        with self._database.cursor() as connection:
            rows = connection.execute(_bounds_text(source.name)).fetchall()
        times = [counted_from(time, timezone) if dated else time
                 for dated, first, last in rows if first is not None for time in (first, last)]  # fmt: skip
        return (_moment(min(times)), _moment(max(times))) if times else None

    def revision(self, measurement: str) -> str:
        return f"{self._opening}-{self._changes[_known(measurement).name]}"

    def info(self) -> StoreInfo:
        with self._database.cursor() as connection:
            points = sum(_size(connection, name) for name in MEASUREMENTS)
        path = self._database.path
        size = sum(file.stat().st_size for file in self._database.files) if path else None
        return StoreInfo("duckdb", duckdb.__version__, str(path) if path else "memory", points, size)

    def read_through(self) -> None:
        """Read all that is stored, to see whether it can be. StoreDamaged when it can't."""
        with self._database.cursor() as connection:
            for source in MEASUREMENTS.values():
                connection.execute(_everything_text(source.name)).fetchall()

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

    def _changed(self, names: Iterable[str]) -> None:
        """Only after the commit: who reads the new revision must also find the new points."""
        with self._counting:
            self._changes.update(names)


def _known(name: str) -> Measurement:
    return measurement(name)


def _moment(time: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time // 1_000)


def _size(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(_size_text(name)).fetchone()
    return int(row[0]) if row else 0


@lru_cache(maxsize=64)
def _size_text(name: str) -> str:
    return sql.text(exp.select(exp.Count(this=exp.Star())).from_(sql.table(name)))


@lru_cache(maxsize=64)
def _everything_text(name: str) -> str:
    """One number that depends on every value of a table."""
    row = exp.Anonymous(this="hash", expressions=[sql.column(column) for column in schema.columns(measurement(name))])
    return sql.text(exp.select(exp.Anonymous(this="bit_xor", expressions=[row])).from_(sql.table(name)))


@lru_cache(maxsize=64)
def _bounds_text(name: str) -> str:
    """Of dates and of instants: whether they are dates, the first and the last time."""
    time, source = sql.column("time"), measurement(name)
    dated = is_date(source) if source.dates else exp.false()
    ends = exp.Min(this=time), exp.Max(this=time.copy())
    return sql.text(exp.select(dated, *ends).from_(sql.table(name)).group_by(exp.Literal.number(1)))


@lru_cache(maxsize=64)
def _delete_text(name: str) -> str:
    return sql.text(exp.delete(sql.table(name), where=sql.restriction(())))


@lru_cache(maxsize=256)
def _values_text(source: Source, dimension: str, shape: tuple[sql.ConditionShape, ...]) -> str:
    query = exp.select(sql.column(dimension)).distinct().from_(source.table())
    return sql.text(query.where(sql.restriction(shape)))

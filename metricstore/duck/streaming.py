"""All records of a question, piece by piece, from one snapshot: as frames, or as text spelled by DuckDB itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlglot import exp

from metricstore.catalogue import measurement
from metricstore.dates import DATED
from metricstore.duck import records, sql
from metricstore.duck.database import Database
from metricstore.duck.rows import Columns, Piece
from metricstore.duck.slices import Slices
from metricstore.duck.source import Source
from metricstore.duck.spelling import LINE, Line
from metricstore.paging import typed_column
from metricstore.point import nanoseconds
from metricstore.query import RecordQuery
from metricstore.spelling import Lines, Spelling, kind_of, numeric
from metricstore.streaming import ROWS

Found = TypeVar("Found", bound=Piece)
Fetch = Callable[[duckdb.DuckDBPyConnection, str, list[sql.Parameter]], Found]
_VECTOR = 2048
"""Rows DuckDB hands out at once."""


def frames(database: Database, query: RecordQuery) -> Iterator[pd.DataFrame]:
    """See Store.stream."""
    names = ("time", *((DATED,) if query.source.dates else ()), *query.wanted)
    question = _Question(query, names, None)
    for found in _read(database, question, Columns.fetched):
        yield pd.DataFrame({name: typed_column(query.source, name, found.values[name]) for name in names})


def lines(database: Database, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
    """See Store.lines."""
    from metricstore.duck.arrow import Rows

    columns = ("time", *query.wanted)
    numbers = tuple(name for name in columns if kind_of(query.source, name) in ("int", "float"))
    for found in _read(database, _Question(query, columns, spelling), Rows.fetched):
        yield found.lines(LINE, numbers)


@dataclass(frozen=True)
class _Question:
    """What is wanted of the records: columns, or with a spelling their lines and numbers."""

    query: RecordQuery
    columns: tuple[str, ...]
    spelling: Spelling | None

    @cached_property
    def source(self) -> Source:
        query = self.query
        return Source.of(query.source, nanoseconds(query.start), nanoseconds(query.stop), query.timezone)

    def over(self, start: int, stop: int, *, ordered: bool) -> tuple[str, list[sql.Parameter]]:
        """Text and parameters for the records in [start, stop) nanoseconds."""
        query = self.query
        restricted = sql.where(query.source, start, stop, query.where)
        shape = records.Shape(self.source, self.columns, query.order, query.descending, restricted.shape)
        if self.spelling is None:
            return _text(shape, None, ordered), [*restricted.parameters]
        line, ends = Line.of(query.source, self.columns, self.spelling, start, stop)
        return _text(shape, line, ordered), [*ends, *restricted.parameters]


def _read(database: Database, question: _Question, fetch: Fetch[Found]) -> Iterator[Found | Columns]:
    """Stretch by stretch in one transaction, so that what is written meanwhile is not seen."""
    with database.cursor() as connection:
        connection.begin()
        try:
            if question.query.order == "time":
                yield from _by_time(connection, question, fetch)
            else:
                yield from _sorted(connection, question)
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.rollback()


def _by_time(connection: duckdb.DuckDBPyConnection, question: _Question, fetch: Fetch[Found]) -> Iterator[Found]:
    """Stretch by stretch. Most stretches lie in the file as they happened, and times alone tell the order: that is
    found here, since DuckDB would carry whole rows through its sort. Only where times tie is it asked to."""
    query = question.query
    start, stop = nanoseconds(query.start), nanoseconds(query.stop)
    slices = Slices(question.source, start, stop, query.where, _long_texts(query), query.descending)
    for begin, end in slices.cut(connection):
        found = fetch(connection, *question.over(begin, end, ordered=False))
        order = np.argsort(found.times, kind="stable")
        if (found.times[order[1:]] == found.times[order[:-1]]).any():
            yield fetch(connection, *question.over(begin, end, ordered=True))
        else:
            yield found.taken(order[::-1] if query.descending else order)


def _sorted(connection: duckdb.DuckDBPyConnection, question: _Question) -> Iterator[Columns]:
    """By any other column: DuckDB sorts it all, on disk where it must."""
    query = question.query
    connection.execute(*question.over(nanoseconds(query.start), nanoseconds(query.stop), ordered=True))
    vectors = 1 if _long_texts(query) else ROWS // _VECTOR // 4
    while len(frame := connection.fetch_df_chunk(vectors)):
        yield Columns({str(name): _array(frame[name]) for name in frame})


def _long_texts(query: RecordQuery) -> tuple[str, ...]:
    source = query.source
    return tuple(
        name for name in query.wanted if kind_of(source, name) == "text" and name not in source.dimensions
    )  # fmt: skip


@lru_cache(maxsize=128)
def _text(shape: records.Shape, line: Line | None, ordered: bool) -> str:
    source = measurement(shape.source.measurement)
    names = shape.columns
    chosen = [sql.column(name) for name in names]
    if line is not None:
        numbers = [sql.column(name) for name in names if name == "time" or kind_of(source, name) in ("int", "float")]
        chosen = [exp.alias_(line.expression(), LINE, quoted=True), *numbers]
    return sql.text(records.ordered(shape, chosen) if ordered else records.found(shape, chosen))


def _array(column: pd.Series[Any]) -> npt.NDArray[Any]:
    """As `fetchnumpy` would give it."""
    if column.dtype.kind in "iu":
        return numeric(column, "int")
    if column.dtype.kind == "f":
        return numeric(column, "float")
    return np.ma.MaskedArray(column.to_numpy(dtype=object), mask=column.isna().to_numpy(dtype=bool))

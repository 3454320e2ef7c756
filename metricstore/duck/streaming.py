"""All records of a question, piece by piece, from one snapshot: as frames, or as text spelled by DuckDB itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlglot import exp

from metricstore.catalogue import Measurement, measurement
from metricstore.duck import records, sql
from metricstore.duck.database import Database
from metricstore.duck.slices import Slices
from metricstore.duck.spelling import LINE, Line
from metricstore.paging import typed_column
from metricstore.point import nanoseconds
from metricstore.query import RecordQuery
from metricstore.spelling import Lines, Spelling, kind_of, numeric
from metricstore.streaming import ROWS

Columns = Mapping[str, npt.NDArray[Any]]
_VECTOR = 2048
"""Rows DuckDB hands out at once."""


def frames(database: Database, query: RecordQuery) -> Iterator[pd.DataFrame]:
    """See Store.stream."""
    names = ("time", *query.wanted)
    for found in _read(database, query, names, None):
        yield _frame(query.source, names, found)


def lines(database: Database, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
    """See Store.lines."""
    columns = ("time", *query.wanted)
    numbers = tuple(name for name in columns if kind_of(query.source, name) in ("int", "float"))
    for found in _read(database, query, columns, spelling):
        yield Lines(found[LINE].tolist(), {name: found[name] for name in numbers})


def _read(
    database: Database, query: RecordQuery, columns: tuple[str, ...], spelling: Spelling | None
) -> Iterator[Columns]:
    """Stretch by stretch in one transaction, so that what is written meanwhile is not seen."""
    with database.cursor() as connection:
        connection.begin()
        try:
            if query.order == "time":
                yield from _by_time(connection, query, columns, spelling)
            else:
                yield from _sorted(connection, query, columns, spelling)
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.rollback()


def _by_time(
    connection: duckdb.DuckDBPyConnection, query: RecordQuery, columns: tuple[str, ...], spelling: Spelling | None
) -> Iterator[Columns]:
    """Stretch by stretch. Most stretches lie in the file as they happened, and times alone tell the order: that is
    found here, since DuckDB would carry whole rows through its sort. Only where times tie is it asked to."""
    start, stop = nanoseconds(query.start), nanoseconds(query.stop)
    slices = Slices(query.source, start, stop, query.where, _long_texts(query), query.descending)
    for begin, end in slices.cut(connection):
        connection.execute(*_question(query, columns, spelling, begin, end, ordered=False))
        found = connection.fetchnumpy()
        times = np.ma.getdata(found["time"])
        order = np.argsort(times, kind="stable")
        if (times[order[1:]] == times[order[:-1]]).any():
            connection.execute(*_question(query, columns, spelling, begin, end, ordered=True))
            yield connection.fetchnumpy()
            continue
        order = order[::-1] if query.descending else order
        yield {name: values[order] for name, values in found.items()}


def _sorted(
    connection: duckdb.DuckDBPyConnection, query: RecordQuery, columns: tuple[str, ...], spelling: Spelling | None
) -> Iterator[Columns]:
    """By any other column: DuckDB sorts it all, on disk where it must."""
    start, stop = nanoseconds(query.start), nanoseconds(query.stop)
    connection.execute(*_question(query, columns, spelling, start, stop, ordered=True))
    vectors = 1 if _long_texts(query) else ROWS // _VECTOR // 4
    while len(frame := connection.fetch_df_chunk(vectors)):
        yield {str(name): _array(frame[name]) for name in frame}


def _long_texts(query: RecordQuery) -> tuple[str, ...]:
    source = query.source
    return tuple(
        name for name in query.wanted if kind_of(source, name) == "text" and name not in source.dimensions
    )  # fmt: skip


def _question(
    query: RecordQuery, columns: tuple[str, ...], spelling: Spelling | None, start: int, stop: int, *, ordered: bool
) -> tuple[str, list[sql.Parameter]]:
    restricted = sql.where(query.source, start, stop, query.where)
    shape = records.Shape(query.measurement, columns, query.order, query.descending, restricted.shape)
    if spelling is None:
        return _text(shape, None, ordered), [*restricted.parameters]
    line, ends = Line.of(query.source, columns, spelling, start, stop)
    return _text(shape, line, ordered), [*ends, *restricted.parameters]


@lru_cache(maxsize=128)
def _text(shape: records.Shape, line: Line | None, ordered: bool) -> str:
    source = measurement(shape.measurement)
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


def _frame(source: Measurement, names: Sequence[str], found: Columns) -> pd.DataFrame:
    return pd.DataFrame({name: typed_column(source, name, found[name]) for name in names})

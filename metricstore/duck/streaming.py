"""All records of a question, piece by piece, from one snapshot: as frames, or as text spelled by DuckDB itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlglot import exp

from metricstore.catalogue import measurement
from metricstore.duck.database import Database
from metricstore.duck.dialect import DUCKDB, DuckEngine
from metricstore.duck.spelling import LINE, Line
from metricstore.point import nanoseconds
from metricstore.query import RecordQuery
from metricstore.spelling import Lines, Spelling, kind_of, numeric
from metricstore.sql import conditions, records
from metricstore.sql.rows import Columns, Piece
from metricstore.sql.streaming import by_time, framed, long_texts, over, read
from metricstore.sql.trees import Parameter, column
from metricstore.streaming import ROWS

Found = TypeVar("Found", bound=Piece)
Over = Callable[[int, int, bool], tuple[str, list[Parameter]]]
"""Text and parameters for the records in [start, stop) nanoseconds, in order or not."""
Fetch = Callable[[duckdb.DuckDBPyConnection, str, list[Parameter]], Found]
_VECTOR = 2048
"""Rows DuckDB hands out at once."""


def frames(database: Database, query: RecordQuery) -> Iterator[pd.DataFrame]:
    """See Store.stream."""

    def asked(start: int, stop: int, ordered: bool) -> tuple[str, list[Parameter]]:
        text, parameters = over(DUCKDB, query, start, stop, ordered=ordered)
        return text, [*parameters]

    for found in _read(database, query, asked, _columns):
        yield framed(query, found)


def lines(database: Database, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
    """See Store.lines."""
    from metricstore.duck.arrow import Rows

    columns = ("time", *query.wanted)
    numbers = tuple(name for name in columns if kind_of(query.source, name) in ("int", "float"))

    def asked(start: int, stop: int, ordered: bool) -> tuple[str, list[Parameter]]:
        restricted = conditions.where(query.source, start, stop, query.where)
        shape = records.Shape(read(query), columns, query.order, query.descending, restricted.shape)
        line, ends = Line.of(query.source, columns, spelling, start, stop)
        return _lines_text(shape, line, ordered), [*ends, *restricted.parameters]

    for found in _read(database, query, asked, Rows.fetched):
        yield found.lines(LINE, numbers)


def _read(database: Database, query: RecordQuery, over: Over, fetch: Fetch[Found]) -> Iterator[Found | Columns]:
    """Stretch by stretch in one transaction, so that what is written meanwhile is not seen."""
    with database.cursor() as connection:
        connection.begin()
        try:
            if query.order == "time":
                yield from by_time(DuckEngine(connection), query, lambda *part: fetch(connection, *over(*part)))
            else:
                yield from _sorted(connection, query, over)
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.rollback()


def _columns(connection: duckdb.DuckDBPyConnection, text: str, parameters: list[Parameter]) -> Columns:
    return Columns(DuckEngine(connection).columns(text, parameters))


def _sorted(connection: duckdb.DuckDBPyConnection, query: RecordQuery, over: Over) -> Iterator[Columns]:
    """By any other column: DuckDB sorts it all, on disk where it must."""
    connection.execute(*over(nanoseconds(query.start), nanoseconds(query.stop), True))
    vectors = 1 if long_texts(query) else ROWS // _VECTOR // 4
    while len(frame := connection.fetch_df_chunk(vectors)):
        yield Columns({str(name): _array(frame[name]) for name in frame})


@lru_cache(maxsize=128)
def _lines_text(shape: records.Shape, line: Line, ordered: bool) -> str:
    source = measurement(shape.source.measurement)
    numbers = [column(name) for name in shape.columns if name == "time" or kind_of(source, name) in ("int", "float")]
    chosen = [exp.alias_(line.expression(), LINE, quoted=True), *numbers]
    return DUCKDB.text((records.ordered if ordered else records.found)(DUCKDB, shape, chosen))


def _array(column: pd.Series[Any]) -> npt.NDArray[Any]:
    """As `fetchnumpy` would give it."""
    if column.dtype.kind in "iu":
        return numeric(column, "int")
    if column.dtype.kind == "f":
        return numeric(column, "float")
    return np.ma.MaskedArray(column.to_numpy(dtype=object), mask=column.isna().to_numpy(dtype=bool))

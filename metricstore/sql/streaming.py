"""All records of a question in the order of time, stretch by stretch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

import numpy as np
import pandas as pd

from metricstore.dates import DATED
from metricstore.paging import typed_column
from metricstore.point import nanoseconds
from metricstore.query import RecordQuery
from metricstore.spelling import kind_of
from metricstore.sql import conditions, records
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.rows import Columns, Piece
from metricstore.sql.slices import Slices
from metricstore.sql.source import Source
from metricstore.sql.trees import Parameter, column

Found = TypeVar("Found", bound=Piece)


def names_of(query: RecordQuery) -> tuple[str, ...]:
    """The columns of a streamed frame."""
    return ("time", *((DATED,) if query.source.dates else ()), *query.wanted)


def read(query: RecordQuery) -> Source:
    return Source.of(query.source, nanoseconds(query.start), nanoseconds(query.stop), query.timezone)


def over(
    dialect: Dialect, query: RecordQuery, start: int, stop: int, *, ordered: bool
) -> tuple[str, tuple[Parameter, ...]]:
    """Text and parameters for the records in [start, stop) nanoseconds."""
    restricted = conditions.where(query.source, start, stop, query.where)
    shape = records.Shape(read(query), names_of(query), query.order, query.descending, restricted.shape)
    return _text(dialect, shape, ordered), restricted.parameters


def framed(query: RecordQuery, found: Columns) -> pd.DataFrame:
    """A piece as Store.stream promises it."""
    return pd.DataFrame({name: typed_column(query.source, name, found.values[name]) for name in names_of(query)})


def by_time(engine: Engine, query: RecordQuery, fetch: Callable[[int, int, bool], Found]) -> Iterator[Found]:
    """`fetch` reads the records in [start, stop) nanoseconds, in order where it is asked to.

    Most stretches lie in the store as they happened, and times alone tell the order: that is found here, since a
    database would carry whole rows through its sort. Only where times tie is it asked to.
    """
    start, stop = nanoseconds(query.start), nanoseconds(query.stop)
    slices = Slices(read(query), start, stop, query.where, long_texts(query), query.descending)
    for begin, end in slices.cut(engine):
        found = fetch(begin, end, False)
        if not len(found.times):
            continue  # deleted since the stretch was cut
        order = np.argsort(found.times, kind="stable")
        if (found.times[order[1:]] == found.times[order[:-1]]).any():
            yield fetch(begin, end, True)
        else:
            yield found.taken(order[::-1] if query.descending else order)


def long_texts(query: RecordQuery) -> tuple[str, ...]:
    source = query.source
    return tuple(
        name for name in query.wanted if kind_of(source, name) == "text" and name not in source.dimensions
    )  # fmt: skip


@lru_cache(maxsize=128)
def _text(dialect: Dialect, shape: records.Shape, ordered: bool) -> str:
    chosen = [column(name) for name in shape.columns]
    return dialect.text((records.ordered if ordered else records.found)(dialect, shape, chosen))

"""Single records as SQL: sorted, and paged by the place of the last one seen rather than by counting rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
from sqlglot import exp

from metricstore.catalogue import Measurement, measurement
from metricstore.dates import DATED
from metricstore.duck import sql
from metricstore.duck.source import Source
from metricstore.paging import Place, decode_cursor, encode_cursor, record_frame
from metricstore.point import nanoseconds
from metricstore.query import RecordQuery
from metricstore.store import Page


@dataclass(frozen=True)
class Shape:
    """What the text depends on. `after`: no cursor, one behind a value of the order column, or behind its absence."""

    source: Source
    columns: tuple[str, ...]
    order: str
    descending: bool
    where: tuple[sql.ConditionShape, ...]
    after: str = ""


def page(connection: duckdb.DuckDBPyConnection, query: RecordQuery, *, count: bool) -> Page:
    """Answer a checked question."""
    source = query.source
    place = decode_cursor(query)
    start, stop = nanoseconds(query.start), nanoseconds(query.stop)
    everything = sql.where(source, start, stop, query.where)
    read = Source.of(source, start, stop, query.timezone)
    total = _count(connection, read, everything) if count else None
    if place is not None and query.order == "time":
        # Said twice, here as plain limits of time, by which DuckDB skips whole blocks.
        start, stop = (start, min(stop, place.time + 1)) if query.descending else (max(start, place.time), stop)
    restricted = sql.where(source, start, stop, query.where)
    shape = Shape(read, _columns(query), query.order, query.descending, restricted.shape, _after(query, place))
    parameters = [*restricted.parameters, *_place_parameters(query, place), query.limit + 1, query.offset]
    raw = connection.execute(_text(shape), parameters).fetchnumpy()
    found = {name: values.tolist() for name, values in raw.items()}
    more = len(found["time"]) > query.limit
    kept = {name: values[: query.limit] for name, values in found.items()}
    frame = record_frame(query, kept["time"], kept)
    return Page(frame, encode_cursor(query, _last(query, kept)) if more else None, total)


def _columns(query: RecordQuery) -> tuple[str, ...]:
    """What has to be read: identity, asked columns and what is sorted by."""
    asked = query.columns or query.source.columns
    dated = (DATED,) if query.source.dates else ()
    return tuple(dict.fromkeys(("time", *dated, *query.source.tag_names, *asked, query.order)))


def _count(connection: duckdb.DuckDBPyConnection, source: Source, where: sql.Where) -> int:
    row = connection.execute(_count_text(source, where.shape), list(where.parameters)).fetchone()
    return int(row[0]) if row else 0


@lru_cache(maxsize=256)
def _count_text(source: Source, shape: tuple[sql.ConditionShape, ...]) -> str:
    return sql.text(exp.select(exp.Count(this=exp.Star())).from_(source.table()).where(sql.restriction(shape)))


def _after(query: RecordQuery, place: Place | None) -> str:
    if place is None:
        return ""
    return "absence" if place.value is None and query.order != "time" else "value"


def _place_parameters(query: RecordQuery, place: Place | None) -> list[Any]:
    if place is None:
        return []
    identity = [place.time, *place.tags]
    if query.order == "time" or place.value is None:
        return identity
    return [place.value, place.value, *identity]


def _last(query: RecordQuery, kept: dict[str, list[Any]]) -> Place:
    value = kept[query.order][-1]
    if query.order in query.source.tag_names and value == "":
        value = None
    return Place(value, kept["time"][-1], tuple(kept[name][-1] for name in query.source.tag_names))


@lru_cache(maxsize=256)
def _text(shape: Shape) -> str:
    query = ordered(shape, [sql.column(name) for name in shape.columns])
    return sql.text(query.limit(sql.placeholder()).offset(sql.placeholder()))


def found(shape: Shape, chosen: Sequence[exp.Expression]) -> exp.Select:
    """`chosen` of all records that `shape` speaks of, in any order."""
    restricted = sql.restriction(shape.where)
    if shape.after:
        restricted = exp.and_(restricted, _behind(measurement(shape.source.measurement), shape))
    return exp.select(*chosen).from_(shape.source.table()).where(restricted)


def ordered(shape: Shape, chosen: Sequence[exp.Expression]) -> exp.Select:
    """As `found`, sorted as the question wants it."""
    source = measurement(shape.source.measurement)
    keys = [_key(source, shape.order)] if shape.order != "time" else []
    keys += [sql.column(name) for name in ("time", *source.tag_names)]
    order = [exp.Ordered(this=key, desc=shape.descending, nulls_first=False) for key in keys]
    return found(shape, chosen).order_by(*order)


def _key(source: Measurement, order: str) -> exp.Expression:
    """What is sorted by; absent tags count as absent, not as the empty text."""
    if order in source.tag_names:
        return exp.Nullif(this=sql.column(order), expression=exp.Literal.string(""))
    return sql.column(order)


def _behind(source: Measurement, shape: Shape) -> exp.Expression:
    """Rows that come after a place, by the order column, then time, then tags."""
    beyond = exp.LT if shape.descending else exp.GT
    identity = ("time", *source.tag_names)
    left = exp.Tuple(expressions=[sql.column(name) for name in identity])
    right = exp.Tuple(expressions=[sql.placeholder() for _ in identity])
    tie = beyond(this=left, expression=right)
    if shape.order == "time":
        return tie
    key = _key(source, shape.order)
    absent = exp.Is(this=key, expression=exp.null())
    if shape.after == "absence":
        return exp.and_(absent, tie)
    further = beyond(this=key.copy(), expression=sql.placeholder())
    same = exp.and_(exp.EQ(this=key.copy(), expression=sql.placeholder()), tie)
    return exp.paren(exp.or_(further, same, absent))

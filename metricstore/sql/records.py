"""Single records as SQL: sorted, and paged by the place of the last one seen rather than by counting rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlglot import exp

from metricstore.catalogue import Measurement, measurement
from metricstore.dates import DATED
from metricstore.paging import Place, decode_cursor, encode_cursor, record_frame
from metricstore.point import nanoseconds
from metricstore.query import RecordQuery
from metricstore.sql import conditions
from metricstore.sql.dialect import Dialect, Engine, identity
from metricstore.sql.source import Source
from metricstore.sql.trees import column, placeholder
from metricstore.store import Page


@dataclass(frozen=True)
class Shape:
    """What the text depends on. `after`: no cursor, one behind a value of the order column, or behind its absence."""

    source: Source
    columns: tuple[str, ...]
    order: str
    descending: bool
    where: tuple[conditions.ConditionShape, ...]
    after: str = ""


def page(engine: Engine, query: RecordQuery, *, count: bool) -> Page:
    """Answer a checked question."""
    source = query.source
    place = decode_cursor(query)
    start, stop = nanoseconds(query.start), nanoseconds(query.stop)
    everything = conditions.where(source, start, stop, query.where)
    read = Source.of(source, start, stop, query.timezone)
    total = _count(engine, read, everything) if count else None
    if place is not None and query.order == "time":
        # Said twice, here as plain limits of time, by which databases skip whole blocks.
        start, stop = (start, min(stop, place.time + 1)) if query.descending else (max(start, place.time), stop)
    restricted = conditions.where(source, start, stop, query.where)
    shape = Shape(read, _columns(query), query.order, query.descending, restricted.shape, _after(query, place))
    parameters = [*restricted.parameters, *_place_parameters(query, place), query.limit + 1, query.offset]
    raw = engine.columns(_text(engine.dialect, shape), parameters)
    found = {name: raw[name].tolist() for name in shape.columns}
    more = len(found["time"]) > query.limit
    kept = {name: values[: query.limit] for name, values in found.items()}
    frame = record_frame(query, kept["time"], kept)
    return Page(frame, encode_cursor(query, _last(query, kept)) if more else None, total)


def _columns(query: RecordQuery) -> tuple[str, ...]:
    """What has to be read: identity, asked columns and what is sorted by."""
    asked = query.columns or query.source.columns
    dated = (DATED,) if query.source.dates else ()
    return tuple(dict.fromkeys(("time", *dated, *query.source.tag_names, *asked, query.order)))


def _count(engine: Engine, source: Source, where: conditions.Where) -> int:
    ((found,),) = engine.rows(_count_text(engine.dialect, source, where.shape), where.parameters)
    return int(found)


@lru_cache(maxsize=256)
def _count_text(dialect: Dialect, source: Source, shape: tuple[conditions.ConditionShape, ...]) -> str:
    counted = exp.select(exp.Count(this=exp.Star())).from_(source.table(dialect))
    return dialect.text(counted.where(conditions.restriction(dialect, shape)))


def _after(query: RecordQuery, place: Place | None) -> str:
    if place is None:
        return ""
    return "absence" if place.value is None and query.order != "time" else "value"


def _place_parameters(query: RecordQuery, place: Place | None) -> list[Any]:
    if place is None:
        return []
    own = [place.time, *place.tags]
    if query.order == "time" or place.value is None:
        return own
    return [place.value, place.value, *own]


def _last(query: RecordQuery, kept: dict[str, list[Any]]) -> Place:
    value = kept[query.order][-1]
    if query.order in query.source.tag_names and value == "":
        value = None
    return Place(value, kept["time"][-1], tuple(kept[name][-1] for name in query.source.tag_names))


@lru_cache(maxsize=256)
def _text(dialect: Dialect, shape: Shape) -> str:
    wanted = [column(name) for name in shape.columns]
    source = measurement(shape.source.measurement)
    if not dialect.identities_first or source.dates is not None:  # a moved time does not lead to a point
        query = ordered(dialect, shape, wanted)
        return dialect.text(query.limit(placeholder()).offset(placeholder()))
    first = ordered(dialect, shape, identity(source)).limit(placeholder()).offset(placeholder())
    own = dialect.chosen_by(identity(source), first)
    read = exp.select(*wanted).from_(shape.source.table(dialect)).where(own)
    return dialect.text(_in_order(read, shape))


def found(dialect: Dialect, shape: Shape, chosen: Sequence[exp.Expression]) -> exp.Select:
    """`chosen` of all records that `shape` speaks of, in any order."""
    restricted = conditions.restriction(dialect, shape.where)
    if shape.after:
        restricted = exp.and_(restricted, _behind(measurement(shape.source.measurement), shape))
    return exp.select(*chosen).from_(shape.source.table(dialect)).where(restricted)


def ordered(dialect: Dialect, shape: Shape, chosen: Sequence[exp.Expression]) -> exp.Select:
    """As `found`, sorted as the question wants it."""
    return _in_order(found(dialect, shape, chosen), shape)


def _in_order(query: exp.Select, shape: Shape) -> exp.Select:
    source = measurement(shape.source.measurement)
    keys = [_key(source, shape.order)] if shape.order != "time" else []
    keys += identity(source)
    order = [exp.Ordered(this=key, desc=shape.descending, nulls_first=False) for key in keys]
    return query.order_by(*order)


def _key(source: Measurement, order: str) -> exp.Expression:
    """What is sorted by; absent tags count as absent, not as the empty text."""
    if order in source.tag_names:
        return exp.Nullif(this=column(order), expression=exp.Literal.string(""))
    return column(order)


def _behind(source: Measurement, shape: Shape) -> exp.Expression:
    """Rows that come after a place, by the order column, then time, then tags."""
    beyond = exp.LT if shape.descending else exp.GT
    left = exp.Tuple(expressions=list(identity(source)))
    right = exp.Tuple(expressions=[placeholder() for _ in left.expressions])
    tie = beyond(this=left, expression=right)
    if shape.order == "time":
        return tie
    key = _key(source, shape.order)
    absent = exp.Is(this=key, expression=exp.null())
    if shape.after == "absence":
        return exp.and_(absent, tie)
    further = beyond(this=key.copy(), expression=placeholder())
    same = exp.and_(exp.EQ(this=key.copy(), expression=placeholder()), tie)
    return exp.paren(exp.or_(further, same, absent))

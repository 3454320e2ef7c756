"""Whether hours' rollups say what their points say, looked at in samples."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import duckdb
from sqlglot import exp

from metricstore.duck.dialect import DUCKDB
from metricstore.rollups.hours import HOUR, Stretches, length, without
from metricstore.rollups.layout import POINTS, Layout
from metricstore.rollups.planner import Known
from metricstore.sql.rollups import (
    BUCKET,
    NUMBER,
    PARTS,
    TIME,
    bucket_keys,
    buckets,
    computed,
    computed_buckets,
    kept,
    part,
)
from metricstore.sql.trees import column, placeholder, table

Row = tuple[Any, ...]
_CLOSE = 1e-9
"""Relative: sums of fractions depend on the order of adding."""


def sampled(
    connection: duckdb.DuckDBPyConnection, known: Known, layout: Layout, chance: random.Random, most: int
) -> list[int]:
    """Complete hours between the first and the last that has points or rollups, at most so many; none twice."""
    ends = ends_of(connection, layout)
    if ends is None:
        return []
    complete = without(without(((ends[0] // HOUR, ends[1] // HOUR + 1),), known.dirty), known.closed)
    number = length(complete)
    return sorted(_place(complete, one) for one in chance.sample(range(number), min(most, number)))


def ends_of(connection: duckdb.DuckDBPyConnection, layout: Layout) -> tuple[int, int] | None:
    """Between which times, in nanoseconds, there are points or rollups."""
    first, last = connection.execute(_ends_text(layout)).fetchall()[0]
    return None if first is None else (first, last)


def differing(connection: duckdb.DuckDBPyConnection, layout: Layout, hours: Sequence[int]) -> list[int]:
    """Those whose rollups are not what their points give. All is read in the caller's transaction."""
    return [hour for hour in hours if any(_differ(connection, layout, hour))]


def _differ(connection: duckdb.DuckDBPyConnection, layout: Layout, hour: int) -> Iterator[bool]:
    for stored, made in _texts(layout):
        rows = connection.execute(stored, [hour, hour + 1]).fetchall()
        expected = connection.execute(made, [hour * HOUR, (hour + 1) * HOUR]).fetchall()
        yield len(rows) != len(expected) or not all(map(_same, rows, expected))


def _same(row: Row, expected: Row) -> bool:
    scale = max((abs(value) for value in expected[1:] if isinstance(value, float)), default=0.0)
    return all(
        math.isclose(value, wanted, rel_tol=_CLOSE, abs_tol=_CLOSE * scale) if isinstance(wanted, float) and value is not None
        else value == wanted
        for value, wanted in zip(row, expected, strict=True)
    )  # fmt: skip


def _place(stretches: Stretches, number: int) -> int:
    """The hour that so many of the stretches' hours come before."""
    for first, stop in stretches:
        if number < stop - first:
            return first + number
        number -= stop - first
    raise IndexError(number)


@lru_cache(maxsize=64)
def _ends_text(layout: Layout) -> str:
    """In nanoseconds."""
    time = column("time")
    points = exp.select(time).from_(table(layout.measurement))
    begin = exp.Mul(this=column(TIME), expression=exp.Literal.number(HOUR))
    both = exp.Union(this=points, expression=exp.select(begin).from_(kept(layout.measurement)), distinct=False)
    ends = exp.select(exp.Min(this=time.copy()), exp.Max(this=time.copy()))
    return DUCKDB.text(ends.from_(exp.Subquery(this=both, alias=exp.TableAlias(this=exp.to_identifier("times")))))


@lru_cache(maxsize=64)
def _texts(layout: Layout) -> list[tuple[str, str]]:
    """Of each table the rows that are stored and those that points give, in the same order."""
    cells = [TIME, *layout.keys]
    wide = [*cells, POINTS, *(part(name, one) for name, _ in layout.kinds for one in PARTS)]
    found = [(_stored_text(kept(layout.measurement), wide, cells), DUCKDB.text(computed(DUCKDB, layout)))]
    for field in layout.bucketed:
        for keys in bucket_keys(layout):
            order = [TIME, *keys, BUCKET]
            stored = _stored_text(buckets(layout, field, keys), [*order, NUMBER], order)
            found.append((stored, DUCKDB.text(computed_buckets(DUCKDB, layout, field, keys))))
    return found


def _stored_text(own: exp.Table, names: Sequence[str], keys: Sequence[str]) -> str:
    after = exp.GTE(this=column(TIME), expression=placeholder())
    where = exp.and_(after, exp.LT(this=column(TIME), expression=placeholder()))
    rows = exp.select(*(column(name) for name in names)).from_(own).where(where)
    return DUCKDB.text(rows.order_by(*(column(key) for key in keys)))

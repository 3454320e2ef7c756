"""Whether hours' rollups say what their points say, looked at in samples."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlglot import exp

from metricstore.rollups.hours import HOUR, Stretches, length, without
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Known
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.rollups import TIME, Table, between, tables
from metricstore.sql.trees import column

Row = tuple[Any, ...]
_CLOSE = 1e-9
"""Relative: sums of fractions depend on the order of adding."""


def sampled(engine: Engine, known: Known, layout: Layout, chance: random.Random, most: int) -> list[int]:
    """Complete hours between the first and the last that has points or rollups, at most so many; none twice."""
    ends = ends_of(engine, layout)
    if ends is None:
        return []
    complete = without(without(((ends[0] // HOUR, ends[1] // HOUR + 1),), known.dirty), known.closed)
    number = length(complete)
    return sorted(_place(complete, one) for one in chance.sample(range(number), min(most, number)))


def ends_of(engine: Engine, layout: Layout) -> tuple[int, int] | None:
    """Between which times, in nanoseconds, there are points or rollups."""
    ends = [row for text in _ends_texts(engine.dialect, layout) for row in engine.rows(text, ()) if row[2]]
    return (min(first for first, _, _ in ends), max(last for _, last, _ in ends)) if ends else None


def differing(engine: Engine, layout: Layout, hours: Sequence[int]) -> list[int]:
    """Those whose rollups are not what their points give."""
    return [hour for hour in hours if any(_differ(engine, layout, hour))]


def _differ(engine: Engine, layout: Layout, hour: int) -> Iterator[bool]:
    for stored, made in _texts(engine.dialect, layout):
        rows = engine.rows(stored, [hour, hour + 1])
        expected = engine.rows(made, [hour * HOUR, (hour + 1) * HOUR])
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
def _ends_texts(dialect: Dialect, layout: Layout) -> tuple[str, str]:
    """First and last time in nanoseconds, and whether there is any."""
    time = column("time")
    begin = exp.alias_(exp.Mul(this=column(TIME), expression=exp.Literal.number(HOUR)), "time", quoted=True)
    hours = exp.select(begin).from_(dialect.kept(layout, layout.measurement, ()))
    ends = exp.select(exp.Min(this=time), exp.Max(this=time.copy()), exp.Count(this=exp.Star()))
    return (
        dialect.text(ends.copy().from_(dialect.rows(layout.measurement))),
        dialect.text(ends.from_(exp.Subquery(this=hours, alias=exp.TableAlias(this=exp.to_identifier("hours"))))),
    )


@lru_cache(maxsize=64)
def _texts(dialect: Dialect, layout: Layout) -> list[tuple[str, str]]:
    """Of each table the rows that are stored and those that points give, in the same order."""
    return [(_stored_text(dialect, layout, one), dialect.text(one.computed(dialect, layout))) for one in tables(layout)]


def _stored_text(dialect: Dialect, layout: Layout, table: Table) -> str:
    names = [column(name) for name in table.columns]
    rows = exp.select(*names).from_(dialect.kept(layout, table.name, table.columns[1:])).where(between(column(TIME)))
    return dialect.text(rows.order_by(*(column(key) for key in (TIME, *table.keys))))

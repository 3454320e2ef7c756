"""Percentiles from counts in buckets of hours, and of points beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from metricstore.framing import framed
from metricstore.grid import Grid
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.rollups.buckets import nearest_ranks
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Plan
from metricstore.sql import conditions, rollups, windows
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.grouping import grouping
from metricstore.sql.trees import Parameter, column


@dataclass(frozen=True)
class _Shape:
    layout: Layout
    keys: tuple[str, ...]
    field: str
    hours: int
    points: int
    by: tuple[str, ...]
    where: tuple[conditions.ConditionShape, ...]
    runs: int


def answered(engine: Engine, query: Query, plan: Plan) -> Grid:
    """The answer to a question for a percentile of a field that has buckets."""
    assert query.field is not None
    base = conditions.where(query.source, nanoseconds(query.start), nanoseconds(query.stop), query.where)
    cut = windows.windows(query)
    columns = {*query.by, *(one.column for one in query.where)}
    keys = plan.layout.keys if columns & set(plan.layout.keys) else ()
    pieces = len(plan.hours), len(plan.points)
    shape = _Shape(plan.layout, keys, query.field, *pieces, query.by, base.shape, cut.runs)
    raw = engine.columns(_text(engine.dialect, shape), _parameters(engine.dialect, plan, cut, base))
    times = windows.times(query, cut, raw["window"]) if cut.runs else None
    places = [*([raw["window"]] if cut.runs else []), *(raw[f"by_{name}"] for name in query.by)]
    begins = _begins(places, len(raw[rollups.NUMBER]))
    groups = [raw[f"by_{name}"][begins] for name in query.by]
    values = _values(raw, begins, query.aggregate)
    return framed(query, times[begins] if times is not None else None, groups, values)


def _begins(keys: list[npt.NDArray[Any]], rows: int) -> npt.NDArray[np.intp]:
    """Where a row's keys are not those of the row before."""
    new = np.zeros(rows, dtype=bool)
    new[:1] = True
    for key in keys:
        values = np.asarray(key)
        new[1:] |= values[1:] != values[:-1]
    return np.flatnonzero(new)


def _values(raw: Any, begins: npt.NDArray[np.intp], aggregate: str) -> npt.NDArray[np.float64]:
    """NaN for runs that are points without the field alone."""
    buckets = np.ma.asarray(raw[rollups.BUCKET])
    known = ~np.ma.getmaskarray(buckets)
    run = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(buckets))))[known]
    found = np.full(len(begins), np.nan)
    if len(run):
        first = np.flatnonzero(np.append(True, run[1:] != run[:-1]))
        numbers = np.asarray(raw[rollups.NUMBER])[known].astype(np.int64)
        whole = np.ma.getdata(buckets)[known].astype(np.int64)
        found[run[first]] = nearest_ranks(first, whole, numbers, aggregate)
    return found


def _parameters(dialect: Dialect, plan: Plan, cut: windows.Windows, base: conditions.Where) -> list[Parameter]:
    """In the order of the text."""
    own = rollups.parameters(plan)
    joined = cut.runs < 0 and dialect.edges_joined
    return [*own, *cut.parameters, *base.parameters] if joined else [*cut.parameters, *own, *base.parameters]


@lru_cache(maxsize=128)
def _text(dialect: Dialect, shape: _Shape) -> str:
    """SELECT of `window`, the groups, BUCKET and NUMBER, in the order of all these."""
    chosen, keys = grouping(dialect, shape.runs, shape.by)
    last = exp.Literal.number(len(keys) + 1)
    number = exp.alias_(exp.cast(exp.Sum(this=column(rollups.NUMBER)), "bigint"), rollups.NUMBER, quoted=True)
    query = exp.select(*chosen, column(rollups.BUCKET), number).from_(_source(dialect, shape))
    if shape.runs < 0:
        query = dialect.with_edges(query)
    query = query.where(conditions.restriction(dialect, shape.where)).group_by(*keys, last)
    return dialect.text(query.order_by(*(one.copy() for one in keys), last.copy()))


def _source(dialect: Dialect, shape: _Shape) -> exp.Expression:
    layout, names = shape.layout, [column(name) for name in shape.keys]
    table = rollups.buckets(layout, shape.field, shape.keys)
    hours = rollups.from_hours(dialect, layout, table, [*shape.keys, rollups.BUCKET, rollups.NUMBER], shape.hours)
    of_points = [
        exp.alias_(rollups.bucket(dialect, shape.field), rollups.BUCKET, quoted=True),
        exp.alias_(exp.Literal.number(1), rollups.NUMBER, quoted=True),
    ]
    return rollups.together(hours, dialect, layout.measurement, [*names, *of_points], shape.points)

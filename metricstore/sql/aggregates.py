"""Aggregates as SQL: questions about the same points are one statement, each with its own conditions on what it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from metricstore.catalogue import measurement
from metricstore.framing import comparison_query, framed, with_comparison
from metricstore.grid import Grid
from metricstore.point import nanoseconds
from metricstore.query import PER_TIME, PERCENTILES, Query
from metricstore.rollups.planner import Plan
from metricstore.sql import conditions, rollup_percentiles, rollups, windows
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.grouping import grouping
from metricstore.sql.rollups import RollupSource
from metricstore.sql.source import Source
from metricstore.sql.trees import Parameter, column
from metricstore.windows import Window


@dataclass(frozen=True)
class Part:
    """One question's share of a text. `where`: conditions that not all of the text's questions have."""

    aggregate: str
    field: str | None
    where: tuple[conditions.ConditionShape, ...] = ()


@dataclass(frozen=True)
class Shape:
    """What a text depends on. `runs`: see windows.py; 0 for no windows, -1 for a list of edges."""

    source: Source | RollupSource
    parts: tuple[Part, ...]
    by: tuple[str, ...]
    where: tuple[conditions.ConditionShape, ...]
    runs: int


@dataclass(frozen=True)
class _Scan:
    """What questions must have in common to be answered by one pass over the points."""

    measurement: str
    start: datetime
    stop: datetime
    every: Window | None
    timezone: str
    by: tuple[str, ...]
    plan: Plan | None


def answered(
    engine: Engine, queries: Sequence[Query], planned: Callable[[Query], Plan | None] = lambda _: None
) -> list[Grid]:
    """The answers to `queries` in their order; see Query. `planned`: how rollups answer one, None where they don't."""
    scans: dict[_Scan, list[Query]] = {}
    found: dict[Query, Grid] = {}
    for query in dict.fromkeys(chain.from_iterable(singles(asked) for asked in queries)):
        plan = planned(query)
        if plan is not None and query.aggregate in PERCENTILES:
            found[query] = rollup_percentiles.answered(engine, query, plan)
            continue
        timezone = query.timezone if query.every is not None or query.source.dates else ""
        scan = _Scan(query.measurement, query.start, query.stop, query.every, timezone, query.by, plan)
        scans.setdefault(scan, []).append(query)
    for scan, together in scans.items():
        found.update(zip(together, _one_pass(engine, together, scan.plan), strict=True))
    return [_paired(query, found) for query in queries]


def singles(query: Query) -> tuple[Query, ...]:
    """The questions that its answer is made of: a comparison's two, else itself."""
    return (replace(query, compare=None), comparison_query(query)) if query.compare else (query,)


def _paired(query: Query, found: Mapping[Query, Grid]) -> Grid:
    if query.compare is None:
        return found[query]
    now, before = singles(query)
    return with_comparison(query, found[now], found[before])


def _one_pass(engine: Engine, queries: Sequence[Query], plan: Plan | None) -> Iterator[Grid]:
    first, *others = queries
    shared = tuple(one for one in first.where if all(one in other.where for other in others))
    start, stop = nanoseconds(first.start), nanoseconds(first.stop)
    base = conditions.where(first.source, start, stop, shared)
    own = [conditions.conditions(query.source, start, stop, [one for one in query.where if one not in shared])
           for query in queries]  # fmt: skip
    cut = windows.windows(first)
    parts = tuple(Part(query.aggregate, query.field, more.shape) for query, more in zip(queries, own, strict=True))
    if plan is None:
        source: Source | RollupSource = Source.of(first.source, start, stop, first.timezone)
    else:
        source = RollupSource.of(plan, [query.field for query in queries if query.field is not None])
    shape = Shape(source, parts, first.by, base.shape, cut.runs)
    given = _parameters(engine.dialect, shape, cut, base, own, rollups.parameters(plan) if plan else ())
    raw = engine.columns(_text(engine.dialect, shape), given)
    times = windows.times(first, cut, raw["window"]) if cut.runs else None
    groups = [raw[f"by_{name}"] for name in first.by]
    for number, query in enumerate(queries):
        values = _plain(raw[f"value_{number}"])
        if _counts_rows(shape, parts[number]):
            there = raw[f"there_{number}"] > 0
            here = times[there] if times is not None else None
            yield framed(query, here, [column[there] for column in groups], values[there])
        else:
            yield framed(query, times, groups, values)


def _plain(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values


def _parameters(
    dialect: Dialect, shape: Shape, cut: windows.Windows, base: conditions.Where, own: Sequence[conditions.Where],
    source: Sequence[Parameter],
) -> list[Parameter]:  # fmt: skip
    """In the order of the text: windows and the parts' conditions are chosen, then comes the source, to which edges may be joined."""
    chosen = [value for part, more in zip(shape.parts, own, strict=True)
              for _ in range(_times_limited(shape, part)) for value in more.parameters]  # fmt: skip
    if shape.runs < 0 and dialect.edges_joined:
        return [*chosen, *source, *cut.parameters, *base.parameters]
    return [*cut.parameters, *chosen, *source, *base.parameters]


def _times_limited(shape: Shape, part: Part) -> int:
    """How many functions the part's own conditions stand behind."""
    divided = isinstance(shape.source, RollupSource) and part.aggregate == "mean"
    return 1 + divided + _counts_rows(shape, part)


def _counts_rows(shape: Shape, part: Part) -> bool:
    """Whether a group may be there for the sake of another part alone."""
    return bool(shape.by and part.where)


@lru_cache(maxsize=512)
def _text(dialect: Dialect, shape: Shape) -> str:
    """SELECT of `window`, the groups and a `value_N` for each part, with `there_N` where `_counts_rows`."""
    chosen, keys = grouping(dialect, shape.runs, shape.by)
    for number, part in enumerate(shape.parts):
        value = exp.cast(_value(dialect, shape.source, part), "double")
        chosen.append(exp.alias_(value, f"value_{number}", quoted=True))
        if _counts_rows(shape, part):
            rows = _filtered(dialect, exp.Count(this=exp.Star()), (), part.where)
            chosen.append(exp.alias_(rows, f"there_{number}", quoted=True))
    # copies of its parts would take longer than all else
    query = exp.Select().select(*chosen, copy=False).from_(_table(dialect, shape), copy=False)
    if shape.runs < 0:
        query = dialect.with_edges(query)
    query = query.where(conditions.restriction(dialect, shape.where), copy=False)
    return dialect.text(query.group_by(*keys, copy=False) if keys else query)


def _table(dialect: Dialect, shape: Shape) -> exp.Expression:
    """With the columns that the text names: databases look through all there are."""
    if isinstance(shape.source, RollupSource):
        return shape.source.table(dialect)
    wheres = (shape.where, *(part.where for part in shape.parts))
    named = {name for where in wheres for name, *_ in where}
    fields = {part.field for part in shape.parts if part.field is not None}
    return shape.source.table(dialect, columns={*shape.by, *fields, *named})


def _filtered(
    dialect: Dialect, aggregate: exp.Expression, own: Sequence[exp.Expression],
    where: tuple[conditions.ConditionShape, ...],
) -> exp.Expression:  # fmt: skip
    wanted = [*own, *conditions.restrictions(dialect, where)]
    return exp.Filter(this=aggregate, expression=exp.Where(this=exp.and_(*wanted))) if wanted else aggregate


def _value(dialect: Dialect, source: Source | RollupSource, part: Part) -> exp.Expression:
    if isinstance(source, RollupSource):
        return source.value(
            dialect, part.aggregate, part.field, lambda function: _filtered(dialect, function, (), part.where)
        )
    return _filtered(dialect, *_aggregate(dialect, source, part), part.where)


def _aggregate(dialect: Dialect, source: Source, part: Part) -> tuple[exp.Expression, list[exp.Expression]]:
    """The function, and which points alone it is about."""
    aggregate, field = part.aggregate, part.field
    own: exp.Expression = column(field) if field is not None else exp.Star()
    if aggregate in ("count", *PER_TIME):
        return exp.Count(this=own), []
    if aggregate == "distinct":
        return exp.Count(this=exp.Distinct(expressions=[own])), []
    if aggregate == "last":
        present = exp.not_(exp.Is(this=own.copy(), expression=exp.null()))
        return dialect.latest(own), [present]
    if aggregate in PERCENTILES:
        return dialect.percentile(own, PERCENTILES[aggregate]), []
    if aggregate == "sum":
        assert field is not None
        return dialect.total(own, whole=measurement(source.measurement).field(field).type == "int"), []
    if aggregate == "mean":
        return dialect.mean(own), []
    plain: dict[str, Any] = {"min": exp.Min, "max": exp.Max}
    return plain[aggregate](this=own), []

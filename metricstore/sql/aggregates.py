"""Aggregates as SQL: questions about the same points are one statement, each with its own conditions on what it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlglot import exp

from metricstore.catalogue import measurement
from metricstore.framing import comparison_query, framed, with_comparison
from metricstore.point import nanoseconds
from metricstore.query import PER_TIME, PERCENTILES, Query
from metricstore.sql import conditions, windows
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.source import Source
from metricstore.sql.trees import Parameter, column, placeholder
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

    source: Source
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


def answered(engine: Engine, queries: Sequence[Query]) -> list[pd.DataFrame]:
    """The frames of `queries` in their order; see Query."""
    scans: dict[_Scan, list[Query]] = {}
    for query in dict.fromkeys(chain.from_iterable(_singles(asked) for asked in queries)):
        timezone = query.timezone if query.every is not None or query.source.dates else ""
        scan = _Scan(query.measurement, query.start, query.stop, query.every, timezone, query.by)
        scans.setdefault(scan, []).append(query)
    found: dict[Query, pd.DataFrame] = {}
    for together in scans.values():
        found.update(zip(together, _one_pass(engine, together), strict=True))
    return [_paired(query, found) for query in queries]


def _singles(query: Query) -> tuple[Query, ...]:
    return (replace(query, compare=None), comparison_query(query)) if query.compare else (query,)


def _paired(query: Query, found: Mapping[Query, pd.DataFrame]) -> pd.DataFrame:
    if query.compare is None:
        return found[query]
    now, before = _singles(query)
    return with_comparison(query, found[now], found[before])


def _one_pass(engine: Engine, queries: Sequence[Query]) -> Iterator[pd.DataFrame]:
    first, *others = queries
    shared = tuple(one for one in first.where if all(one in other.where for other in others))
    start, stop = nanoseconds(first.start), nanoseconds(first.stop)
    base = conditions.where(first.source, start, stop, shared)
    own = [conditions.conditions(query.source, start, stop, [one for one in query.where if one not in shared])
           for query in queries]  # fmt: skip
    cut = windows.windows(first)
    parts = tuple(Part(query.aggregate, query.field, more.shape) for query, more in zip(queries, own, strict=True))
    shape = Shape(Source.of(first.source, start, stop, first.timezone), parts, first.by, base.shape, cut.runs)
    raw = engine.columns(_text(engine.dialect, shape), _parameters(engine.dialect, shape, cut, base, own))
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
    dialect: Dialect, shape: Shape, cut: windows.Windows, base: conditions.Where, own: Sequence[conditions.Where]
) -> list[Parameter]:
    """In the order of the text: windows and the parts' conditions are chosen, a list of edges may be joined."""
    chosen = [value for part, more in zip(shape.parts, own, strict=True)
              for _ in range(2 if _counts_rows(shape, part) else 1) for value in more.parameters]  # fmt: skip
    before, after = (chosen, cut.parameters) if shape.runs < 0 and dialect.edges_joined else (cut.parameters, chosen)
    return [*before, *after, *base.parameters]


def _counts_rows(shape: Shape, part: Part) -> bool:
    """Whether a group may be there for the sake of another part alone."""
    return bool(shape.by and part.where)


@lru_cache(maxsize=512)
def _text(dialect: Dialect, shape: Shape) -> str:
    """SELECT of `window`, the groups and a `value_N` for each part, with `there_N` where `_counts_rows`."""
    chosen: list[exp.Expression] = []
    keys: list[exp.Expression] = []
    if shape.runs:
        window = dialect.edge() if shape.runs < 0 else _window(0, shape.runs)
        chosen.append(exp.alias_(window, "window", quoted=True))
        keys.append(exp.Literal.number(1))
    for name in shape.by:
        value = exp.func("coalesce", column(name), exp.Literal.string(""))
        chosen.append(exp.alias_(value, f"by_{name}", quoted=True))
        keys.append(exp.Literal.number(len(keys) + 1))
    for number, part in enumerate(shape.parts):
        value = exp.cast(_filtered(dialect, *_aggregate(dialect, shape.source, part), part.where), "double")
        chosen.append(exp.alias_(value, f"value_{number}", quoted=True))
        if _counts_rows(shape, part):
            rows = _filtered(dialect, exp.Count(this=exp.Star()), (), part.where)
            chosen.append(exp.alias_(rows, f"there_{number}", quoted=True))
    query = exp.select(*chosen).from_(shape.source.table(dialect))
    if shape.runs < 0:
        query = dialect.with_edges(query)
    query = query.where(conditions.restriction(dialect, shape.where))
    return dialect.text(query.group_by(*keys) if keys else query)


def _filtered(
    dialect: Dialect, aggregate: exp.Expression, own: Sequence[exp.Expression],
    where: tuple[conditions.ConditionShape, ...],
) -> exp.Expression:  # fmt: skip
    wanted = [*own, *conditions.restrictions(dialect, where)]
    return exp.Filter(this=aggregate, expression=exp.Where(this=exp.and_(*wanted))) if wanted else aggregate


def _window(first: int, stop: int) -> exp.Expression:
    """The number of the window, by halving over runs of windows of equal length."""
    if stop - first == 1:
        elapsed = exp.paren(exp.Sub(this=column("time"), expression=placeholder()))
        return exp.IntDiv(this=elapsed, expression=placeholder())
    middle = (first + stop) // 2
    earlier = exp.LT(this=column("time"), expression=placeholder())
    return exp.Case(ifs=[exp.If(this=earlier, true=_window(first, middle))], default=_window(middle, stop))


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

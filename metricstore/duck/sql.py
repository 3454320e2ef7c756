"""Questions as SQL, built by SQLGlot with bound parameters and compiled once per shape.

The shape is everything but the values: two questions that differ only in times, filter values or window edges
share one compiled text. Nothing a user wrote is ever part of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlglot import exp

from metricstore.catalogue import Measurement
from metricstore.conditions import Condition, condition
from metricstore.query import PERCENTILES, Filter
from metricstore.time_parts import CYCLES, Offset, offsets

DIALECT = "duckdb"
Parameter = int | float | str | list[int]
ConditionShape = tuple[str, str, str, int, bool | int]
"""Column, operator, kind, number of values, whether "without it" is among them; for parts of the time: how many
stretches of equal offset there are."""


@dataclass(frozen=True)
class Where:
    """A range and conditions: the shape that decides the text, and the parameters in the text's order."""

    shape: tuple[ConditionShape, ...]
    parameters: tuple[Parameter, ...]


def where(source: Measurement, start: int, stop: int, filters: tuple[Filter, ...]) -> Where:
    """[start, stop) in nanoseconds, and every one of `filters`."""
    shapes: list[ConditionShape] = []
    parameters: list[Parameter] = [start, stop]
    for wanted in filters:
        ready = condition(source, wanted)
        if ready.kind == "time":
            runs = offsets(start, stop, wanted.timezone)
            shapes.append((wanted.column, wanted.operator, ready.kind, len(ready.values), len(runs)))
            parameters.extend(_time_parameters(ready, runs) if ready.values else ())
            continue
        values = _values(ready)
        shapes.append((wanted.column, wanted.operator, ready.kind, len(values), ready.absent))
        parameters.extend(values)
    return Where(tuple(shapes), tuple(parameters))


def _values(ready: Condition) -> tuple[Parameter, ...]:
    if ready.filter.operator in ("min", "max"):
        return ready.values[:1]
    if ready.filter.operator == "contains" and ready.absent:
        return ()  # every text holds the empty text: the other words decide nothing
    return ready.values


def column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def placeholder() -> exp.Placeholder:
    return exp.Placeholder()


def table(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def text(tree: exp.Expression) -> str:
    return tree.sql(dialect=DIALECT)


def restriction(shape: tuple[ConditionShape, ...]) -> exp.Expression:
    """The WHERE of a question; its placeholders in the order of `Where.parameters`."""
    time = column("time")
    parts: list[exp.Expression] = [exp.GTE(this=time, expression=placeholder())]
    parts.append(exp.LT(this=time.copy(), expression=placeholder()))
    parts.extend(_restricted(one) for one in shape)
    return exp.and_(*parts)


def _restricted(shape: ConditionShape) -> exp.Expression:
    name, operator, kind, count, absent = shape
    if kind == "time":
        return _by_clock(name, count, int(absent))
    own = column(name)
    if operator == "min":
        return exp.GTE(this=own, expression=placeholder())
    if operator == "max":
        return exp.LTE(this=own, expression=placeholder())
    if operator == "contains":
        return _contains(own, count, bool(absent))
    without = _without(own, kind)
    member = exp.In(this=own.copy(), expressions=[placeholder() for _ in range(count)]) if count else None
    if operator == "any":
        chosen = [part for part in (member, without if absent else None) if part is not None]
        return exp.paren(exp.or_(*chosen)) if chosen else exp.false()
    refused: list[exp.Expression] = [exp.not_(without.copy())] if absent else []
    if member is not None:
        missing = exp.Is(this=own.copy(), expression=exp.null())
        refused.append(exp.paren(exp.or_(missing, exp.not_(member))))
    return exp.and_(*refused) if refused else exp.true()


def _time_parameters(ready: Condition, runs: tuple[Offset, ...]) -> list[Parameter]:
    shift = CYCLES[ready.filter.column].shift
    return [value for run in runs for value in (run.start, run.stop, run.nanoseconds + shift, *ready.values)]


def _by_clock(part: str, count: int, runs: int) -> exp.Expression:
    """Whether weekday or hour on the wall clock is among `count` numbers, over `runs` stretches of equal offset."""
    if not count or not runs:
        return exp.false()
    cycle = CYCLES[part]
    period = exp.Literal.number(cycle.period)
    time = column("time")
    found = []
    for _ in range(runs):
        inside = exp.and_(
            exp.GTE(this=time.copy(), expression=placeholder()), exp.LT(this=time.copy(), expression=placeholder())
        )
        moved = exp.paren(exp.Add(this=time.copy(), expression=placeholder()))
        positive = exp.paren(
            exp.Add(this=exp.paren(exp.Mod(this=moved, expression=period.copy())), expression=period.copy())
        )
        place = exp.paren(exp.Mod(this=positive, expression=period.copy()))
        number = exp.IntDiv(this=place, expression=exp.Literal.number(cycle.unit))
        found.append(
            exp.and_(inside, exp.In(this=exp.paren(number), expressions=[placeholder() for _ in range(count)]))
        )
    return exp.paren(exp.or_(*found))


def _contains(own: exp.Column, count: int, everything: bool) -> exp.Expression:
    """What is absent holds nothing, not even the empty text."""
    if everything:
        return exp.NEQ(this=own, expression=exp.Literal.string(""))
    lowered = exp.Lower(this=own)
    found = [
        exp.Anonymous(this="contains", expressions=[lowered.copy(), exp.Lower(this=placeholder())])
        for _ in range(count)
    ]
    return exp.paren(exp.or_(*found))


def _without(own: exp.Column, kind: str) -> exp.Expression:
    """Tags hold "" where a point has none; in text fields "" counts as nothing said."""
    nothing = exp.Is(this=own.copy(), expression=exp.null())
    if kind in ("int", "float"):
        return nothing
    empty = exp.EQ(this=own.copy(), expression=exp.Literal.string(""))
    return empty if kind == "tag" else exp.paren(exp.or_(nothing, empty))


@dataclass(frozen=True)
class Shape:
    """What an aggregate's text depends on. `runs`: see windows.py; 0 for no windows, -1 for a list of edges."""

    measurement: str
    aggregate: str
    field: str | None
    by: tuple[str, ...]
    where: tuple[ConditionShape, ...]
    runs: int


@lru_cache(maxsize=512)
def aggregate_text(shape: Shape) -> str:
    """SELECT of `window`, the groups and `value`. Parameters: those of the windows, then those of the restriction."""
    chosen: list[exp.Expression] = []
    keys: list[exp.Expression] = []
    if shape.runs:
        # With edges their list is bound in FROM, which comes after SELECT: there the window is just a column.
        window: exp.Expression = column("edge") if shape.runs < 0 else _window(0, shape.runs)
        chosen.append(exp.alias_(window, "window", quoted=True))
        keys.append(exp.Literal.number(1))
    for name in shape.by:
        chosen.append(exp.alias_(exp.func("coalesce", column(name), exp.Literal.string("")), f"by_{name}", quoted=True))
        keys.append(exp.Literal.number(len(keys) + 1))
    value = exp.cast(_aggregate(shape.aggregate, shape.field), "double")
    query = exp.select(*chosen, exp.alias_(value, "value", quoted=True)).from_(table(shape.measurement))
    if shape.runs < 0:
        unnested = exp.select(exp.alias_(exp.Explode(this=placeholder()), "edge", quoted=True))
        query = query.join(
            unnested.subquery("edges"), on=exp.GTE(this=column("time"), expression=column("edge")), join_type="asof"
        )
    query = query.where(restriction(shape.where))
    return text(query.group_by(*keys) if keys else query)


def _window(first: int, stop: int) -> exp.Expression:
    """The number of the window, by halving over runs of windows of equal length."""
    if stop - first == 1:
        elapsed = exp.paren(exp.Sub(this=column("time"), expression=placeholder()))
        return exp.IntDiv(this=elapsed, expression=placeholder())
    middle = (first + stop) // 2
    earlier = exp.LT(this=column("time"), expression=placeholder())
    return exp.Case(ifs=[exp.If(this=earlier, true=_window(first, middle))], default=_window(middle, stop))


def _aggregate(aggregate: str, field: str | None) -> exp.Expression:
    own: exp.Expression = column(field) if field is not None else exp.Star()
    if aggregate in ("count", "rate"):
        return exp.Count(this=own)
    if aggregate == "distinct":
        return exp.Count(this=exp.Distinct(expressions=[own]))
    if aggregate == "last":
        latest = exp.Anonymous(this="row", expressions=[column("time"), own.copy()])
        present = exp.Where(this=exp.not_(exp.Is(this=own.copy(), expression=exp.null())))
        return exp.Filter(this=exp.Anonymous(this="arg_max", expressions=[own, latest]), expression=present)
    if aggregate in PERCENTILES:
        place = exp.Literal.number(PERCENTILES[aggregate])
        return exp.Anonymous(this="quantile_disc", expressions=[own, place])
    plain: dict[str, Any] = {"sum": exp.Sum, "mean": exp.Avg, "min": exp.Min, "max": exp.Max}
    return plain[aggregate](this=own)

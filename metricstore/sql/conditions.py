"""Ranges and filters as SQL, built by SQLGlot with bound parameters and compiled once per shape.

The shape is everything but the values: two questions that differ only in times, filter values or window edges
share one compiled text. Nothing a user wrote is ever part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from metricstore.catalogue import Measurement
from metricstore.conditions import Condition, condition
from metricstore.dates import DATED
from metricstore.query import Filter
from metricstore.sql.dialect import Dialect
from metricstore.sql.trees import Parameter, column, placeholder
from metricstore.time_parts import CYCLES, Cycle, Offset, offsets

ConditionShape = tuple[str, str, str, int, bool | int]
"""Column, operator, kind, number of values (see `_listed` for many of them), whether "without it" is among them; for
parts of the time: how many stretches of equal offset there are. Kind `clock` is `time` where points may have a date for
their time."""
FEW = 64
"""So many values are each a placeholder, by which databases skip blocks; more are one list, whatever their number."""
_FEW_WORDS = 8
"""So many words are each searched for; more are put together to patterns, which find any of theirs at once."""
_PATTERN_WORDS, _PATTERN_LENGTH = 500, 16_000
"""What RE2's regular expressions take without running out of memory for their states."""
_MEANINGFUL = re.compile(r"[^0-9A-Za-z\x80-\U0010ffff]")


@dataclass(frozen=True)
class Where:
    """A range and conditions: the shape that decides the text, and the parameters in the text's order."""

    shape: tuple[ConditionShape, ...]
    parameters: tuple[Parameter, ...]


def where(source: Measurement, start: int, stop: int, filters: Sequence[Filter]) -> Where:
    """[start, stop) in nanoseconds, and every one of `filters`."""
    found = conditions(source, start, stop, filters)
    return Where(found.shape, (start, stop, *found.parameters))


def conditions(source: Measurement, start: int, stop: int, filters: Sequence[Filter]) -> Where:
    """Every one of `filters` within a range that is asked for elsewhere."""
    shapes: list[ConditionShape] = []
    parameters: list[Parameter] = []
    for wanted in filters:
        ready = condition(source, wanted)
        if ready.kind == "time":
            runs = offsets(start, stop, wanted.timezone)
            kind = "clock" if source.dates else ready.kind
            shapes.append((wanted.column, wanted.operator, kind, len(ready.values), len(runs)))
            parameters.extend(_time_parameters(ready, runs) if ready.values else ())
            if kind == "clock" and wanted.column == "weekday":
                parameters.extend(ready.values)
            continue
        count, values = _listed(ready)
        shapes.append((wanted.column, wanted.operator, ready.kind, count, ready.absent))
        parameters.extend(values)
    return Where(tuple(shapes), tuple(parameters))


def _listed(ready: Condition) -> tuple[int, Sequence[Parameter]]:
    """How many placeholders there are, negative where each stands for many values, and what is bound to them."""
    operator, values = ready.filter.operator, ready.values
    if operator in ("min", "max"):
        return 1, values[:1]
    if operator == "contains":
        if ready.absent:
            return 0, ()  # every text holds the empty text: the other words decide nothing
        if len(values) <= _FEW_WORDS:
            return len(values), values
        patterns = _patterns([str(value) for value in values])
        return -len(patterns), patterns
    if len(values) <= FEW:
        return len(values), values
    alike = _of_type(values, ready.kind)
    return (-1, [alike]) if alike else (0, ())


def _of_type(values: Sequence[str | int | float], kind: str) -> list[str] | list[int] | list[float]:
    """Those that a column of this type can hold: a mixed list would be compared as floats."""
    if kind == "int":
        return [value for value in values if isinstance(value, int)]
    return [float(value) for value in values] if kind == "float" else [str(value) for value in values]


def _patterns(words: Sequence[str]) -> list[str]:
    """Regular expressions that together find any of the words."""
    found: list[list[str]] = [[]]
    length = 0
    for word in words:
        escaped = _MEANINGFUL.sub(r"\\\g<0>", word)
        if found[-1] and (len(found[-1]) == _PATTERN_WORDS or length + len(escaped) > _PATTERN_LENGTH):
            found.append([])
            length = 0
        found[-1].append(escaped)
        length += len(escaped)
    return ["|".join(alternatives) for alternatives in found]


def restriction(dialect: Dialect, shape: tuple[ConditionShape, ...]) -> exp.Expression:
    """The WHERE of a question; its placeholders in the order of `Where.parameters`."""
    time = column("time")
    parts: list[exp.Expression] = [exp.GTE(this=time, expression=placeholder())]
    parts.append(exp.LT(this=time.copy(), expression=placeholder()))
    return exp.and_(*parts, *restrictions(dialect, shape), copy=False)


def restrictions(dialect: Dialect, shape: tuple[ConditionShape, ...]) -> list[exp.Expression]:
    """A condition for each filter; its placeholders in the order of `conditions(...).parameters`."""
    return [_restricted(dialect, one) for one in shape]


def _restricted(dialect: Dialect, shape: ConditionShape) -> exp.Expression:
    name, operator, kind, count, absent = shape
    if kind == "time":
        return _by_clock(name, count, int(absent))
    if kind == "clock":
        return _by_clock_or_date(name, operator, count, int(absent))
    own = column(name)
    if kind == "date":
        return _by_date(operator)
    if operator == "min":
        return exp.GTE(this=own, expression=placeholder())
    if operator == "max":
        return exp.LTE(this=own, expression=placeholder())
    if operator == "contains":
        return _contains(dialect, own, count, bool(absent))
    without = _without(own, kind)
    member = _member(dialect, own.copy(), count) if count else None
    if operator == "any":
        chosen = [part for part in (member, without if absent else None) if part is not None]
        return exp.paren(exp.or_(*chosen)) if chosen else exp.false()
    refused: list[exp.Expression] = [exp.not_(without.copy())] if absent else []
    if member is not None:
        missing = exp.Is(this=own.copy(), expression=exp.null())
        refused.append(exp.paren(exp.or_(missing, exp.not_(member))))
    return exp.and_(*refused) if refused else exp.true()


def _member(dialect: Dialect, own: exp.Expression, count: int) -> exp.Expression:
    if count < 0:
        return dialect.member(own)
    return exp.In(this=own, expressions=[placeholder() for _ in range(count)])


def _time_parameters(ready: Condition, runs: tuple[Offset, ...]) -> list[Parameter]:
    shift = CYCLES[ready.filter.column].shift
    return [value for run in runs for value in (run.start, run.stop, run.nanoseconds + shift, *ready.values)]


def _by_clock(part: str, count: int, runs: int) -> exp.Expression:
    """Whether weekday or hour on the wall clock is among `count` numbers, over `runs` stretches of equal offset."""
    if not count or not runs:
        return exp.false()
    cycle = CYCLES[part]
    time = column("time")
    found = []
    for _ in range(runs):
        inside = exp.and_(
            exp.GTE(this=time.copy(), expression=placeholder()), exp.LT(this=time.copy(), expression=placeholder())
        )
        moved = exp.paren(exp.Add(this=time.copy(), expression=placeholder()))
        found.append(exp.and_(inside, _is_part(moved, cycle, count)))
    return exp.paren(exp.or_(*found))


def _is_part(moved: exp.Expression, cycle: Cycle, count: int) -> exp.Expression:
    """Whether the part of a time that was moved to its clock is among `count` numbers."""
    period = exp.Literal.number(cycle.period)
    positive = exp.paren(exp.Add(this=exp.paren(exp.Mod(this=moved, expression=period)), expression=period.copy()))
    place = exp.paren(exp.Mod(this=positive, expression=period.copy()))
    number = exp.IntDiv(this=place, expression=exp.Literal.number(cycle.unit))
    return exp.In(this=exp.paren(number), expressions=[placeholder() for _ in range(count)])


def _by_clock_or_date(part: str, operator: str, count: int, runs: int) -> exp.Expression:
    """As `_by_clock`, of points that may have a date for their time: that has a weekday, in every zone the same, and no hour."""
    dated = column(DATED)
    instant = exp.Is(this=dated, expression=exp.null())
    of_instants = exp.and_(instant, _by_clock(part, count, runs))
    if part == "hour":
        passes: exp.Expression = exp.true() if operator == "none" else exp.false()
    elif count:
        cycle = CYCLES[part]
        moved = exp.paren(exp.Add(this=dated.copy(), expression=exp.Literal.number(cycle.shift)))
        passes = _is_part(moved, cycle, count)
    else:
        passes = exp.false()
    return exp.paren(exp.or_(of_instants, exp.and_(exp.not_(instant.copy()), passes)))


def _by_date(operator: str) -> exp.Expression:
    """Limits dates alone; instants pass."""
    dated = column(DATED)
    limit = (exp.GTE if operator == "min" else exp.LT)(this=dated, expression=placeholder())
    return exp.paren(exp.or_(exp.Is(this=dated.copy(), expression=exp.null()), limit))


def _contains(dialect: Dialect, own: exp.Column, count: int, everything: bool) -> exp.Expression:
    """What is absent holds nothing, not even the empty text."""
    if everything:
        return exp.NEQ(this=own, expression=exp.Literal.string(""))
    return exp.paren(exp.or_(*(dialect.holds(own.copy(), pattern=count < 0) for _ in range(abs(count)))))


def _without(own: exp.Column, kind: str) -> exp.Expression:
    """Tags hold "" where a point has none; in text fields "" counts as nothing said."""
    nothing = exp.Is(this=own.copy(), expression=exp.null())
    if kind in ("int", "float"):
        return nothing
    empty = exp.EQ(this=own.copy(), expression=exp.Literal.string(""))
    return empty if kind == "tag" else exp.paren(exp.or_(nothing, empty))

"""Flux text from values: the one place where anything a person typed becomes part of a query.

Open-source InfluxDB has no query parameters, so texts are spelled with hexadecimal escapes for every ASCII
character that isn't a letter, a digit or plainly harmless: no quote, backslash or `${` ever reaches the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from metricstore.catalogue import Dates
from metricstore.conditions import Condition
from metricstore.influx.late import is_late
from metricstore.influx.line import EMPTY
from metricstore.time_parts import CYCLES, Offset

NEVER = "false"
"""A condition no row meets."""
ALWAYS = "true"

_DANGEROUS = re.compile(r"[^A-Za-z0-9 _.,:;/@()-]", re.ASCII)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1


def text(value: str) -> str:
    """A string literal."""
    return f'"{_DANGEROUS.sub(_escaped, _SURROGATE.sub(chr(0xFFFD), value))}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\x{ord(character):02x}" if character.isascii() else character


def texts(values: Iterable[str]) -> str:
    """An array literal of strings."""
    return f"[{', '.join(text(value) for value in values)}]"


def union(tables: Sequence[str]) -> str:
    """Of tables, each a text without its pipe's end."""
    return tables[0] if len(tables) == 1 else f"union(tables: [{', '.join(tables)}])"


def number(value: float | int, kind: str) -> str:
    """A literal for a field of type `kind`; Flux knows no exponents."""
    if kind == "int":
        return str(int(value))
    digits = format(Decimal(repr(float(value))), "f")
    return digits if "." in digits else f"{digits}.0"


def time(nanoseconds: int) -> str:
    """A time literal (RFC 3339, nine decimals); also what the delete API takes."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def duration(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{nanoseconds}ns" if rest else f"{seconds}s"


def either(conditions: Sequence[str]) -> str:
    return _joined(conditions, "or") if conditions else NEVER


def both(conditions: Sequence[str]) -> str:
    return _joined(conditions, "and") if conditions else ALWAYS


def _joined(conditions: Sequence[str], word: str) -> str:
    """In halves of halves: one behind the other, Flux takes a hundred and sixty for a program that is nested too deep."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return f"({_joined(conditions[:middle], word)} {word} {_joined(conditions[middle:], word)})"


def tag_condition(condition: Condition) -> str:
    """A filter on a tag that storage evaluates on its index. Text searches are resolved before, see plan.resolved."""
    column = f"r[{text(condition.filter.column)}]"
    values = [text(str(value)) for value in condition.values]
    if condition.filter.operator == "contains":  # for a word that every text holds
        return f"exists {column}"
    if condition.filter.operator == "any":
        without = [f"not exists {column}"] if condition.absent else []
        return either([*without, *(f"{column} == {value}" for value in values)])
    others = [f"{column} != {value}" for value in values]
    if condition.absent:
        return both([f"exists {column}", *others])
    # Storage and Flux disagree on `absent != "x"`: say what is meant.
    return f"(not exists {column} or ({both(others)}))"


def value_condition(condition: Condition) -> str:
    """A filter on the rows of its field. Points without the field have no row: see `passes_without`.

    Of what is decided later (`late`) only that there must be a text.
    """
    operator = condition.filter.operator
    if operator in ("min", "max"):
        return _bound(operator, condition.values[0], condition.kind)
    nothing = [f"r._value != {text(EMPTY)}"] if condition.kind == "string" else []
    if operator == "contains" or (operator == "any" and is_late(condition)):
        return both(nothing)
    if is_late(condition):
        return both(nothing if condition.absent else [])
    values = [literal for value in condition.values if (literal := _literal(value, condition.kind)) is not None]
    if operator == "any":
        return either([f"r._value == {literal}" for literal in values])
    return both([*(nothing if condition.absent else []), *(f"r._value != {literal}" for literal in values)])


def passes_without(condition: Condition) -> bool:
    """Whether a point that lacks the column meets the filter."""
    operator = condition.filter.operator
    return (operator == "none" and not condition.absent) or (operator == "any" and condition.absent)


def tagged(dates: Dates) -> str:
    """Whether a point's time is a date, by its tag."""
    return f"r[{text(dates.tag)}] == {text(dates.value)}"


def not_tagged(dates: Dates) -> str:
    column = f"r[{text(dates.tag)}]"
    return f"(not exists {column} or {column} != {text(dates.value)})"


def by_date(condition: Condition) -> str:
    """As `by_clock` for rows whose `_time` is a date, as it is stored: it has a weekday and no hour."""
    if condition.filter.column == "hour":
        return ALWAYS if condition.filter.operator == "none" else NEVER
    return _is_part(condition, CYCLES[condition.filter.column].shift)


def date_limit(condition: Condition) -> str:
    sign = ">=" if condition.filter.operator == "min" else "<"
    return f"r._time {sign} {time(int(condition.values[0]))}"


def by_clock(condition: Condition, offsets: Sequence[Offset]) -> str:
    """Whether the weekday or hour of a row's `_time` is among the numbers, over stretches of equal offset."""
    shift = CYCLES[condition.filter.column].shift
    found = []
    for one in offsets:
        inside = f"r._time >= {time(one.start)} and r._time < {time(one.stop)}"
        found.append(f"({inside} and {_is_part(condition, one.nanoseconds + shift)})")
    return either(found)


def _is_part(condition: Condition, shift: int) -> str:
    """Whether the part of `_time`, moved to its clock, is among the numbers."""
    cycle = CYCLES[condition.filter.column]
    moved = f"((int(v: r._time) + {shift}) % {cycle.period} + {cycle.period})"
    place = f"{moved} % {cycle.period} / {cycle.unit}"
    return either([f"{place} == {number}" for number in condition.values])


def _literal(value: str | float | int, kind: str) -> str | None:
    """The value as a literal of the field's type; None when no value of that type can equal it."""
    if isinstance(value, str):
        return text(value)
    if kind == "int" and (isinstance(value, float) or not _MIN_INTEGER < value <= _MAX_INTEGER):
        return None
    return number(value, kind)


def _bound(operator: str, value: str | float | int, kind: str) -> str:
    limit = Decimal(str(value))
    sign = ">=" if operator == "min" else "<="
    if kind == "float":
        return f"r._value {sign} {number(float(value), kind)}"
    if limit <= _MIN_INTEGER:
        return ALWAYS if operator == "min" else NEVER
    if limit > _MAX_INTEGER:
        return NEVER if operator == "min" else ALWAYS
    whole = limit.to_integral_value("ROUND_CEILING" if operator == "min" else "ROUND_FLOOR")
    return f"r._value {sign} {number(int(whole), kind)}"

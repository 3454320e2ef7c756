"""What a filter's values mean for the column it is on, the same for every store."""

from __future__ import annotations

from dataclasses import dataclass

from metricstore.catalogue import Measurement
from metricstore.errors import InvalidQuestion
from metricstore.query import DATE_LIMIT, Filter
from metricstore.time_parts import TIME_PARTS, chosen

Value = str | int | float


@dataclass(frozen=True)
class Condition:
    """A filter with values of the column's type. `absent`: "" was among them, standing for "without the column"."""

    filter: Filter
    kind: str
    """`tag`, `string`, `int`, `float`; `time` for weekday and hour, whose values are numbers that pass; `date` for limits
    of dates, whose value is nanoseconds."""
    values: tuple[Value, ...]
    absent: bool = False


def condition(source: Measurement, wanted: Filter) -> Condition:
    """`wanted` made ready for comparing; InvalidQuestion when a value isn't a number but the column is one."""
    if wanted.column in TIME_PARTS:
        return Condition(wanted, "time", chosen(wanted.column, wanted.operator, wanted.values))
    if wanted.column == DATE_LIMIT:
        return Condition(wanted, "date", wanted.values)
    kind = source.field(wanted.column).type if source.has_field(wanted.column) else "tag"
    if kind in ("tag", "string") or wanted.operator == "contains":
        values: tuple[Value, ...] = tuple(dict.fromkeys(str(value) for value in wanted.values))
        return Condition(wanted, kind, tuple(value for value in values if value != ""), "" in values)
    given = [value for value in wanted.values if value != ""]
    numbers = tuple(dict.fromkeys(_number(wanted.column, value) for value in given))
    return Condition(wanted, kind, numbers, len(given) < len(wanted.values))


def _number(column: str, value: Value) -> int | float:
    """Whole numbers as int, exactly: comparing as float would confuse large ones."""
    try:
        number = int(value) if not isinstance(value, float) else value
    except ValueError:
        try:
            number = float(value)
        except ValueError:
            raise InvalidQuestion(column, f"{value!r}: not a number") from None
    if isinstance(number, float):
        if number != number or number in (float("inf"), float("-inf")):
            raise InvalidQuestion(column, f"{value!r}: not a number")
        return int(number) if number.is_integer() and abs(number) < 2**63 else number
    return number if abs(number) < 2**63 else float(number)

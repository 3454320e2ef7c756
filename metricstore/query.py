"""Questions: plain data, hashable, knowing nothing of any database."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal, get_args

from metricstore.catalogue import Measurement, measurement
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.time_parts import TIME_PARTS, chosen
from metricstore.windows import Window, zone

Aggregate = Literal[
    "count", "sum", "mean", "min", "max", "last", "distinct", "p50", "p90", "p95", "p99", "rate", "per_day"
]
AGGREGATES: tuple[str, ...] = get_args(Aggregate)
PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
PER_TIME = ("rate", "per_day")
"""Counts divided by the length of their window."""
COUNTED = ("count", "distinct", *PER_TIME)
EXACT_RANGE = timedelta(days=32)
"""Percentiles over no more than that are exact in every store."""
PERCENTILE_METHOD = (
    "nearest rank: the value at place ceil(q * n) of the n values in ascending order, neither interpolated nor estimated over up to "
    f"{EXACT_RANGE.days} days; over longer ranges an estimate, at most 2 % off the exact value, where hourly rollups answer"
)
"""How percentiles are taken. Rollups answer where a store keeps them, and where filters and groups allow it."""
EXACT_METHOD = "nearest rank, exact: the value at place ceil(q * n) of the n values in ascending order"
"""The same over a range that is short enough."""
NUMERIC = {"sum", "mean", "min", "max", "last", *PERCENTILES}

_ANY = datetime(1970, 1, 1, tzinfo=UTC)

DATE_LIMIT = "date limit"
"""Column of a filter that limits points whose time is a date: `min` lets through those stored at or after its value
(nanoseconds), `max` those before it. All others pass. Nobody can ask for it by name: it is how segments limit."""

Operator = Literal["any", "none", "contains", "min", "max"]
Compare = Literal["previous", "weekdays", "year"]


def percentile_method(aggregate: str, length: timedelta) -> str:
    """How a percentile is taken over a range of that length; "" for other aggregates."""
    if aggregate not in PERCENTILES:
        return ""
    return EXACT_METHOD if length <= EXACT_RANGE else PERCENTILE_METHOD


@dataclass(frozen=True)
class Filter:
    """A condition on one column.

    `any`/`none`: value is (not) one of `values`. `contains`: text holds one of `values`, case ignored.
    `min`/`max`: number is >= / <= `values[0]`, both inclusive.
    A point without the column passes only `none`; the value "" stands for "without it".
    """

    column: str
    operator: Operator
    values: tuple[str | float | int, ...]
    timezone: str = "UTC"
    """Whose wall clock is meant by a filter on `weekday` or `hour` (see `metricstore.time_parts`)."""

    @property
    def demands_column(self) -> bool:
        """Whether only points that have the column can meet it."""
        if self.operator in ("any", "none"):
            return ("" in self.values) == (self.operator == "none")
        return True


def has(column: str) -> Filter:
    """The condition that a point has the column."""
    return Filter(column, "none", ("",))


@dataclass(frozen=True)
class Query:
    """How much of something, over [start, stop), a value per window and group.

    A store answers with a data frame: `time` (UTC, the window's nominal start; `start` when `every` is None),
    one column per name in `by` (string, "" when a point has none), `value` (float64, NaN for nothing).
    Rows are sorted by `by`, then time; every group that has points in the range has every window;
    without `by` there is always one group. Empty windows are 0 for COUNTED aggregates, NaN for all others.
    `count` without `field` counts points; with it, points that have the field. `rate` is count per hour
    of the window's part inside the range, `per_day` per day: a day of the zone's calendar is one, however long it is.
    Percentiles are taken by PERCENTILE_METHOD.
    `last` is the latest value; of several at the same instant the greatest.
    """

    measurement: str
    aggregate: Aggregate
    start: datetime
    stop: datetime
    field: str | None = None
    every: Window | None = None
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    timezone: str = "UTC"
    """Whose calendar windows and dates go by: a point whose time is a date counts from 00:00 of it there."""
    compare: Compare | None = None
    """Adds a column `comparison`: the same question one period earlier, the fewest whole weeks earlier (`weekdays`), or a year
    earlier, windows paired in order.

    Groups are then those with points in either range. See `framing.comparison_query` for the earlier range.
    """

    exact: bool = False
    """Whether a percentile must not be an estimate, whatever the range."""

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Kept: a question is looked up in a dozen places, and its conditions are a dozen objects. Of this process alone: a pickled
        question would carry it into another, where texts have other hashes."""
        return hash(tuple(getattr(self, one.name) for one in fields(self)))

    @cached_property
    def without_range(self) -> Query:
        """The same, whatever its range."""
        return replace(self, start=_ANY, stop=_ANY, exact=False)

    @property
    def source(self) -> Measurement:
        return measurement(self.measurement)

    @property
    def is_exact_percentile(self) -> bool:
        """Whether it is one that must be exact."""
        return self.aggregate in PERCENTILES and (self.exact or self.stop - self.start <= EXACT_RANGE)

    def checked(self) -> Query:
        """Itself, or InvalidQuestion / UnknownName saying what is wrong."""
        source = self.source
        check_range(self.start, self.stop)
        zone(self.timezone)
        if self.aggregate not in AGGREGATES:
            raise InvalidQuestion("agg", str(UnknownName("aggregate", self.aggregate, AGGREGATES)))
        if self.field is None and self.aggregate not in ("count", *PER_TIME):
            raise InvalidQuestion("field", f"{self.aggregate} needs a field")
        if self.field is not None and source.field(self.field).type == "string" and self.aggregate in NUMERIC:
            raise InvalidQuestion("agg", f"{self.aggregate} of the text {self.field!r} makes no sense")
        for name in self.by:
            source.require_dimension(name)
        check_filters(source, self.where)
        return self


@dataclass(frozen=True)
class RecordQuery:
    """Single records over [start, stop), sorted and paged.

    The answer's frame has `time` (UTC), `_id` (string: the record's identity, stable), where the measurement may hold
    dates `_dated` (see `metricstore.dates`), then the asked columns: `str`, nullable `Int64` or float64, missing where
    the record has none. `time` of a date is the moment it begins in `timezone`.
    `order` is a column name or "time"; ties are broken by time, then identity, so that paging never skips or repeats.
    Records without the order's column come last, ascending or descending.
    `cursor` comes from the page before; `offset` then counts from there.
    """

    measurement: str
    start: datetime
    stop: datetime
    where: tuple[Filter, ...] = ()
    columns: tuple[str, ...] = ()
    """Empty: all of them."""
    order: str = "time"
    descending: bool = True
    limit: int = 100
    offset: int = 0
    cursor: str | None = None
    timezone: str = "UTC"
    """Where records whose time is a date stand among the others: at 00:00 of it there."""

    @property
    def source(self) -> Measurement:
        return measurement(self.measurement)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns of the answer beside `time` and `_id`."""
        return tuple(name for name in self.columns or self.source.columns if name != "time")

    def checked(self) -> RecordQuery:
        source = self.source
        check_range(self.start, self.stop)
        zone(self.timezone)
        for name in (self.order, *self.columns):
            source.require_column(name)
        if not 1 <= self.limit <= 100_000:
            raise InvalidQuestion("limit", "must be between 1 and 100000")
        if self.offset < 0:
            raise InvalidQuestion("offset", "must not be negative")
        check_filters(source, self.where)
        return self


def check_range(start: datetime, stop: datetime) -> None:
    for name, moment in (("start", start), ("stop", stop)):
        if moment.tzinfo is None:
            raise InvalidQuestion(name, "needs a time zone")
    if not start < stop:
        raise InvalidQuestion("start", f"{start.isoformat()} is not before stop {stop.isoformat()}")


def check_filters(source: Measurement, where: tuple[Filter, ...]) -> None:
    for condition in where:
        if condition.column == DATE_LIMIT:
            continue
        if condition.column in TIME_PARTS:
            if not condition.values:
                raise InvalidQuestion(condition.column, "filter without a value")
            chosen(condition.column, condition.operator, condition.values)
            zone(condition.timezone)
            continue
        source.require_column(condition.column)
        if condition.column == "time":
            raise InvalidQuestion("time", "is narrowed by start and stop, not by a filter")
        if not condition.values:
            raise InvalidQuestion(condition.column, "filter without a value")
        text = not source.has_field(condition.column) or source.field(condition.column).type == "string"
        if condition.operator == "contains" and not text:
            raise InvalidQuestion(condition.column, "text search in something that isn't text")
        if condition.operator in ("min", "max"):
            if text:
                raise InvalidQuestion(condition.column, "number range on something that isn't a number")
            if not isinstance(condition.values[0], int | float):
                raise InvalidQuestion(condition.column, f"{condition.values[0]!r} isn't a number")

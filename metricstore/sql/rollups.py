"""Rollups as a source of questions: rows of hours, and beside them points where no hour answers, each a row of its own.

A row has `time` (of an hour its begin), the keys, how many points it is, and of each field count, sum, least and greatest value. So windows
and conditions are those of points; only aggregates differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from metricstore.query import PER_TIME
from metricstore.rollups.buckets import LOG_BASE, ORIGIN
from metricstore.rollups.hours import HOUR
from metricstore.rollups.layout import POINTS, Layout
from metricstore.rollups.planner import Plan
from metricstore.sql.dialect import Dialect
from metricstore.sql.trees import Parameter, call, column, placeholder

TIME, BUCKET, NUMBER = "hour of UTC", "of bucket", "points in it"
PARTS = ("count", "sum", "min", "max")


def part(field: str, aggregate: str) -> str:
    """Name of a column."""
    return f"{field} {aggregate}"


def bucket_keys(layout: Layout) -> tuple[tuple[str, ...], ...]:
    """Each field has its buckets twice: of the cells, and of whole hours, which are far fewer and all that most questions need."""
    return tuple(dict.fromkeys((layout.keys, ())))


def buckets(layout: Layout, field: str, keys: tuple[str, ...]) -> str:
    """Name of a table."""
    return f"{layout.measurement} {field}" + ("" if keys else " of all")


@dataclass(frozen=True)
class Table:
    """One table of rollups: TIME, `keys` and then `values` are its columns; `bucketed` is the field whose buckets it counts."""

    name: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    bucketed: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return (TIME, *self.keys, *self.values)

    def computed(self, dialect: Dialect, layout: Layout) -> exp.Select:
        """Its rows as the points in [first, stop) nanoseconds say, in the order of TIME and its keys."""
        if not self.bucketed:
            return computed(dialect, layout)
        return computed_buckets(dialect, layout, self.bucketed, self.keys[:-1])


@lru_cache(maxsize=64)
def tables(layout: Layout) -> tuple[Table, ...]:
    """One for the measurement, by its name, and two for each of its fields with buckets. Together they are the rollups of an hour."""
    values = (POINTS, *(part(name, one) for name, _ in layout.kinds for one in PARTS))
    found = [Table(layout.measurement, layout.keys, values)]
    for field in layout.bucketed:
        for keys in bucket_keys(layout):
            found.append(Table(buckets(layout, field, keys), (*keys, BUCKET), (NUMBER,), field))
    return tuple(found)


@dataclass(frozen=True)
class RollupSource:
    """What a text depends on: which fields are asked for, how many stretches of hours and of points there are."""

    layout: Layout
    fields: tuple[str, ...]
    hours: int
    points: int

    @classmethod
    def of(cls, plan: Plan, fields: Sequence[str]) -> RollupSource:
        return cls(plan.layout, tuple(dict.fromkeys(fields)), len(plan.hours), len(plan.points))

    @property
    def measurement(self) -> str:
        return self.layout.measurement

    def table(self, dialect: Dialect) -> exp.Expression:
        """What stands in FROM; its placeholders take `parameters`."""
        keys = [column(name) for name in self.layout.keys]
        names = [POINTS, *(part(field, one) for field in self.fields for one in PARTS)]
        hours = from_hours(dialect, self.layout, self.measurement, [*self.layout.keys, *names], self.hours)
        of_points: list[exp.Expression] = [exp.alias_(_ONE, POINTS, quoted=True)]
        for field in self.fields:
            for one in PARTS:
                value = _present(field) if one == "count" else column(field)
                of_points.append(exp.alias_(value, part(field, one), quoted=True))
        return together(hours, dialect, self.measurement, [*keys, *of_points], self.points)

    def value(
        self, dialect: Dialect, aggregate: str, field: str | None, filtered: Callable[[exp.Expression], exp.Expression]
    ) -> exp.Expression:
        """An aggregate over the rows; `filtered` limits the rows of a function."""
        if field is None:
            return filtered(exp.Sum(this=column(POINTS)))
        if aggregate in ("min", "max"):
            function = exp.Min if aggregate == "min" else exp.Max
            return filtered(function(this=column(part(field, aggregate))))
        count = filtered(exp.Sum(this=column(part(field, "count"))))
        if aggregate in ("count", *PER_TIME):
            return count
        total = filtered(dialect.total(column(part(field, "sum")), whole=self.layout.fields[field] == "int"))
        return total if aggregate == "sum" else exp.Div(this=exp.cast(total, "double"), expression=count)


_ONE = exp.Literal.number(1)


def parameters(plan: Plan) -> tuple[Parameter, ...]:
    """Of a source's text."""
    return tuple(edge for stretch in (*plan.hours, *plan.points) for edge in stretch)


def from_hours(
    dialect: Dialect, layout: Layout, table: str, names: Sequence[str], stretches: int
) -> exp.Select | None:  # fmt: skip
    """`time` and the columns of hours in so many stretches."""
    if not stretches:
        return None
    time = exp.Mul(this=column(TIME), expression=exp.Literal.number(HOUR))
    some = exp.or_(*(between(column(TIME)) for _ in range(stretches)))
    chosen = exp.select(exp.alias_(time, "time", quoted=True), *map(column, names))
    return chosen.from_(dialect.kept(layout, table, names)).where(some)


def together(
    hours: exp.Select | None, dialect: Dialect, measurement: str, names: Sequence[exp.Expression], stretches: int
) -> exp.Expression:
    """Rows of hours and, by the same columns, of points in so many stretches: each is read by itself, so that others are skipped."""
    selects = [hours] if hours is not None else []
    for _ in range(stretches):
        copies = [name.copy() for name in names]
        points = exp.select(column("time"), *copies).from_(dialect.points(measurement))
        selects.append(points.where(between(column("time"))))
    found: exp.Expression = selects[0]
    for one in selects[1:]:
        found = exp.Union(this=found, expression=one, distinct=False)
    return exp.Subquery(this=found, alias=exp.TableAlias(this=exp.to_identifier(measurement, quoted=True)))


def computed(dialect: Dialect, layout: Layout) -> exp.Select:
    """The rows of hours as the points in [first, stop) nanoseconds say, by the columns of their table."""
    values: list[exp.Expression] = [exp.alias_(exp.Count(this=exp.Star()), POINTS, quoted=True)]
    for field, kind in layout.kinds:
        own = column(field)
        found = {
            "count": exp.Count(this=own),
            "sum": dialect.total(own.copy(), whole=kind == "int"),
            "min": exp.Min(this=own.copy()),
            "max": exp.Max(this=own.copy()),
        }
        values += [exp.alias_(found[one], part(field, one), quoted=True) for one in PARTS]
    return _cells(dialect, layout, [*map(column, layout.keys)], values)


def computed_buckets(dialect: Dialect, layout: Layout, field: str, keys: tuple[str, ...]) -> exp.Select:
    """The same of a field's buckets. Points without the field are in one that is NULL."""
    number = exp.alias_(exp.Count(this=exp.Star()), NUMBER, quoted=True)
    return _cells(
        dialect, layout, [*map(column, keys), exp.alias_(bucket(dialect, field), BUCKET, quoted=True)], [number]
    )


def _cells(
    dialect: Dialect, layout: Layout, keys: Sequence[exp.Expression], values: Sequence[exp.Expression]
) -> exp.Select:
    """A row for each hour and each of its keys."""
    chosen = [exp.alias_(_hour(), TIME, quoted=True), *keys]
    places = [exp.Literal.number(place + 1) for place in range(len(chosen))]
    query = exp.select(*chosen, *values).from_(dialect.points(layout.measurement))
    return query.where(between(column("time"))).group_by(*places).order_by(*(one.copy() for one in places))


def _hour() -> exp.Expression:
    """Which hour a point lies in; division alone would round times before 1970 up."""
    length = exp.Literal.number(HOUR)
    rest = exp.paren(exp.Mod(this=column("time"), expression=length))
    ahead = exp.paren(exp.Mod(this=exp.paren(exp.Add(this=rest, expression=length.copy())), expression=length.copy()))
    return exp.IntDiv(this=exp.paren(exp.Sub(this=column("time"), expression=ahead)), expression=length.copy())


def bucket(dialect: Dialect, field: str) -> exp.Expression:
    """Number of a value's bucket (see `metricstore.rollups.buckets`)."""
    own = exp.cast(column(field), "double")
    size = call("ceil", exp.Div(this=call("ln", call("abs", own)), expression=exp.Literal.number(repr(LOG_BASE))))
    number = exp.Mul(
        this=call("sign", own.copy()), expression=exp.paren(exp.Add(this=exp.Literal.number(ORIGIN), expression=size))
    )
    zero = exp.EQ(this=own.copy(), expression=exp.Literal.number(0))
    case = exp.Case(ifs=[exp.If(this=zero, true=exp.Literal.number(0))], default=number)
    return dialect.whole(case)


def _present(field: str) -> exp.Expression:
    missing = exp.Is(this=column(field), expression=exp.null())
    return exp.Case(ifs=[exp.If(this=missing, true=exp.Literal.number(0))], default=exp.Literal.number(1))


def between(own: exp.Expression) -> exp.Expression:
    """Whether it is in a stretch."""
    after = exp.GTE(this=own, expression=placeholder())
    return exp.paren(exp.and_(after, exp.LT(this=own.copy(), expression=placeholder())))

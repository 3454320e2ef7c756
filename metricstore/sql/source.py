"""What a question reads: a measurement's table; where points may have a date for their time, with these times as they
count in the question's zone. Everything else then works with `time` as for any other measurement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from metricstore.catalogue import Measurement, measurement
from metricstore.dates import DATED, Stretch, year_stretches
from metricstore.sql.dialect import Dialect
from metricstore.sql.trees import column


@dataclass(frozen=True)
class Source:
    """`stretches` are told in the text itself: they are few and the same for most questions of a zone."""

    measurement: str
    stretches: tuple[Stretch, ...] = ()

    @classmethod
    def of(cls, source: Measurement, start: int, stop: int, timezone: str) -> Source:
        """For points that count in [start, stop) nanoseconds."""
        return cls(source.name, year_stretches(start, stop, timezone) if source.dates else ())

    def table(self, dialect: Dialect, *, once: bool = True, columns: Collection[str] | None = None) -> exp.Expression:
        """What stands in FROM: at least these `columns` of the measurement, by default all, and, where it may hold dates, DATED.
        `once`: every point."""
        source = measurement(self.measurement)
        stored = (dialect.points if once else dialect.rows)(source.name)
        if source.dates is None:
            return stored
        dated = is_date(source)
        time = self._time()
        moved = exp.Case(ifs=[exp.If(this=dated, true=self._counted(0, len(self.stretches)))], default=time)
        chosen: list[exp.Expression] = [exp.alias_(moved, "time", quoted=True)]
        kept = exp.Case(ifs=[exp.If(this=dated.copy(), true=time.copy())])
        chosen.append(exp.alias_(kept, DATED, quoted=True))
        chosen += [column(name) for name in source.columns if columns is None or name in columns]
        return exp.select(*chosen).from_(stored).subquery(exp.to_identifier(source.name, quoted=True))

    def _time(self) -> exp.Column:
        """As it is stored: the moved time has the same name."""
        return column("time", self.measurement)

    def _counted(self, first: int, stop: int) -> exp.Expression:
        """Where a date's time counts, by halving over the stretches."""
        time = self._time()
        if stop - first == 1:
            ahead = self.stretches[first].ahead
            return exp.Sub(this=time, expression=exp.paren(exp.Literal.number(ahead))) if ahead else time
        middle = (first + stop) // 2
        earlier = exp.LT(this=time, expression=exp.Literal.number(self.stretches[middle].start))
        return exp.Case(ifs=[exp.If(this=earlier, true=self._counted(first, middle))],
                        default=self._counted(middle, stop))  # fmt: skip


def is_date(source: Measurement) -> exp.Expression:
    """Whether a stored point's time is a date; only for measurements that may hold some."""
    assert source.dates is not None
    if not source.dates.tag:
        return exp.true()
    return exp.EQ(this=column(source.dates.tag), expression=exp.Literal.string(source.dates.value))

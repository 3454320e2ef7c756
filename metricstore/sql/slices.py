"""A range cut into stretches of few enough records, so that each is read and sorted by itself.

Sorting two million records as a whole takes seconds and hundreds of megabytes before the first of them is known;
sorted stretch by stretch the first are there at once, and memory stays the same however many follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from metricstore.catalogue import measurement
from metricstore.query import Filter
from metricstore.sql import conditions
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.source import Source
from metricstore.sql.trees import call, column, placeholder
from metricstore.streaming import BYTES, ROWS

_BUCKETS = 4096


@dataclass(frozen=True)
class _Bucket:
    """[start, stop) in nanoseconds, how many records it holds and how much text they have."""

    start: int
    stop: int
    rows: int
    size: int

    @property
    def fits(self) -> bool:
        return (self.rows <= ROWS and self.size <= BYTES) or self.stop - self.start <= 1


@dataclass(frozen=True)
class Slices:
    """What is cut: the records of `source` in [start, stop) that meet `where`, sorted by time."""

    source: Source
    start: int
    stop: int
    where: tuple[Filter, ...]
    texts: tuple[str, ...]
    """Fields whose length counts."""
    descending: bool

    def cut(self, engine: Engine) -> Iterator[tuple[int, int]]:
        """Stretches [start, stop) in nanoseconds that hold all records, in the order asked for."""
        first, last = self._bounds(engine)
        if first is None or last is None:
            return
        begin = end = None
        rows = size = 0
        for bucket in self._buckets(engine, first, last + 1):
            if begin is not None and end is not None and (rows + bucket.rows > ROWS or size + bucket.size > BYTES):
                yield begin, end
                begin = end = None
                rows = size = 0
            begin = bucket.start if begin is None else min(begin, bucket.start)
            end = bucket.stop if end is None else max(end, bucket.stop)
            rows, size = rows + bucket.rows, size + bucket.size
        if begin is not None and end is not None:
            yield begin, end

    def _bounds(self, engine: Engine) -> tuple[int | None, int | None]:
        restricted = conditions.where(measurement(self.source.measurement), self.start, self.stop, self.where)
        rows = engine.rows(_bounds_text(engine.dialect, self.source, restricted.shape), restricted.parameters)
        return (rows[0][0], rows[0][1]) if rows else (None, None)

    def _buckets(self, engine: Engine, start: int, stop: int) -> Iterator[_Bucket]:
        width = max(-(-(stop - start) // _BUCKETS), 1)
        restricted = conditions.where(measurement(self.source.measurement), start, stop, self.where)
        text = _buckets_text(engine.dialect, self.source, restricted.shape, self.texts, self.descending)
        for number, rows, size in engine.rows(text, [start, width, *restricted.parameters]):
            begin = start + number * width
            bucket = _Bucket(begin, min(begin + width, stop), rows, size)
            if bucket.fits:
                yield bucket
            else:
                yield from self._buckets(engine, bucket.start, bucket.stop)


@lru_cache(maxsize=256)
def _bounds_text(dialect: Dialect, source: Source, shape: tuple[conditions.ConditionShape, ...]) -> str:
    """No row where nothing is found: not every database has an answer without a value then."""
    time = column("time")
    chosen = exp.select(exp.Min(this=time), exp.Max(this=time.copy())).from_(source.table(dialect))
    some = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0))
    return dialect.text(chosen.where(conditions.restriction(dialect, shape)).having(some))


@lru_cache(maxsize=256)
def _buckets_text(
    dialect: Dialect, source: Source, shape: tuple[conditions.ConditionShape, ...], texts: tuple[str, ...],
    descending: bool,
) -> str:  # fmt: skip
    elapsed = exp.paren(exp.Sub(this=column("time"), expression=placeholder()))
    number = exp.IntDiv(this=elapsed, expression=placeholder())
    size: exp.Expression = exp.Literal.number(0)
    for text in texts:
        length = call("coalesce", dialect.size(column(text)), exp.Literal.number(0))
        size = exp.Add(this=size, expression=length)
    chosen = exp.select(
        exp.alias_(number, "bucket", quoted=True), exp.Count(this=exp.Star()), exp.cast(exp.Sum(this=size), "bigint")
    )
    query = (
        chosen.from_(source.table(dialect))
        .where(conditions.restriction(dialect, shape))
        .group_by(exp.Literal.number(1))
    )
    return dialect.text(query.order_by(exp.Ordered(this=exp.Literal.number(1), desc=descending)))

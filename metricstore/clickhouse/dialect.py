"""How ClickHouse writes what differs between databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse

from metricstore.clickhouse.rollup_names import array_of, table_name
from metricstore.rollups.layout import Layout
from metricstore.sql.dialect import Dialect
from metricstore.sql.rollups import TIME
from metricstore.sql.trees import call, column, table

MARK = "{?}"
"""Stands in a text where a parameter goes: ClickHouse wants its type there, which only its value tells."""
LIST = "value"
"""The column of a list of values: they are sent as a table for the time of the question, whose length nothing limits."""
_BELOW = 1e-12
"""`quantileExact` takes the value at place floor(q * n), counted from 0; ours is ceil(q * n) - 1."""
_FOLDED = {
    "\N{GREEK CAPITAL LETTER SIGMA}": "\N{GREEK SMALL LETTER SIGMA}",
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}": "i",
}
"""Where small letters depend on what stands around them or are several: see text_search.lowered."""


class _Generator(ClickHouse.Generator):
    TRANSFORMS: ClassVar[dict[Any, Any]] = {
        **ClickHouse.Generator.TRANSFORMS,
        exp.Placeholder: lambda *_: MARK,
        exp.IntDiv: lambda self, tree: self.func("intDiv", tree.this, tree.expression),
    }


class _Spelled(ClickHouse):
    Generator = _Generator


class ClickHouseDialect(Dialect):
    identities_first = True

    def text(self, tree: exp.Expression) -> str:
        return tree.sql(dialect=_Spelled, copy=False)

    def points(self, measurement: str) -> exp.Expression:
        """What was written of an identity one after the other is merged while it is read."""
        return exp.Final(this=table(measurement))

    def rows(self, measurement: str) -> exp.Expression:
        return table(measurement)

    def kept(self, layout: Layout, name: str, columns: Sequence[str]) -> exp.Expression:
        """An hour is a row, whose lists are taken apart; of rows of one hour the one of the highest version counts."""
        arrays = [column(array_of(layout, name, one)) for one in columns]
        chosen = [exp.alias_(array.copy(), one, quoted=True) for array, one in zip(arrays, columns, strict=True)]
        hours = exp.select(column(TIME), *chosen).from_(exp.Final(this=table(table_name(layout))))
        if arrays:
            hours.append("joins", exp.Join(this=arrays[0], expressions=arrays[1:], kind="ARRAY"))
        return hours.subquery("hours")

    def member(self, own: exp.Expression) -> exp.Expression:
        return self.chosen_by([own], exp.select(column(LIST)).from_(_listed()))

    def chosen_by(self, own: Sequence[exp.Expression], query: exp.Select) -> exp.Expression:
        """GLOBAL: in a cluster the list is made once and sent to every shard."""
        left = exp.Tuple(expressions=list(own)) if len(own) > 1 else own[0]
        return exp.In(this=left, query=query.subquery(), is_global=True)

    def holds(self, own: exp.Expression, *, pattern: bool) -> exp.Expression:
        text, word = _lowered(own), _lowered(exp.Placeholder())
        if pattern:
            return call("match", text, word)
        return exp.GT(this=call("position", text, word), expression=exp.Literal.number(0))

    def edge(self) -> exp.Expression:
        edges = exp.select(call("arraySort", call("groupArray", column(LIST)))).from_(_listed())
        return call("roundDown", column("time"), edges.subquery())

    def latest(self, own: exp.Expression) -> exp.Expression:
        return call("argMax", own, call("tuple", column("time"), own.copy()))

    def percentile(self, own: exp.Expression, share: float) -> exp.Expression:
        place = exp.Literal.number(repr(share - _BELOW))
        return exp.ParameterizedAgg(this="quantileExact", expressions=[place], params=[own])

    def size(self, text: exp.Expression) -> exp.Expression:
        return call("length", text)

    def total(self, own: exp.Expression, *, whole: bool) -> exp.Expression:
        """ClickHouse's own sum of 64-bit numbers begins again at the other end when it grows too large."""
        return exp.Sum(this=call("toInt128", own) if whole else own)

    def whole(self, number: exp.Expression) -> exp.Expression:
        """Beneath a NULL there may be what cannot be cast."""
        return call("accurateCastOrNull", number, exp.Literal.string("Int32"))

    def mean(self, own: exp.Expression) -> exp.Expression:
        return exp.Avg(this=call("toFloat64", own))


def _listed() -> exp.Table:
    return exp.Table(this=exp.to_identifier(MARK, quoted=False))


def _lowered(text: exp.Expression) -> exp.Expression:
    for capital, small in _FOLDED.items():
        text = call("replaceAll", text, exp.Literal.string(capital), exp.Literal.string(small))
    return call("lowerUTF8", text)


CLICKHOUSE = ClickHouseDialect()

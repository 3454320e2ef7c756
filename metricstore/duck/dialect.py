"""How DuckDB writes what differs between databases, and how it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy.typing as npt
from sqlglot import exp

from metricstore.rollups.layout import Layout
from metricstore.sql.dialect import Dialect
from metricstore.sql.trees import Parameter, call, column, placeholder, table

NAME = "duckdb"
SCHEMA = "rollups"
"""Where the tables of rollups are."""


def kept(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True), db=exp.to_identifier(SCHEMA, quoted=True))


class DuckDialect(Dialect):
    edges_joined = True

    def text(self, tree: exp.Expression) -> str:
        return tree.sql(dialect=NAME, copy=False)

    def points(self, measurement: str) -> exp.Expression:
        return table(measurement)

    def kept(self, layout: Layout, name: str, columns: Sequence[str]) -> exp.Expression:
        return kept(name)

    def member(self, own: exp.Expression) -> exp.Expression:
        """As rows: DuckDB looks values up among them, while it goes through a list one by one."""
        return exp.In(this=own, query=exp.select(exp.Explode(this=placeholder())).subquery())

    def chosen_by(self, own: Sequence[exp.Expression], query: exp.Select) -> exp.Expression:
        return exp.In(this=exp.Tuple(expressions=list(own)), query=query.subquery())

    def holds(self, own: exp.Expression, *, pattern: bool) -> exp.Expression:
        search = "regexp_matches" if pattern else "contains"
        return call(search, exp.Lower(this=own), exp.Lower(this=placeholder()))

    def edge(self) -> exp.Expression:
        """A column of the list that `with_edges` joins."""
        return column("edge")

    def with_edges(self, query: exp.Select) -> exp.Select:
        unnested = exp.select(exp.alias_(exp.Explode(this=placeholder()), "edge", quoted=True))
        after = exp.GTE(this=column("time"), expression=column("edge"))
        return query.join(unnested.subquery("edges"), on=after, join_type="asof")

    def latest(self, own: exp.Expression) -> exp.Expression:
        return call("arg_max", own, call("row", column("time"), own.copy()))

    def percentile(self, own: exp.Expression, share: float) -> exp.Expression:
        return call("quantile_disc", own, exp.Literal.number(share))

    def size(self, text: exp.Expression) -> exp.Expression:
        return call("strlen", text)


DUCKDB = DuckDialect()


@dataclass(frozen=True)
class DuckEngine:
    connection: duckdb.DuckDBPyConnection
    dialect: Dialect = DUCKDB

    def columns(self, text: str, parameters: Sequence[Parameter]) -> Mapping[str, npt.NDArray[Any]]:
        found: dict[str, npt.NDArray[Any]] = self.connection.execute(text, list(parameters)).fetchnumpy()
        return found

    def rows(self, text: str, parameters: Sequence[Parameter]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.connection.execute(text, list(parameters)).fetchall()
        return found

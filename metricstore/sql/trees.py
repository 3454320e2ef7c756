"""The smallest parts of a statement, as SQLGlot's trees."""

from __future__ import annotations

from sqlglot import exp

Parameter = int | float | str | list[int] | list[float] | list[str]


def column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def placeholder() -> exp.Placeholder:
    return exp.Placeholder()


def table(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """A function that SQLGlot need not know."""
    return exp.Anonymous(this=name, expressions=list(arguments))

"""The tables that rollups are in: made, filled and read through."""

from __future__ import annotations

from functools import lru_cache

import duckdb
from sqlglot import exp

from metricstore.duck.dialect import DUCKDB, SCHEMA, kept
from metricstore.rollups.hours import HOUR, Stretches
from metricstore.rollups.layout import Layout
from metricstore.sql.conditions import restriction
from metricstore.sql.rollups import TIME, tables
from metricstore.sql.trees import call, column, placeholder, table


@lru_cache(maxsize=64)
def selects(layout: Layout) -> list[tuple[str, str]]:
    """Names of a layout's tables, and the text that gives their rows of [first, stop) nanoseconds."""
    return [(one.name, DUCKDB.text(one.computed(DUCKDB, layout))) for one in tables(layout)]


def make_tables(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Of the types that their rows have."""
    for one, select in selects(layout):
        connection.execute(f"CREATE OR REPLACE TABLE {DUCKDB.text(kept(one))} AS {select}", [0, 0])


def fill(connection: duckdb.DuckDBPyConnection, layout: Layout, first: int, stop: int) -> None:
    """Replace the rows of hours by what their points give."""
    for one, select in selects(layout):
        connection.execute(_delete_text(one), [first, stop])
        connection.execute(_fill_text(one, select), [first * HOUR, stop * HOUR])


def replace_tables(connection: duckdb.DuckDBPyConnection, name: str, layout: Layout | None, closed: Stretches) -> None:
    """Empty tables of a measurement that is declared otherwise now, none without a layout. The rows of closed hours stay, as far as there are
    such columns."""
    old = [one for (one,) in connection.execute(_NAMES).fetchall() if one == name or one.startswith(f"{name} ")]
    for one in old:
        rename = exp.AlterRename(this=exp.to_identifier(f"old {one}", quoted=True))
        connection.execute(DUCKDB.text(exp.Alter(this=kept(one), kind="TABLE", actions=[rename])))
    if layout is not None:
        make_tables(connection, layout)
    made = {one for one, _ in selects(layout)} if layout is not None else set()
    for one in old:
        if one in made and closed:
            _copy_closed(connection, f"old {one}", one, closed)
        connection.execute(f"DROP TABLE {DUCKDB.text(kept(f'old {one}'))}")


@lru_cache(maxsize=256)
def _fill_text(name: str, select: str) -> str:
    return f"INSERT INTO {DUCKDB.text(kept(name))} {select}"


@lru_cache(maxsize=256)
def _delete_text(name: str) -> str:
    after = exp.GTE(this=column(TIME), expression=placeholder())
    where = exp.and_(after, exp.LT(this=column(TIME), expression=placeholder()))
    return DUCKDB.text(exp.delete(kept(name), where=where))


def _copy_closed(connection: duckdb.DuckDBPyConnection, old: str, new: str, closed: Stretches) -> None:
    """Columns that both have; a type that was widened takes the old values."""
    names = [
        [one[0] for one in connection.execute(f"DESCRIBE {DUCKDB.text(kept(name))}").fetchall()] for name in (old, new)
    ]
    common = [exp.to_identifier(one, quoted=True) for one in names[1] if one in names[0]]
    within_one = exp.and_(
        exp.GTE(this=column(TIME), expression=placeholder()), exp.LT(this=column(TIME), expression=placeholder())
    )
    rows = exp.select(*(exp.column(one.copy()) for one in common)).from_(kept(old)).where(within_one)
    text = DUCKDB.text(exp.insert(rows, exp.Schema(this=kept(new), expressions=common)))
    for stretch in closed:
        connection.execute(text, list(stretch))


def read_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Read all of them, to see whether it can be done."""
    for (name,) in connection.execute(_NAMES).fetchall():
        every = exp.Anonymous(this="bit_xor", expressions=[call("hash", column("everything"))])
        rows = exp.Table(
            this=kept(name).this,
            db=kept(name).args["db"],
            alias=exp.TableAlias(this=exp.to_identifier("everything", quoted=True)),
        )
        connection.execute(DUCKDB.text(exp.select(every).from_(rows))).fetchall()


def first_between(connection: duckdb.DuckDBPyConnection, name: str, start: int, stop: int) -> int | None:
    """The first time of a point in [start, stop) nanoseconds."""
    found: int | None = connection.execute(_first_text(name), [start, stop]).fetchall()[0][0]
    return found


@lru_cache(maxsize=64)
def _first_text(name: str) -> str:
    return DUCKDB.text(exp.select(exp.Min(this=column("time"))).from_(table(name)).where(restriction(DUCKDB, ())))


_NAMES = f"SELECT table_name FROM duckdb_tables() WHERE schema_name = '{SCHEMA}'"

"""Bringing a database to this program's tables: what is missing is made, what is newer or another's is left alone."""

from __future__ import annotations

from collections.abc import Iterator

from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.tables import TABLES, VERSION_TABLE, Layout, Table, quoted, stored_type
from metricstore.errors import SchemaVersionError

APPLICATION = "content-metrics-dashboard"
VERSION = 2
"""Counted up where programs before would write points that this one would not notice."""
_PRESENT = "SELECT table, name, type FROM system.columns WHERE database = currentDatabase()"


def prepare(connection: Connection, layout: Layout) -> None:
    """SchemaVersionError, and nothing changed, where the database is newer than this program."""
    present: dict[str, dict[str, str]] = {}
    for table, name, kind in connection.query(_PRESENT, ()).result_rows:
        present.setdefault(table, {})[name] = kind
    found = _version(connection, layout) if VERSION_TABLE in present else 0
    if found > VERSION:
        raise SchemaVersionError(
            f"the database is at schema version {found}, newer than this program's {VERSION}: update the program"
        )
    for statement in [one for table in TABLES for one in _missing(layout, table, present.get(table.name))]:
        connection.command(statement)
    if found < VERSION:
        connection.insert(layout.whole(VERSION_TABLE), {"application": [APPLICATION], "version": [VERSION]},
                          ["String", "Int64"])  # fmt: skip


def _version(connection: Connection, layout: Layout) -> int:
    text = f"SELECT max(version) FROM {layout.whole(VERSION_TABLE)} WHERE application = '{APPLICATION}'"
    return int(connection.query(text, ()).result_rows[0][0])


def _missing(layout: Layout, table: Table, present: dict[str, str] | None) -> Iterator[str]:
    """A whole table, new columns, ints that became floats."""
    if present is None:
        yield from layout.create(table)
        return
    for name, definition in table.columns.items():
        wanted, there = stored_type(definition), present.get(name)
        if there is None:
            yield from layout.alter(table, f"ADD COLUMN IF NOT EXISTS {quoted(name)} {definition}")
        elif there != wanted and (there, wanted) != ("Nullable(Int64)", "Nullable(Float64)"):
            raise SchemaVersionError(f"the store holds {table.name}.{name} as {there}, this program as {wanted}")
        elif there != wanted:
            yield from layout.alter(table, f"MODIFY COLUMN {quoted(name)} {definition}")

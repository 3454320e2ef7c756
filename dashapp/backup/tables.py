"""The accounts database as lines of text and back: every table that is declared, whatever it is for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from dashapp.accounts.database import Database
from dashapp.accounts.models import INSTEAD, PASSING, Base
from dashapp.backup.errors import BackupError
from dashapp.backup.lines import batches, understood

Put = Callable[[str, bytes, int], None]
_AT_ONCE = 1_000


def tables() -> list[Table]:
    """Those that are in backups; what a row refers to comes before it."""
    return [table for table in Base.metadata.sorted_tables if PASSING not in table.info]


def read_tables(database: Database, put: Put, *, secrets: bool) -> None:
    """All rows as of one moment."""
    with database.snapshot() as connection:
        for table in tables():
            columns = [column for column in table.columns if secrets or INSTEAD not in column.info]
            put(table.name, _line([column.name for column in columns]), 0)
            found = connection.execute(select(*columns)).yield_per(_AT_ONCE)
            for rows in found.partitions():
                put(table.name, b"".join(_line(list(row)) for row in rows), len(rows))


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def write_tables(database: Database, contents: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """Rows into an empty database, which may be at an earlier version. BackupError for a table it does not have."""
    present = MetaData()
    with database.connection() as connection:
        present.reflect(connection)
        filled = dict(contents)
        for table in present.sorted_tables:
            if table.name in filled:
                _fill(connection, table, _rows(table, filled.pop(table.name)))
        if filled:
            raise BackupError(f"the backup has tables that its version does not have: {', '.join(sorted(filled))}")


def _rows(table: Table, lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    found = iter(lines)
    with understood(table.name):
        names: list[str] = json.loads(next(found, b""))
        missing = _without_secrets(table, names)
    for batch in batches(found, _AT_ONCE):
        with understood(table.name):
            rows = [{**missing, **dict(zip(names, json.loads(line), strict=True))} for line in batch]
        yield rows


def _without_secrets(table: Table, names: list[str]) -> dict[str, Any]:
    """What stands in secret columns that were left out."""
    declared = Base.metadata.tables.get(table.name)
    columns = declared.columns if declared is not None else ()
    return {one.name: one.info[INSTEAD] for one in columns if INSTEAD in one.info and one.name not in names}


def _fill(connection: Connection, table: Table, rows: Iterable[list[dict[str, Any]]]) -> None:
    """`rows` as they come, some at a time."""
    for batch in rows:
        connection.execute(insert(table), batch)


def put_in_place(source: Database, target: Database) -> None:
    """All that `target` holds is replaced by what `source` holds, in one transaction. Both are at today's version."""
    with source.snapshot() as reading, target.connection() as writing:
        for table in reversed(Base.metadata.sorted_tables):
            writing.execute(table.delete())
        for table in tables():
            found = reading.execute(select(table)).yield_per(_AT_ONCE).mappings()
            _fill(writing, table, ([dict(row) for row in rows] for rows in found.partitions()))
            if target.engine.dialect.name == "postgresql":
                _count_on(writing, table)


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows by a counter of its own, which does not see numbers that were given."""
    key = table.autoincrement_column
    if key is None:
        return
    highest = connection.execute(select(func.max(key))).scalar()
    if highest is not None:
        place = {"table": table.name, "column": key.name, "highest": highest}
        connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"), place)


def counts(database: Database) -> dict[str, int]:
    """Rows by table."""
    with database.snapshot() as connection:
        return {table.name: int(connection.execute(select(func.count()).select_from(table)).scalar() or 0) for table in tables()}  # fmt: skip

"""A database whose points take the place of another's: filled under a name of its own, then copied over, then removed.

Tables can't be renamed in a cluster, where their replicas' paths hold their names; copying is the same for one server and for many.
Each step can be repeated: what the second database holds is there until all of it has been copied.
"""

from __future__ import annotations

from dataclasses import replace

from metricstore.catalogue import MEASUREMENTS
from metricstore.clickhouse import hour_marks, schema
from metricstore.clickhouse.connection import Connection, Server
from metricstore.clickhouse.dialect import MARK
from metricstore.clickhouse.revisions import TableMarks
from metricstore.clickhouse.tables import TABLES, VERSION_TABLE, Layout, Table, quoted

COPY_SECONDS = 6 * 3600
"""A statement that copies a whole table answers when it is done."""
_TABLES = f"SELECT name FROM system.tables WHERE database = {MARK}"


def beside(server: Server) -> Server:
    """The database that is to take its place."""
    return replace(server, database=f"{server.database}_dashapp_restoring")


def patient(server: Server) -> Server:
    return replace(server, timeout_seconds=COPY_SECONDS)


def make_beside(connection: Connection) -> None:
    """An empty database; one that an earlier try left is removed."""
    forget_beside(connection)
    layout = _layout(connection)
    connection.command(f"CREATE DATABASE {quoted(beside(connection.server).database)}{layout.everywhere}")


def forget_beside(connection: Connection) -> None:
    layout = _layout(connection)
    name = quoted(beside(connection.server).database)
    connection.command(f"DROP DATABASE IF EXISTS {name}{layout.everywhere} SYNC")


def take_place(connection: Connection) -> None:
    """Each measurement's points are those of the database beside, which is then removed. Does nothing where that is done."""
    new = Layout(beside(connection.server).database, connection.server.cluster)
    there = _names(connection, new.database)
    if VERSION_TABLE not in there:  # all was copied: at most its removal was cut off
        if there:
            forget_beside(connection)
        return
    schema.prepare(connection, _layout(connection))
    for table in TABLES:
        if table.name in MEASUREMENTS and table.name in there:
            _copy(connection, table)
    TableMarks(connection, _layout(connection)).add(dict.fromkeys(MEASUREMENTS))
    # From here on nothing is copied again: a removal that is cut off leaves some tables without others.
    connection.command(f"DROP TABLE {new.whole(VERSION_TABLE)}{new.everywhere} SYNC")
    forget_beside(connection)


def exists(connection: Connection) -> bool:
    """Whether there may be something to read."""
    return bool(_names(connection, connection.server.database) & MEASUREMENTS.keys())


def _copy(connection: Connection, table: Table) -> None:
    """By names: a table that was made by an earlier version has its columns in another order."""
    own, new = _layout(connection), Layout(beside(connection.server).database, connection.server.cluster)
    columns = ", ".join(map(quoted, table.columns))
    hour_marks.mistrust(connection, own, table.name)
    connection.command(f"TRUNCATE TABLE {own.stored(table.name)}{own.everywhere} SYNC")
    connection.command(
        f"INSERT INTO {own.whole(table.name)} ({columns}) SELECT {columns} FROM {new.whole(table.name)} FINAL"
    )
    hour_marks.mark_points(connection, own, table.name)
    hour_marks.mistrust(connection, own, table.name)  # rollups made meanwhile are of neither


def _layout(connection: Connection) -> Layout:
    return Layout(connection.server.database, connection.server.cluster)


def _names(connection: Connection, database: str) -> set[str]:
    return {str(name) for (name,) in connection.query(_TABLES, [database]).result_rows}

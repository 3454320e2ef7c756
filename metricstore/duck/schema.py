"""The file's tables: one for each measurement, made from the catalogue, and the version they are at.

An older file is brought up to date in one transaction; one that is newer or not ours is refused untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

import duckdb
from sqlglot import exp

from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.duck import marks
from metricstore.duck.damage import speaks_of_damage
from metricstore.duck.dialect import DUCKDB, NAME
from metricstore.errors import SchemaVersionError
from metricstore.sql.trees import column, table

APPLICATION = "content-metrics-dashboard"
VERSION_TABLE = "store_schema"
_TYPES = {"float": "DOUBLE", "int": "BIGINT", "string": "VARCHAR"}


def _make_version_table(connection: duckdb.DuckDBPyConnection) -> None:
    columns = {"application": "varchar", "version": "bigint"}
    made = [
        exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=exp.DataType.build(kind))
        for name, kind in columns.items()
    ]
    schema = exp.Schema(this=table(VERSION_TABLE), expressions=made)
    connection.execute(DUCKDB.text(exp.Create(this=schema, kind="TABLE")))
    connection.execute(DUCKDB.text(exp.insert(exp.values([(APPLICATION, 0)]), table(VERSION_TABLE))))


Migration = Callable[[duckdb.DuckDBPyConnection], None]
MIGRATIONS: list[Migration] = [_make_version_table, marks.make_table]
"""Number n brings a file from version n to n + 1. New measurements and columns need none: they follow the catalogue."""


def prepare(connection: duckdb.DuckDBPyConnection, *, read_only: bool, new: bool = False) -> None:
    """Bring an opened file to this program's schema; SchemaVersionError, and nothing changed, when that can't be.

    `new`: nothing can be in it yet.
    """
    present = {} if new else _present(connection)  # once: in a file just opened this is the slowest question of all
    found = _version(connection, present)
    if found > len(MIGRATIONS):
        raise SchemaVersionError(
            f"the store is at schema version {found}, newer than this program's {len(MIGRATIONS)}: update the program"
        )
    if read_only:
        if found < len(MIGRATIONS) or _missing(present):
            raise SchemaVersionError("the store is older than this program: open it once for writing to migrate it")
        return
    connection.begin()
    try:
        for migration in MIGRATIONS[found:]:
            migration(connection)
        if found < len(MIGRATIONS):
            _set_version(connection, len(MIGRATIONS))
        for statement in _missing(_present(connection) if 0 < found < len(MIGRATIONS) else present):
            connection.execute(statement)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _version(connection: duckdb.DuckDBPyConnection, tables: Collection[str]) -> int:
    """0 for an empty file."""
    if not tables:
        return 0
    foreign = SchemaVersionError("this is a DuckDB file of another program: choose another path")
    if VERSION_TABLE not in tables:
        raise foreign
    query = exp.select(column("application"), column("version")).from_(table(VERSION_TABLE))
    try:
        rows = connection.execute(DUCKDB.text(query)).fetchall()
    except duckdb.Error as error:
        if speaks_of_damage(str(error)):
            raise
        raise foreign from None
    if len(rows) != 1 or rows[0][0] != APPLICATION or not isinstance(rows[0][1], int):
        raise foreign
    return rows[0][1]


def _set_version(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    change = exp.update(table(VERSION_TABLE), {'"version"': version})
    connection.execute(DUCKDB.text(change))


def _present(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Type of every column by table."""
    names = [column(name) for name in ("table_name", "column_name", "data_type")]
    listed = exp.table_("columns", db="information_schema")
    query = exp.select(*names).from_(listed).where(column("table_schema").eq("main"))
    found: dict[str, dict[str, str]] = {}
    for name, own, kind in connection.execute(DUCKDB.text(query)).fetchall():
        found.setdefault(name, {})[own] = kind
    return found


def _missing(present: dict[str, dict[str, str]]) -> list[str]:
    """Statements that bring the tables to the catalogue: whole tables, new columns, ints that became floats."""
    statements: list[str] = []
    for source in MEASUREMENTS.values():
        if source.name not in present:
            statements.append(_create(source))
            continue
        for name, kind in columns(source).items():
            change = _change(source, name, kind, present[source.name].get(name))
            if change is not None:
                statements.append(change)
    return statements


def _change(source: Measurement, name: str, kind: str, present: str | None) -> str | None:
    if present == kind:
        return None
    action: exp.Expression
    if present is None:
        action = _definition(source, name, kind)
    elif (present, kind) == ("BIGINT", "DOUBLE"):
        action = exp.AlterColumn(this=exp.to_identifier(name, quoted=True), dtype=exp.DataType.build("double"))
    else:
        raise SchemaVersionError(f"the store holds {source.name}.{name} as {present}, this program as {kind}")
    return DUCKDB.text(exp.Alter(this=table(source.name), kind="TABLE", actions=[action]))


def columns(source: Measurement) -> dict[str, str]:
    """Name and type of every column of a measurement's table."""
    found = {"time": "BIGINT"}
    found.update((name, "VARCHAR") for name in source.tag_names)
    found.update((field.name, _TYPES[field.type]) for field in source.fields)
    return found


def _definition(source: Measurement, name: str, kind: str) -> exp.ColumnDef:
    """Tags hold "" where a point has none, so that identities can be compared."""
    constraints = []
    if name in source.tag_names:
        value = exp.DefaultColumnConstraint(this=exp.Literal.string(""))
        constraints.append(exp.ColumnConstraint(kind=value))
    identifier = exp.to_identifier(name, quoted=True)
    return exp.ColumnDef(this=identifier, kind=exp.DataType.build(kind, dialect=NAME), constraints=constraints)


@cache
def _create(source: Measurement) -> str:
    made = [_definition(source, name, kind) for name, kind in columns(source).items()]
    return DUCKDB.text(exp.Create(this=exp.Schema(this=table(source.name), expressions=made), kind="TABLE"))

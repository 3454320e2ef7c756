"""The tables that rollups are in: declared, made, filled, removed. `rollup_names` says what is in one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from metricstore.catalogue import measurement
from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.dialect import CLICKHOUSE
from metricstore.clickhouse.rollup_names import PREFIX, array_of, table_name
from metricstore.clickhouse.tables import Layout as Place
from metricstore.clickhouse.tables import Table, quoted
from metricstore.rollups.hours import HOUR
from metricstore.rollups.layout import POINTS, Layout, layouts
from metricstore.sql.rollups import BUCKET, NUMBER, PARTS, TIME, part, tables

VERSION, MADE = "version", "made as of"
_NAMES = f"SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, '{PREFIX}')"
_WANTED = (
    "(SELECT one.1 AS hour, one.2 AS version, one.3 AS made FROM (SELECT arrayJoin(arrayZip("
    "{hours:Array(Int64)}, {versions:Array(UInt64)}, {sums:Array(UInt64)})) AS one)) AS wanted"
)


class Hour(NamedTuple):
    """An hour that is to be made: how many changes there were, and their sum."""

    hour: int
    version: int
    changes: int


def table_of(layout: Layout) -> Table:
    """Of rows of one hour that of the highest version counts: of two who make an hour at once the one who has seen more changes."""
    columns = {TIME: "Int64", VERSION: "UInt64", MADE: "UInt64"}
    types = _types(layout)
    for table in tables(layout):
        for name in table.columns[1:]:
            columns[array_of(layout, table.name, name)] = f"Array({types[name]})"
    return Table(table_name(layout), columns, (TIME,), "ReplacingMergeTree", arguments=VERSION)


def names(connection: Connection) -> set[str]:
    """Of all tables of rollups that are there."""
    return {str(name) for (name,) in connection.query(_NAMES, ()).result_rows}


def make(connection: Connection, place: Place, layout: Layout) -> None:
    for statement in place.create(table_of(layout)):
        connection.command(statement)


def remove_others(connection: Connection, place: Place, name: str) -> None:
    """Tables of a measurement that are of another declaration or recipe."""
    own = {table_name(layout) for layout in layouts(name)}
    for other in sorted(names(connection)):
        plain = other.removesuffix("_local")
        if other.startswith(f"{PREFIX}{name} ") and plain not in own:
            connection.command(f"DROP TABLE IF EXISTS {place.whole(other)}{place.everywhere} SYNC")


def fill(connection: Connection, place: Place, layout: Layout, hours: Sequence[Hour]) -> None:
    """Make hours, in ascending order, from their points: one row each, all of them at once or none."""
    edges = [hours[0].hour * HOUR, (hours[-1].hour + 1) * HOUR] * len(tables(layout))
    lists = {"hours": [one.hour for one in hours], "versions": [one.version for one in hours],
             "sums": [one.changes for one in hours]}  # fmt: skip
    connection.copy(f"INSERT INTO {place.whole(table_name(layout))} {_fill_text(layout)}", edges, lists)


@lru_cache(maxsize=64)
def _fill_text(layout: Layout) -> str:
    """The columns and their SELECT: of each table of rollups the rows of an hour are put into lists."""
    columns = [TIME, VERSION, MADE]
    values = ["wanted.hour", "wanted.version", "wanted.made"]
    joins = []
    for number, table in enumerate(tables(layout)):
        own = table.columns[1:]
        columns += [array_of(layout, table.name, name) for name in own]
        values += [f"arrayMap(one -> one.{place}, of_{number}.cells)" for place in range(1, len(own) + 1)]
        cells = f"groupArray(tuple({', '.join(map(quoted, own))}))"  # in tuples: a list of NULLs alone would be empty
        points = CLICKHOUSE.text(table.computed(CLICKHOUSE, layout))
        joins.append(f"LEFT JOIN (SELECT {quoted(TIME)} AS hour, {cells} AS cells FROM ({points}) GROUP BY hour) AS of_{number} "
                     f"ON of_{number}.hour = wanted.hour")  # fmt: skip
    return f"({', '.join(map(quoted, columns))}) SELECT {', '.join(values)} FROM {_WANTED} {' '.join(joins)}"


def _types(layout: Layout) -> dict[str, str]:
    """Of what is in the lists, by the columns of the tables of rollups."""
    source = measurement(layout.measurement)
    found = {POINTS: "Int64", BUCKET: "Nullable(Int32)", NUMBER: "Int64"}
    for key in layout.keys:
        found[key] = "LowCardinality(String)" if key in source.tag_names else _KEYS[source.field(key).type]
    for field, kind in layout.kinds:
        number = "Int64" if kind == "int" else "Float64"
        whole = "Int128" if kind == "int" else number  # sums of whole numbers go beyond 64 bits
        kinds = {
            "count": "Int64",
            "sum": f"Nullable({whole})",
            "min": f"Nullable({number})",
            "max": f"Nullable({number})",
        }
        found |= {part(field, one): kinds[one] for one in PARTS}
    return found


_KEYS = {"string": "LowCardinality(Nullable(String))", "int": "Nullable(Int64)", "float": "Nullable(Float64)"}

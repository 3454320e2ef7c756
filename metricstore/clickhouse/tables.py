"""The store's tables, declared once: the same for one server and for a cluster.

On one server a measurement is one table. In a cluster each shard holds a part of it in a replicated table of its own,
`generation_local`, and `generation` on every server stands for all of them. A point's identity decides its shard, so
that all that is ever written of it meets there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metricstore.catalogue import MEASUREMENTS, Measurement

VERSION_TABLE, CHANGES_TABLE, HOURS_TABLE = "store_schema", "store_changes", "store_hours"
_TYPES = {"float": "Float64", "int": "Int64", "string": "String"}
PARTITION = "toYYYYMM(fromUnixTimestamp64Nano(time))"
"""The month that a point is filed under on the disk."""
# What was written is on the disk before the server answers.
_DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1"
# Block numbers let points be deleted by small additions.
_POINTS_SETTINGS = f"enable_block_number_column = 1, enable_block_offset_column = 1, {_DURABLE}"


@dataclass(frozen=True)
class Table:
    """`columns`: definition by name. Rows equal in `key` are made one by the engine's rule; `arguments` are what it takes."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]
    engine: str
    partition: str = ""
    settings: str = ""
    arguments: str = ""
    meeting: tuple[str, ...] = ()
    """Rows equal in these columns are in one shard; by default in those of `key`."""

    @property
    def sharded_by(self) -> tuple[str, ...]:
        return self.meeting or self.key


def quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table_of(source: Measurement) -> Table:
    """A later row of the same identity replaces what it says and keeps the rest: CoalescingMergeTree does just that."""
    columns = {"time": "Int64 CODEC(Delta(8), ZSTD(1))"}
    columns |= dict.fromkeys(source.tag_names, "LowCardinality(String) DEFAULT ''")
    for field in source.fields:
        kind = f"Nullable({_TYPES[field.type]})"
        columns[field.name] = f"LowCardinality({kind})" if field.dimension and field.type == "string" else kind
    return Table(
        source.name, columns, ("time", *source.tag_names), "CoalescingMergeTree",
        PARTITION, _POINTS_SETTINGS,
    )  # fmt: skip


def stored_type(definition: str) -> str:
    """A column's type as the server lists it."""
    return definition.partition(" CODEC")[0].partition(" DEFAULT")[0]


def sent_type(definition: str) -> str:
    """A column's type as values are sent: servers make their dictionaries themselves."""
    kind = stored_type(definition)
    return kind.removeprefix("LowCardinality(").removesuffix(")") if kind.startswith("LowCardinality(") else kind


VERSIONS = Table(
    VERSION_TABLE, {"application": "String", "version": "Int64"}, ("application", "version"), "ReplacingMergeTree"
)
CHANGES = Table(
    CHANGES_TABLE, {"name": "String", "day": "Int64", "changes": "UInt64"}, ("name", "day"), "SummingMergeTree"
)
HOURS = Table(
    HOURS_TABLE,
    {
        "kind": "LowCardinality(String)", "name": "LowCardinality(String)", "first": "Int64", "stop": "Int64", "writer": "UInt64",
        "marks": "UInt64", "changes": "UInt64", "open": "Int64", "since": "DateTime DEFAULT now()",
    },
    ("kind", "name", "first", "stop", "writer"), "SummingMergeTree", settings=_DURABLE, arguments="(marks, changes, open)",
    meeting=("name", "first", "stop"),
)  # fmt: skip
"""See `metricstore.clickhouse.hour_marks`. A row whose numbers come to zero is gone when the server has put parts together.

An hour's mark and the row that it is written to come with one insert. They meet in one shard, which stores them as one block, so nobody
sees the mark and not the other. Two inserts one behind the other would do, too, but cost a write on one server a request more.
"""
TABLES = (*map(table_of, MEASUREMENTS.values()), VERSIONS, CHANGES, HOURS)


@dataclass(frozen=True)
class Layout:
    """Where tables are. `cluster`: its name in the servers' `remote_servers`; "" for one server."""

    database: str
    cluster: str = ""

    @property
    def everywhere(self) -> str:
        """What follows the name of a table in a statement that all servers of a cluster are to carry out."""
        return f" ON CLUSTER {quoted(self.cluster)}" if self.cluster else ""

    def stored(self, name: str) -> str:
        """The table that holds rows, where it is changed in place."""
        return f"{quoted(self.database)}.{quoted(f'{name}_local' if self.cluster else name)}"

    def whole(self, name: str) -> str:
        """The table that stands for all rows."""
        return f"{quoted(self.database)}.{quoted(name)}"

    def create(self, table: Table) -> Iterator[str]:
        columns = ", ".join(f"{quoted(name)} {definition}" for name, definition in table.columns.items())
        key = ", ".join(map(quoted, table.key))
        engine = f"{table.engine}({table.arguments})"
        if self.cluster:
            # By names, so that a server that is added later finds the others.
            place = ["'/clickhouse/tables/{database}/{table}/{shard}'", "'{replica}'", *filter(None, [table.arguments])]
            engine = f"Replicated{table.engine}({', '.join(place)})"
        partition = f" PARTITION BY {table.partition}" if table.partition else ""
        settings = f" SETTINGS {table.settings}" if table.settings else ""
        yield (f"CREATE TABLE IF NOT EXISTS {self.stored(table.name)}{self.everywhere} ({columns}) "
               f"ENGINE = {engine}{partition} ORDER BY ({key}){settings}")  # fmt: skip
        if self.cluster:
            shard = ", ".join(map(quoted, table.sharded_by))
            parts = ", ".join(
                f"'{word}'" for word in map(_literal, (self.cluster, self.database, f"{table.name}_local"))
            )
            yield (f"CREATE TABLE IF NOT EXISTS {self.whole(table.name)}{self.everywhere} AS {self.stored(table.name)} "
                   f"ENGINE = Distributed({parts}, cityHash64({shard}))")  # fmt: skip

    def alter(self, table: Table, change: str) -> Iterator[str]:
        """`change` made to the table that holds rows, and to the one that stands for all of them."""
        yield f"ALTER TABLE {self.stored(table.name)}{self.everywhere} {change}"
        if self.cluster:
            yield f"ALTER TABLE {self.whole(table.name)}{self.everywhere} {change}"


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")

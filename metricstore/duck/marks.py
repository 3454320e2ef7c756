"""Which hours' rollups are complete, as the file says it: a change marks its hours as dirty in its own transaction.

Rows of one table: `kept` (rollups of a measurement are kept, by the layout in `layout`), `dirty` and `closed` (hours in [first, stop)). What is kept and
neither dirty nor closed is complete. Those who ask read them in the transaction that they ask in; the writer knows them by heart.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

import duckdb
from sqlglot import exp

from metricstore.duck.dialect import DUCKDB, SCHEMA, kept
from metricstore.query import Query
from metricstore.rollups.hours import Stretches, joined, without
from metricstore.rollups.layout import known_layout
from metricstore.rollups.planner import NOTHING, Known, refused_beforehand
from metricstore.sql.trees import call, column, placeholder

TABLE = "marks"
_COLUMNS = {"measurement": "varchar", "kind": "varchar", "first": "bigint", "stop": "bigint", "layout": "varchar"}


def make_table(connection: duckdb.DuckDBPyConnection) -> None:
    """The part of the file that rollups are in, without any."""
    connection.execute(DUCKDB.text(exp.Create(this=exp.to_identifier(SCHEMA, quoted=True), kind="SCHEMA")))
    made = [
        exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=exp.DataType.build(kind))
        for name, kind in _COLUMNS.items()
    ]
    connection.execute(DUCKDB.text(exp.Create(this=exp.Schema(this=kept(TABLE), expressions=made), kind="TABLE")))


def read(connection: duckdb.DuckDBPyConnection, names: Iterable[str] | None = None) -> dict[str, Known]:
    """Of the measurements that rollups are kept of; the layout is None where `known_layout` knows none."""
    rows = connection.execute(_ALL if names is None else _SOME, [] if names is None else [list(names)]).fetchall()
    found: dict[str, dict[str, list[tuple[int, int]]]] = {}
    layouts: dict[str, str] = {}
    for name, kind, first, stop, layout in rows:
        if kind == "kept":
            layouts[name] = layout
        else:
            found.setdefault(name, {}).setdefault(kind, []).append((first, stop))
    return {name: Known(known_layout(name, text), *(joined(found.get(name, {}).get(kind, ())) for kind in ("dirty", "closed")))
            for name, text in layouts.items()}  # fmt: skip


def insert(
    connection: duckdb.DuckDBPyConnection, name: str, kind: str, stretches: Sequence[tuple[int, int]], layout: str | None = None
) -> None:  # fmt: skip
    if stretches:
        firsts, stops = zip(*stretches, strict=True)
        connection.execute(_INSERT, [name, kind, list(firsts), list(stops), layout])


def remove(connection: duckdb.DuckDBPyConnection, name: str, *kinds: str) -> None:
    for kind in kinds:
        connection.execute(_REMOVE, [name, kind])


class Marks:
    """As the file has them, for the only writer: `lock` is held around each of its transactions."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._known: dict[str, Known] | None = None
        self._opened = -1
        self._changed: dict[str, Known] = {}
        """By the transaction that is under way."""
        self.names: frozenset[str] = frozenset()
        """Measurements that may have rollups to answer from."""
        self._latest: dict[str, Known] = {}
        """As last read or written, also while nobody knows what became of a transaction."""

    def begin(self, connection: duckdb.DuckDBPyConnection, opened: int) -> None:
        """In a new transaction. `opened` is another number once others may have written to the file."""
        self._changed = {}
        if self._known is None or opened != self._opened:
            self._set(read(connection))
            self._opened = opened

    def committed(self) -> None:
        self._set({**(self._known or {}), **self._changed})

    def failed(self) -> None:
        """Nobody knows what became of the transaction: read again next time."""
        self._known = None

    def of(self, name: str) -> Known:
        if name in self._changed:
            return self._changed[name]
        return (self._known or {}).get(name, NOTHING)

    def opened(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read what there is to answer from; the writer reads for itself."""
        self._remember(read(connection))

    def worth_reading(self, query: Query) -> bool:
        """Whether rollups may answer a question without a comparison. Takes no lock: it may be of a moment ago."""
        return query.measurement in self.names and not refused_beforehand(
            query, self._latest.get(query.measurement, NOTHING)
        )

    def kept(self) -> dict[str, Known]:
        """All of them."""
        return {name: one for name, one in {**(self._known or {}), **self._changed}.items() if one is not NOTHING}

    def touch(self, connection: duckdb.DuckDBPyConnection, name: str, hours: Stretches) -> None:
        """Points of these hours change in this transaction. What is marked already, or closed, is not marked again."""
        known = self.of(name)
        if known is NOTHING:
            return
        fresh = without(without(hours, known.dirty), known.closed)
        if fresh:
            insert(connection, name, "dirty", fresh)
            self.note(name, replace(known, dirty=joined((*known.dirty, *fresh))))

    def store(self, connection: duckdb.DuckDBPyConnection, name: str, dirty: Stretches) -> None:
        """All that is dirty from now on."""
        remove(connection, name, "dirty")
        insert(connection, name, "dirty", dirty)
        self.note(name, replace(self.of(name), dirty=dirty))

    def note(self, name: str, known: Known) -> None:
        """What this transaction makes true."""
        self._changed[name] = known

    def _set(self, known: dict[str, Known]) -> None:
        self._known, self._changed = known, {}
        self._remember(known)

    def _remember(self, known: dict[str, Known]) -> None:
        self._latest = known
        self.names = frozenset(name for name, one in known.items() if one.layout is not None)


def _read_text(where: exp.Expression | None) -> str:
    query = exp.select(*(column(name) for name in _COLUMNS)).from_(kept(TABLE))
    return DUCKDB.text(query.where(where) if where is not None else query)


def _insert_text() -> str:
    listed = [placeholder(), placeholder(), call("unnest", placeholder()), call("unnest", placeholder()), placeholder()]
    return DUCKDB.text(exp.insert(exp.select(*listed), kept(TABLE)))


_ALL = _read_text(None)
_SOME = _read_text(DUCKDB.member(column("measurement")))
_INSERT = _insert_text()
_REMOVE = DUCKDB.text(exp.delete(kept(TABLE), where=exp.and_(*(exp.EQ(this=column(name), expression=placeholder()) for name in ("measurement", "kind")))))  # fmt: skip

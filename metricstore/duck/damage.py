"""A damaged file: how DuckDB's errors speak of it, and saving what can still be read.

DuckDB keeps a checksum of each block, so what can be read is right.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from sqlglot import exp

from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.errors import StoreError

MAGIC = b"DUCK"
_HEADERS_BYTES, _BLOCK_BYTES = 12_288, 262_144
"""How DuckDB lays out a file: three headers, then whole blocks."""
_SIGNS = ("corrupt", "could not read enough bytes", "not a valid duckdb database", "replaying wal")
_OLD = "damaged"


def speaks_of_damage(words: str) -> bool:
    """Whether an error of DuckDB's says that the file is not as it was written."""
    lowered = words.lower()
    return any(sign in lowered for sign in _SIGNS)


def headless(head: bytes, size: int) -> bool:
    """Whether a file that begins with `head` has the shape of a database whose beginning is lost: empty, or whole blocks
    behind headers that are no more."""
    whole = size >= _HEADERS_BYTES and (size - _HEADERS_BYTES) % _BLOCK_BYTES == 0
    return size == 0 or (head[8:12] != MAGIC and whole)


@dataclass
class Saved:
    """What could be read of a damaged file: points by measurement, and the measurements that could not."""

    points: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def save(damaged: Path, journal: Path, fresh: Path) -> Saved:
    """Copy every measurement that can be read whole from `damaged` into `fresh`, a store's file without points.

    Nothing is written to `damaged`. Where its journal is what is damaged, it is left out. StoreError when copying fails
    for another reason than damage: a full disk, say.
    """
    for beside in ((journal,) if journal.exists() else ()), ():
        with _linked(damaged, beside) as source:
            found = _saved(source, fresh)
        if found is not None:
            return found
    return Saved(lost=list(MEASUREMENTS))


def _saved(source: Path, fresh: Path) -> Saved | None:
    """None when the file can't be opened at all."""
    found = Saved()
    try:
        with _attached(source, fresh) as connection:
            present = _columns(connection)
    except duckdb.Error as error:
        _require_damage(error)
        return None
    for measurement in MEASUREMENTS.values():
        columns = [name for name in ("time", *measurement.columns) if name in present.get(measurement.name, ())]
        if not columns:
            continue
        try:
            # A connection for each: after some errors one can't be used again.
            with _attached(source, fresh) as connection:
                row = connection.execute(_copy_text(measurement, columns)).fetchone()
        except duckdb.Error as error:
            _require_damage(error)
            found.lost.append(measurement.name)
        else:
            found.points[measurement.name] = int(row[0]) if row else 0
    return found


def _require_damage(error: duckdb.Error) -> None:
    words = str(error)
    if not speaks_of_damage(words):
        raise StoreError(f"what can be read of the damaged store can't be copied: {words.splitlines()[0]}") from error


@contextmanager
def _linked(database: Path, journals: tuple[Path, ...]) -> Iterator[Path]:
    """The file under another name, beside which only the given journal lies."""
    with tempfile.TemporaryDirectory(dir=database.parent) as folder:
        other = Path(folder) / "store.duckdb"
        _again(database, other)
        for journal in journals:
            _again(journal, other.with_name(f"{other.name}.wal"))
        yield other


def _again(path: Path, other: Path) -> None:
    """Symbolic links won't do: DuckDB follows them to where the other journal is."""
    try:
        os.link(path, other)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, other)


@contextmanager
def _attached(source: Path, fresh: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect(str(fresh), config={"memory_limit": "500MB", "threads": "2"})) as connection:
        attach = exp.Attach(
            this=exp.alias_(exp.Literal.string(str(source)), _OLD),
            expressions=[exp.AttachOption(this=exp.var("READ_ONLY"))],
        )
        connection.execute(attach.sql("duckdb"))
        yield connection


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'main'"
    for table, column in connection.execute(query, [_OLD]).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def _copy_text(measurement: Measurement, columns: list[str]) -> str:
    names = [exp.to_identifier(name, quoted=True) for name in columns]
    table = exp.to_identifier(measurement.name, quoted=True)
    rows = exp.select(*[exp.column(name.copy()) for name in names]).from_(exp.table_(table.copy(), "main", _OLD))
    into = exp.Schema(this=exp.table_(table), expressions=names)
    return exp.insert(rows, into).sql("duckdb")

"""Parquet and Arrow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import arro3.core as arro
import duckdb
import numpy as np
from arro3.io import read_ipc_stream

from dashapp.downloads.table import PROOF
from dashapp.downloads.verify.verdict import Counted, Verdict, cut, hash_until, judged

_MAGIC = b"PAR1"
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_EARLY_END = "failed to fill whole buffer"
"""What the library says of a stream that stops too early: its last bytes may look like the end mark all the same."""
_CHUNK = 50_000


def parquet(path: Path) -> Verdict:
    """The footer comes last; the hash covers what stands before it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 8, 0))
        end = file.read()
    if size < 12 or not end.endswith(_MAGIC):
        return cut("parquet")
    before_footer = size - 8 - int.from_bytes(end[:4], "little")
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            proof = _proof(connection, path)
            if proof is None:
                return Verdict("parquet", "altered", ("it holds no proof: another program has written it",))
            counted = _parquet_counted(connection, path, proof)
        except duckdb.Error:
            return Verdict("parquet", "altered", ("it can't be read: damaged, or not a Parquet file in whole",))
    return judged("parquet", proof, hash_until(path, before_footer), counted)


def _proof(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, Any] | None:
    rows = connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [_literal(path)]).fetchall()
    for key, value in rows:
        if bytes(key) == PROOF.encode():
            try:
                found: dict[str, Any] = json.loads(bytes(value))
            except ValueError:
                return None
            return found
    return None


def _parquet_counted(connection: duckdb.DuckDBPyConnection, path: Path, proof: Mapping[str, Any]) -> Counted:
    counted = Counted(proof.get("sums", {}))
    present = [
        name for name, *_ in connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [_literal(path)]).description
    ]
    names = [name for name in present if name in proof.get("sums", {})]
    row = connection.execute("SELECT count(*) FROM read_parquet(?)", [_literal(path)]).fetchone()
    counted.rows = int(row[0]) if row else 0
    for name in names:
        counted.seen(name)
        column = '"' + name.replace('"', '""') + '"'
        connection.execute(f"SELECT {column} FROM read_parquet(?) WHERE {column} IS NOT NULL", [_literal(path)])
        while values := connection.fetchmany(_CHUNK):
            counted.add_array(name, np.array([value for (value,) in values]))
    return counted


def _literal(path: Path) -> str:
    """DuckDB reads `*`, `?` and `[` in a path as a pattern."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def arrow(path: Path) -> Verdict:
    """The stream's own end mark is all it has: its sums were not known when its head was written."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - len(_END_OF_STREAM), 0))
        ended = file.read() == _END_OF_STREAM
    rows = 0
    facts: dict[str, Any] = {}
    try:
        with path.open("rb") as file:
            reader = read_ipc_stream(file)
            facts = _facts(reader.schema)
            for batch in reader:
                rows += batch.num_rows
    except Exception as error:  # the library has exceptions of many kinds
        if ended and _EARLY_END not in str(error):
            return Verdict("arrow", "altered", (f"it can't be read: {error}",), rows)
        return cut("arrow", rows)
    return Verdict("arrow", "complete", (), rows, {}, facts) if ended else cut("arrow", rows)


def _facts(schema: arro.Schema) -> dict[str, Any]:
    told = schema.metadata_str.get("facts")
    return json.loads(told) if told else {}

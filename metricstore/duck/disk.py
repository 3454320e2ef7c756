"""What measurements take in the file, about: it is written in blocks, which several columns and tables share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import duckdb

BLOCK_BYTES = 262_144


def bytes_by_table(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, int]:
    """Each block counts for the tables that have parts in it, shared out by these. What is only in the journal is not counted."""
    parts: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name in tables:
        rows = connection.execute(
            "SELECT block_id, count(*) FROM pragma_storage_info(?) WHERE persistent AND block_id >= 0 GROUP BY block_id",
            [name],
        ).fetchall()
        for block, count in rows:
            parts[int(block)][name] += int(count)
    found: defaultdict[str, float] = defaultdict(float)
    for shares in parts.values():
        whole = sum(shares.values())
        for name, share in shares.items():
            found[name] += BLOCK_BYTES * share / whole
    return {name: round(size) for name, size in found.items()}

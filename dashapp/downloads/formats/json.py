"""One JSON document, which ends in its proof, or one JSON object a line, which are rows and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from dashapp.downloads.formats.model import Proof
from dashapp.downloads.row_checksum import RowChecksum
from dashapp.downloads.table import PROOF, Column, Hashed, Table, Tally, proof, told
from metricstore.spelling import numeric, times
from metricstore.streaming import primed

_AT_ONCE = 5_000
"""Rows spelled at once: as Python objects they take many times the memory of the frame they come from."""


@dataclass(frozen=True)
class Json:
    """`{"columns": [...], "data": [{...}], "proof": {...}}`, a row a line."""

    name: str = "json"
    title: str = "JSON"
    mimetype: str = "application/json"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        watch = _Watch(table)
        pieces = primed(_rows(table, watch.tally))  # before the first byte: a store that is down is told with a status
        yield watch.passed(b'{"columns":' + orjson.dumps(_described(table)) + b',\n"data":[\n')
        begin = b""
        for rows in pieces:
            if rows:
                watch.add(rows)
                yield watch.passed(begin + b",\n".join(rows))
                begin = b",\n"
        yield watch.passed(b'\n],\n"proof":')
        yield told(watch.document()) + b"}\n"


@dataclass(frozen=True)
class Ndjson:
    """A row a line. With the proof inside, the last one has a further key, `_proof`; without rows it has no other."""

    proof: Proof = "none"
    name: str = "ndjson"
    title: str = "NDJSON"
    mimetype: str = "application/x-ndjson"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        watch, inside = _Watch(table, wanted=self.proof != "none"), self.proof == "inside"
        begin = b""
        for rows in _rows(table, watch.tally):
            if rows:
                watch.add(rows)
                # The brace that closes a row is written with the next one: the last may take up the proof.
                yield watch.passed(begin + b"}\n".join(row[:-1] for row in rows))
                begin = b"}\n"
        if not inside:
            yield watch.passed(begin)
        else:
            yield watch.passed((b"," if begin else b"{") + f'"{PROOF}":'.encode())
            yield told(watch.document()) + b"}\n"
        if self.proof == "beside":
            watch.document()


class _Watch:
    """What a proof says of a file, gathered while it passes; hashes only where one is wanted."""

    def __init__(self, table: Table, *, wanted: bool = True) -> None:
        self.table, self.wanted = table, wanted
        self.tally = Tally(table.columns)
        self._hashed, self._rows = Hashed(), RowChecksum()

    def passed(self, piece: bytes) -> bytes:
        return self._hashed(piece) if self.wanted else piece

    def add(self, rows: list[bytes]) -> None:
        if self.wanted:
            self._rows.add(rows)

    def document(self) -> dict[str, object]:
        columns = [column.name for column in self.table.columns]
        return proof(self.table, self.tally, self._hashed.hex(), columns=columns, checksum=self._rows.document())


def _described(table: Table) -> list[dict[str, str]]:
    return [
        {"name": column.name, "type": column.kind, "unit": column.unit, "meaning": column.meaning}
        for column in table.columns
    ]


def _rows(table: Table, tally: Tally) -> Iterator[list[bytes]]:
    names = tuple(column.name for column in table.columns)
    for frame in table.frames():
        tally.add(frame)
        cells = [_plain(frame, column, table) for column in table.columns]
        for begin in range(0, len(frame), _AT_ONCE):
            some = (column[begin : begin + _AT_ONCE] for column in cells)
            yield [orjson.dumps(dict(zip(names, row, strict=True))) for row in zip(*some, strict=True)]


def _plain(frame: pd.DataFrame, column: Column, table: Table) -> list[Any]:
    """Python values, None for what is missing."""
    if column.kind == "time":
        return list(times(frame, column.key, table.facts.timezone, table.exact))
    values = frame[column.key]
    if column.kind == "text":
        missing = values.isna().to_numpy(dtype=bool)
        plain: npt.NDArray[Any] = values.to_numpy(dtype=object, copy=True)
        plain[missing] = None
        return plain.tolist()
    found: list[Any] = np.ma.MaskedArray(numeric(values, column.kind)).tolist()
    return found

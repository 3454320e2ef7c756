"""Apache Arrow: the IPC stream, and Parquet made of the same batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import arro3.core as arro
import numpy as np
import pandas as pd
from arro3.io import write_ipc_stream, write_parquet

from dashapp.downloads.pump import Sink, pumped
from dashapp.downloads.table import PROOF, Column, Hashed, Table, Tally, proof, told
from metricstore.spelling import numeric

ROW_GROUP = 100_000
FACTS = "facts"
_ROOM_A_SUM = 48
_ROOM = 256
_FOOTER_END = 8
"""A Parquet file ends in the length of its footer (4 bytes) and `PAR1`."""


@dataclass(frozen=True)
class Arrow:
    """The stream's own end mark shows that it is complete; the schema's metadata tell the question."""

    name: str = "arrow"
    title: str = "Arrow"
    mimetype: str = "application/vnd.apache.arrow.stream"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        told_before = told({**table.facts.document(), "units": table.units}).decode()

        def write(sink: Sink) -> None:
            write_ipc_stream(_reader(table, Tally(table.columns), {FACTS: told_before}), sink)  # type: ignore[arg-type]

        return pumped(write)


@dataclass(frozen=True)
class Parquet:
    """The footer's key-value metadata hold the proof under `_proof`.

    The library wants them before it has seen a row, so it gets a placeholder of the right size, whose bytes are
    replaced in what it writes after the last row. The hash covers everything before the footer.
    """

    name: str = "parquet"
    title: str = "Parquet"
    mimetype: str = "application/vnd.apache.parquet"
    most_rows: int | None = None

    def stream(self, table: Table) -> Iterator[bytes]:
        tally = Tally(table.columns)
        empty = told(proof(table, tally, "0" * 64))
        placeholder = b"~" * (len(empty) + _ROOM_A_SUM * len(tally.sums) + _ROOM)
        ending = _Ending()
        batches = _reader(table, tally, {}, ending)

        def write(sink: Sink) -> None:
            ending.sink = sink
            write_parquet(
                batches, ending, compression="zstd(1)", max_row_group_size=ROW_GROUP,  # type: ignore[arg-type]
                key_value_metadata={PROOF: placeholder.decode()},
            )  # fmt: skip
            rest = bytes(ending.rest)
            footer = len(rest) - _FOOTER_END - int.from_bytes(rest[-_FOOTER_END:-4], "little")
            ending.hashed(rest[:footer])
            document = told(proof(table, tally, ending.hashed.hex()))
            sink.write(rest.replace(placeholder, document.ljust(len(placeholder)), 1))

        return pumped(write)


class _Ending:
    """Passes on what is written until the last row was read; the rest is kept for the proof to be put in."""

    def __init__(self) -> None:
        self.sink = Sink()
        self.hashed = Hashed()
        self.rest = bytearray()
        self.begun = False

    def write(self, data: bytes) -> int:
        if self.begun:
            self.rest += data
        else:
            self.sink.write(self.hashed(bytes(data)))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back but the end."""

    def tell(self) -> int:
        return self.sink.tell() + len(self.rest)

    def seek(self, *_: int) -> int:
        return self.tell()

    def close(self) -> None:
        """See `write`."""


def _reader(
    table: Table, tally: Tally, metadata: dict[str, str], ending: _Ending | None = None
) -> arro.RecordBatchReader:
    schema = arro.Schema([_field(column, table) for column in table.columns], metadata=metadata)

    def batches() -> Iterator[arro.RecordBatch]:
        for frame in table.frames():
            tally.add(frame)
            yield arro.RecordBatch.from_arrays(
                [_array(frame[column.key], column, table) for column in table.columns], schema=schema
            )
        if ending is not None:
            ending.begun = True

    return arro.RecordBatchReader.from_batches(schema, batches())


def _field(column: Column, table: Table) -> arro.Field:
    about = {name: text for name, text in (("unit", column.unit), ("meaning", column.meaning)) if text}
    return arro.Field(column.name, _type(column, table), nullable=True, metadata=about)


def _type(column: Column, table: Table) -> arro.DataType:
    if column.kind == "time":
        return arro.DataType.timestamp("ns" if table.precise else "ms", tz=table.facts.timezone)
    if column.kind == "text":
        return arro.DataType.utf8()
    return arro.DataType.int64() if column.kind == "int" else arro.DataType.float64()


def _array(values: pd.Series[Any], column: Column, table: Table) -> arro.Array:
    kind = _type(column, table)
    if column.kind == "time":
        moments = pd.DatetimeIndex(values).tz_convert("UTC").as_unit("ns").asi8
        return arro.Array.from_numpy(moments if table.precise else moments // 1_000_000).cast(kind)
    if column.kind == "text":
        texts = values.to_numpy(dtype=object)
        missing = values.isna().to_numpy(dtype=bool)
        if not missing.any():
            return arro.Array.from_numpy(texts) if len(texts) else arro.Array([], kind)
        plain = [None if gone else text for text, gone in zip(texts.tolist(), missing.tolist(), strict=True)]
        return arro.Array(plain, kind)
    found = numeric(values, column.kind)
    if not np.ma.getmaskarray(found).any():
        return arro.Array.from_numpy(np.ma.getdata(found))
    return arro.Array(found.tolist(), kind)

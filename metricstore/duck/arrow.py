"""A piece of an answer as DuckDB lays it out itself (Arrow), whose texts are handed on without an object for each of them.

Loaded when somebody first downloads lines: Arrow's libraries take 10 MB."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import arro3.core as arro
import duckdb
import nanoarrow
import numpy as np
import numpy.typing as npt

from metricstore.spelling import Lines
from metricstore.sql.trees import Parameter


@dataclass(frozen=True)
class Rows:
    """A batch of Arrow's."""

    batch: arro.RecordBatch

    @classmethod
    def fetched(cls, connection: duckdb.DuckDBPyConnection, text: str, parameters: list[Parameter]) -> Self:
        reader = arro.RecordBatchReader.from_arrow(connection.sql(text, params=parameters))
        table = reader.read_all().combine_chunks()
        batches = table.to_batches()
        return cls(batches[0] if batches else arro.RecordBatch.from_arrays([], schema=table.schema))

    @property
    def times(self) -> npt.NDArray[np.int64]:
        times: npt.NDArray[np.int64] = self.batch["time"].to_numpy()
        return times

    def taken(self, order: npt.NDArray[np.intp]) -> Self:
        return type(self)(self.batch.take(arro.Array.from_numpy(order.astype(np.uint32))))

    def lines(self, text: str, numbers: Iterable[str]) -> Lines:
        found = {name: _number(nanoarrow.Array(self.batch[name])) for name in numbers}
        return Lines(self.batch.num_rows, _text(nanoarrow.Array(self.batch[text])), found)


def _text(column: nanoarrow.Array) -> bytes:
    """All texts of a column of which none is missing, one after the other."""
    _, offsets, data = column.buffers
    ends = np.asarray(offsets)[column.offset : column.offset + len(column) + 1]
    return bytes(memoryview(data)[int(ends[0]) : int(ends[-1])])


def _number(column: nanoarrow.Array) -> npt.NDArray[Any]:
    valid, data = column.buffers
    place = slice(column.offset, column.offset + len(column))
    bits = np.frombuffer(memoryview(valid), dtype=np.uint8)
    missing = np.unpackbits(bits, bitorder="little")[place] == 0 if len(bits) else False
    return np.ma.MaskedArray(np.array(data)[place], mask=missing)

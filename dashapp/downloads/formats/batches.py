"""A table's rows as batches of Arrow's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import arro3.core as arro
import numpy as np
import pandas as pd

from dashapp.downloads.table import Column, Table, Tally
from metricstore.spelling import numeric


def reader(
    table: Table, tally: Tally, metadata: dict[str, str], ended: Callable[[], None] | None = None
) -> arro.RecordBatchReader:
    """A batch for each frame; `ended` is called when the last was read."""
    schema = arro.Schema([_field(column, table) for column in table.columns], metadata=metadata)

    def batches() -> Iterator[arro.RecordBatch]:
        for frame in table.frames():
            tally.add(frame)
            yield arro.RecordBatch.from_arrays(
                [_array(frame[column.key], column, table) for column in table.columns], schema=schema
            )
        if ended is not None:
            ended()

    return arro.RecordBatchReader.from_batches(schema, batches())


def _field(column: Column, table: Table) -> arro.Field:
    about = {name: text for name, text in (("unit", column.unit), ("meaning", column.meaning)) if text}
    return arro.Field(column.name, _type(column, table), nullable=True, metadata=about)


def _type(column: Column, table: Table) -> arro.DataType:
    if column.kind == "time":
        return arro.DataType.timestamp(_unit(table), tz=table.facts.timezone)
    if column.kind == "text":
        return arro.DataType.utf8()
    return arro.DataType.int64() if column.kind == "int" else arro.DataType.float64()


def _unit(table: Table) -> Literal["ms", "us", "ns"]:
    """Parquet knows no seconds."""
    return "ms" if table.exact == "s" else table.exact


def _array(values: pd.Series[Any], column: Column, table: Table) -> arro.Array:
    kind = _type(column, table)
    if column.kind == "time":
        moments = pd.DatetimeIndex(values).tz_convert("UTC").floor(table.exact).as_unit(_unit(table)).asi8
        return arro.Array.from_numpy(moments).cast(kind)
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

"""Points into tables and out of them. Both are small additions on the disk, which the server puts together later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from metricstore.catalogue import measurement
from metricstore.clickhouse.connection import Connection
from metricstore.clickhouse.tables import Layout, quoted, sent_type, table_of
from metricstore.sql.batches import Batch

MOST_CHARACTERS = 60_000
"""Of the identities in one statement: a parameter may have 128 KB, and in a cluster the whole statement passes through Keeper."""


def insert(connection: Connection, layout: Layout, batch: Batch) -> None:
    """Fields replace those of the same name, other fields of the same identity stay."""
    definitions = table_of(measurement(batch.measurement)).columns
    columns = {name: _values(values) for name, values in batch.columns.items()}
    connection.insert(layout.whole(batch.measurement), columns, [sent_type(definitions[name]) for name in columns])


def _values(values: npt.NDArray[Any]) -> list[Any]:
    """NaN stands for "none" in a batch."""
    found: list[Any] = values.tolist()
    return [None if value != value else value for value in found] if values.dtype.kind == "f" else found


def remove(connection: Connection, layout: Layout, batch: Batch) -> None:
    """Delete the points with the batch's identities."""
    names = ("time", *measurement(batch.measurement).tag_names)
    types = ", ".join(["Int64", *("String" for _ in names[1:])])
    statement = (
        f"DELETE FROM {layout.stored(batch.measurement)}{layout.everywhere} "
        f"WHERE time >= {{first:Int64}} AND time <= {{last:Int64}} "
        f"AND tuple({', '.join(map(quoted, names))}) IN {{doomed:Array(Tuple({types}))}}"
    )
    for part in _parts(batch, names):
        times = [one[0] for one in part]
        connection.command(statement, {"first": min(times), "last": max(times), "doomed": part})


def remove_range(connection: Connection, layout: Layout, name: str, start: int, stop: int) -> None:
    statement = (
        f"DELETE FROM {layout.stored(name)}{layout.everywhere} WHERE time >= {{start:Int64}} AND time < {{stop:Int64}}"
    )
    connection.command(statement, {"start": start, "stop": stop})


def _parts(batch: Batch, names: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Identities by time, few enough for a statement."""
    order = np.argsort(batch.columns["time"], kind="stable")
    found: list[tuple[Any, ...]] = []
    size = 0
    for identity in zip(*(batch.columns[name][order].tolist() for name in names), strict=True):
        length = sum(len(str(one).encode()) * 2 + 4 for one in identity)
        if found and size + length > MOST_CHARACTERS:
            yield found
            found, size = [], 0
        found.append(identity)
        size += length
    if found:
        yield found

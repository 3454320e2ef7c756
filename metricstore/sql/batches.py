"""Points as columns: what of a batch belongs to one measurement, every identity once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metricstore.catalogue import Measurement, measurement
from metricstore.changed_days import Days, days_of_times
from metricstore.point import Point
from metricstore.rollups.hours import Stretches, hours_of_times


@dataclass(frozen=True)
class Batch:
    """Rows of one measurement, every identity once: `time`, all tags, and the fields that any of them has."""

    measurement: str
    fields: tuple[str, ...]
    columns: dict[str, npt.NDArray[Any]]
    first: int
    last: int


def batches(points: Iterable[Point], *, identities_only: bool = False) -> list[Batch]:
    """Valid points gathered by measurement; a later point of the same identity is merged into the earlier."""
    gathered: dict[str, list[Point]] = {}
    for point in points:
        gathered.setdefault(point.measurement, []).append(point)
    return [_batch(measurement(name), found, identities_only) for name, found in gathered.items()]


def days_of_batches(found: Iterable[Batch]) -> dict[str, Days]:
    """By measurement, of which each has one batch."""
    return {batch.measurement: days_of_times(batch.columns["time"]) for batch in found}


def hours_of_batches(found: Iterable[Batch]) -> dict[str, Stretches]:
    """The same by hours."""
    return {batch.measurement: hours_of_times(batch.columns["time"]) for batch in found}


def _batch(source: Measurement, points: Sequence[Point], identities_only: bool) -> Batch:
    present: set[str] = set()
    if not identities_only:
        for point in points:
            present.update(point.fields)
    names = tuple(field.name for field in source.fields if field.name in present)
    rows, columns = _rows(source.tag_names, names, points)
    found: dict[str, npt.NDArray[Any]] = {"time": np.array([key[0] for key in rows], dtype=np.int64)}
    for number, tag in enumerate(source.tag_names, start=1):
        found[tag] = np.array([key[number] for key in rows], dtype=object)
    for name in names:
        found[name] = _array(source.field(name).type, columns[name])
    times = found["time"]
    return Batch(source.name, names, found, int(times.min()), int(times.max()))


def _rows(
    tags: tuple[str, ...], fields: tuple[str, ...], points: Sequence[Point]
) -> tuple[dict[tuple[Any, ...], int], dict[str, list[Any]]]:
    """Row number by identity, and the fields' values by row."""
    rows: dict[tuple[Any, ...], int] = {}
    columns: dict[str, list[Any]] = {name: [] for name in fields}
    appends = [(name, column.append) for name, column in columns.items()]
    for point in points:
        given, said = point.tags, point.fields
        key = (point.time, *[given.get(tag, "") for tag in tags])
        row = rows.setdefault(key, len(rows))
        if appends and row == len(columns[fields[0]]):
            for name, append in appends:
                append(said.get(name))
        else:
            for name in columns:
                if name in said:
                    columns[name][row] = said[name]
    return rows, columns


def _array(kind: str, values: list[Any]) -> npt.NDArray[Any]:
    if kind == "string":
        return np.array(values, dtype=object)
    if kind == "float":
        # NaN is no value a point can have, so here it stands for "none".
        return np.array(values, dtype=np.float64)
    if None not in values:
        return np.array(values, dtype=np.int64)
    missing = [value is None for value in values]
    filled = np.array([0 if value is None else value for value in values], dtype=np.int64)
    return np.ma.masked_array(filled, mask=missing)

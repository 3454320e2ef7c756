"""A day's rollup: arrays made of its points. A row is an hour and a cell, in the order of hours and, within them, of the cells' values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from metricstore.dates import DAY
from metricstore.rollups.buckets import buckets_of
from metricstore.rollups.hours import HOUR
from metricstore.rollups.layout import Layout

Array = npt.NDArray[Any]
Column = tuple[Array, ...]
Labels = tuple[tuple[str, ...], ...]
"""Values of the keys, by cell."""
ROWS = "rows"
"""The column that says which rows there are: hour of the day, cell, number of points."""
_WIDE = 2**18
"""More than there are numbers of buckets."""
_MIDDLE = _WIDE // 2


def values_of(field: str) -> str:
    """Name of a column: by row how many points have the field, its sum, its least and its greatest value."""
    return f"{field} values"


def cell_buckets(field: str) -> str:
    """Name of a column: row, bucket and how many values, ascending by the first two."""
    return f"{field} buckets"


def hour_buckets(field: str) -> str:
    """Name of a column: as `cell_buckets`, by hour of the day: far fewer, and all that most questions need."""
    return f"{field} buckets of all"


@dataclass(frozen=True)
class Day:
    """`day`: of UTC, counted from 1970. A column that no point of the day has anything for is missing."""

    day: int
    labels: Labels
    columns: Mapping[str, Column]

    @property
    def points(self) -> int:
        return int(self.columns[ROWS][2].sum())


def names_of(layout: Layout) -> list[str]:
    """Of all columns a day can have."""
    buckets = [name(field) for field in layout.bucketed for name in (cell_buckets, hour_buckets)]
    return [ROWS, *(values_of(field) for field, _ in layout.kinds), *buckets]


def rolled_up(
    day: int,
    layout: Layout,
    times: npt.NDArray[np.int64],
    keys: Sequence[Sequence[str]],
    fields: Mapping[str, npt.NDArray[np.float64]],
) -> Day:
    """The rollup of all points of a day: `times` in nanoseconds, `keys` and `fields` with a value for each, NaN for nothing."""
    texts = list(zip(*keys, strict=True)) if keys else [()] * len(times)
    labels = tuple(sorted(set(texts)))
    place = {label: number for number, label in enumerate(labels)}
    cells = np.fromiter((place[text] for text in texts), dtype=np.int64, count=len(texts))
    hours = (times - day * DAY) // HOUR
    found, row, points = np.unique(hours * max(len(labels), 1) + cells, return_inverse=True, return_counts=True)
    hour, cell = np.divmod(found, max(len(labels), 1))
    columns: dict[str, Column] = {ROWS: (hour.astype(np.uint8), cell.astype(np.int32), points.astype(np.int64))}
    for name, _ in layout.kinds:
        present = ~np.isnan(fields[name])
        if not present.any():
            continue
        # by time and value, so that the same points always come to the same sum
        order = np.lexsort((fields[name][present], times[present]))
        own, values = row[present][order], fields[name][present][order]
        columns[values_of(name)] = _values(len(found), own, values)
        if name in layout.bucketed:
            numbers = buckets_of(values)
            columns[cell_buckets(name)] = _counted(own, numbers)
            columns[hour_buckets(name)] = _counted(hour[own], numbers)
    return Day(day, labels, columns)


def _values(rows: int, own: Array, values: npt.NDArray[np.float64]) -> Column:
    least, greatest = np.full(rows, np.nan), np.full(rows, np.nan)
    np.fmin.at(least, own, values)
    np.fmax.at(greatest, own, values)
    return np.bincount(own, minlength=rows), np.bincount(own, values, minlength=rows), least, greatest


def _counted(places: Array, buckets: npt.NDArray[np.int64]) -> Column:
    """How many of each pair there are."""
    pairs, numbers = np.unique(places.astype(np.int64) * _WIDE + buckets + _MIDDLE, return_counts=True)
    return (pairs // _WIDE).astype(np.int32), (pairs % _WIDE - _MIDDLE).astype(np.int32), numbers.astype(np.int32)


def nothing(rows: int) -> Column:
    """The values of a field that no point has."""
    return np.zeros(rows, dtype=np.int64), np.zeros(rows), np.full(rows, np.nan), np.full(rows, np.nan)

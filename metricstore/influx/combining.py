"""Rows into the question's cells, a cell being a window of a group, and one value for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.framing import framed, window_starts
from metricstore.grid import Grid
from metricstore.point import nanoseconds
from metricstore.query import PERCENTILES, Query

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


def combined(
    query: Query, how: str, times: Integers | None, groups: Sequence[pd.Series], values: pd.Series | None
) -> Grid:
    """The question's answer from rows in any number and order.

    `how`: an aggregate, `rate` aside. `times`: nanoseconds, None when there are no windows and `how` needs none.
    `groups`: a column of texts per name in `query.by`. `values`: None for counting rows; rows without a value
    only say that their group exists.
    """
    starts = window_starts(query)
    rows = len(values) if values is not None else len(times if times is not None else groups[0])
    window = np.zeros(rows, dtype=np.int64)
    if query.every is not None and times is not None:
        window = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    group, labels = _groups(groups, rows)
    cells, found = _reduced(how, group * len(starts) + window, times, values)
    # A first row without a value for every group: it stays if there is no other.
    cells = np.concatenate([np.arange(len(labels) if query.by else 0) * len(starts), cells])
    found = np.concatenate([np.full(len(cells) - len(found), np.nan), found])
    inside = np.maximum(starts, nanoseconds(query.start))[cells % len(starts)]
    chosen = cells // len(starts)
    columns = [np.array([label[n] for label in labels], dtype=object)[chosen] for n in range(len(query.by))]
    return framed(query, inside if query.every is not None else None, columns, found)


def _groups(columns: Sequence[pd.Series], rows: int) -> tuple[Integers, list[tuple[str, ...]]]:
    """Each row's group number, and the groups; a missing text is the empty one."""
    codes = np.zeros(rows, dtype=np.int64)
    labels: list[tuple[str, ...]] = [()]
    for column in columns:
        own = column.astype("category")
        texts = ["", *map(str, own.cat.categories)]
        # Missing is code -1 and the text "" is the same group.
        numbers = own.cat.codes.to_numpy().astype(np.int64) + 1
        numbers[numbers == _place(texts)] = 0
        codes, places = pd.factorize(codes * len(texts) + numbers)
        labels = [(*labels[int(place) // len(texts)], texts[int(place) % len(texts)]) for place in places]
    return codes.astype(np.int64), labels


def _place(texts: list[str]) -> int:
    """Where "" is among the texts behind the first, 0 when it is not."""
    return texts.index("", 1) if "" in texts[1:] else 0


def _reduced(how: str, cell: Integers, times: Integers | None, values: pd.Series | None) -> tuple[Integers, Numbers]:
    """One value for each cell that has any."""
    if values is None:
        return _counted(cell)
    present = values.notna().to_numpy()
    if not present.all():
        cell, values = cell[present], values[present]
        times = times[present] if times is not None else None
    if how == "count":
        return _counted(cell)
    if how == "distinct":
        pairs = pd.DataFrame({"cell": cell, "value": pd.factorize(values.to_numpy())[0]}).drop_duplicates()
        return _counted(pairs["cell"].to_numpy())
    numbers = values.to_numpy(dtype=np.float64)
    if how in PERCENTILES:
        return _nearest_rank(cell, numbers, int(how[1:]))
    if how == "last":
        assert times is not None
        order = np.lexsort((numbers, times))
        cell, numbers = cell[order], numbers[order]
    found = pd.Series(numbers).groupby(cell, sort=True).agg(how)
    return found.index.to_numpy(dtype=np.int64), found.to_numpy(dtype=np.float64)


def _counted(cell: Integers) -> tuple[Integers, Numbers]:
    cells, counts = np.unique(cell, return_counts=True)
    return cells, counts.astype(np.float64)


def _nearest_rank(cell: Integers, values: Numbers, percent: int) -> tuple[Integers, Numbers]:
    """Exact percentiles: in whole numbers, since 0.95 * 20 is not always 19 in floating point."""
    order = np.lexsort((values, cell))
    cells, first, counts = np.unique(cell[order], return_index=True, return_counts=True)
    place = first + (percent * counts + 99) // 100 - 1
    return cells, values[order][place]

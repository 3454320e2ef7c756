"""Aggregating rows here: percentiles, distinct values, and questions that look at several fields of a point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.framing import framed, window_starts
from metricstore.influx.plan import Conditions
from metricstore.influx.rows import Ask, first_of_series, matching, value_of
from metricstore.influx.spans import Span
from metricstore.query import PERCENTILES, Query

Numbers = npt.NDArray[np.float64]


def aggregated_here(ask: Ask, span: Span, query: Query, conditions: Conditions) -> pd.DataFrame:
    """The question's frame from its rows."""
    rows = _rows(ask, span, query, conditions)
    starts = window_starts(query)
    times = rows["_time"].to_numpy()
    window = np.zeros(len(rows), dtype=np.int64)
    if query.every is not None:
        window = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    group, labels = _groups(rows, query.by)
    cell = group * len(starts) + window
    cells, values = _reduced(query, rows, cell)
    # Every group gets a row, a first one without a value: it stays if there is no other.
    cells = np.concatenate([np.arange(len(labels) if query.by else 0) * len(starts), cells])
    values = np.concatenate([np.full(len(cells) - len(values), np.nan), values])
    first = np.maximum(starts, span.start)[cells % len(starts)]
    groups = [np.array([labels[place][number] for place in cells // len(starts)], dtype=object)
              for number in range(len(query.by))]  # fmt: skip
    return framed(query, first if query.every is not None else None, groups, values)


def _rows(ask: Ask, span: Span, query: Query, conditions: Conditions) -> pd.DataFrame:
    """Rows with everything the question looks at. A group whose points all lack the field has a row, too."""
    columns = [name for name in query.by if query.source.has_field(name)]
    if query.field is None:
        return matching(ask, span, conditions, columns)
    if not query.by:
        return matching(ask, span, conditions, base=query.field)
    if columns or conditions.fields:
        return matching(ask, span, conditions, [*columns, query.field])
    rows = matching(ask, span, conditions, base=query.field)
    return pd.concat([rows, first_of_series(ask, span, conditions)], ignore_index=True)


def _groups(rows: pd.DataFrame, by: tuple[str, ...]) -> tuple[npt.NDArray[np.int64], list[tuple[str, ...]]]:
    if not by:
        return np.zeros(len(rows), dtype=np.int64), [()]
    keys = pd.MultiIndex.from_arrays([value_of(rows, name).astype(object).fillna("").to_numpy() for name in by])
    codes, known = pd.factorize(keys)
    return codes.astype(np.int64), [tuple(key) for key in known]


def _reduced(query: Query, rows: pd.DataFrame, cell: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Numbers]:
    """One value for each cell (window and group) that has rows."""
    if query.field is not None:
        present = value_of(rows, query.field).notna().to_numpy()
        rows, cell = rows[present], cell[present]
    if query.field is None or query.aggregate in ("count", "rate"):
        cells, counts = np.unique(cell, return_counts=True)
        return cells, counts.astype(np.float64)
    column = value_of(rows, query.field)
    if query.aggregate == "distinct":
        pairs = pd.DataFrame({"cell": cell, "value": pd.factorize(column.to_numpy())[0]}).drop_duplicates()
        cells, counts = np.unique(pairs["cell"].to_numpy(), return_counts=True)
        return cells, counts.astype(np.float64)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    if query.aggregate in PERCENTILES:
        return _nearest_rank(cell, numbers, int(query.aggregate[1:]))
    if query.aggregate == "last":
        order = np.lexsort((numbers, rows["_time"].to_numpy()))
        cell, numbers = cell[order], numbers[order]
    frame = pd.DataFrame({"cell": cell, "value": numbers}).groupby("cell", sort=True)["value"].agg(query.aggregate)
    return frame.index.to_numpy(dtype=np.int64), frame.to_numpy(dtype=np.float64)


def _nearest_rank(cell: npt.NDArray[np.int64], values: Numbers, percent: int) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Exact percentiles: in whole numbers, since 0.95 * 20 is not always 19 in floating point."""
    order = np.lexsort((values, cell))
    cells, first, counts = np.unique(cell[order], return_index=True, return_counts=True)
    place = first + (percent * counts + 99) // 100 - 1
    return cells, values[order][place]

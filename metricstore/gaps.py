"""Why an answer has no number where it has none: `why` beside `value`, and no zero where nobody has counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore import nothing
from metricstore.catalogue.collected import COLLECTED
from metricstore.coverage import Coverage, coverage
from metricstore.framing import window_starts
from metricstore.metrics import Metric
from metricstore.query import PERCENTILES, Filter, Query
from metricstore.questions import questions
from metricstore.restriction import narrowed
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import edge_tuple, zone

Flags = npt.NDArray[np.bool_]


def told(store: Store, metric: Metric, queries: list[Query], frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the column `why`; zeros of windows that were not collected become NaN, and so do percentiles of
    too few values, whose number stands in the column `n`.

    `queries` are those the values were made from, as they were asked. The store is asked again only where a figure
    is missing whose source may leave figures out.
    """
    values = frame["value"].to_numpy(dtype=np.float64, copy=True)
    why = np.full(len(values), "", dtype=object)
    blank = np.isnan(values)
    unknown = _uncollected(store, metric, queries[0], frame) & (
        blank | (values == 0) | _takes_absent_for_a_number(metric)
    )
    values[unknown] = np.nan
    why[blank] = nothing.NO_RECORDS
    why[unknown] = nothing.NOT_COLLECTED
    more: dict[str, npt.NDArray[np.float64]] = {}
    if metric.needs and queries[0].aggregate in PERCENTILES:
        number = _behind(store, queries[0], frame)
        few = ~blank & (number < metric.needs)
        values[few], why[few], more[nothing.NUMBER] = np.nan, nothing.TOO_FEW, number
    open_ones = blank & ~unknown
    if open_ones.any():
        _explain(store, metric, queries[-1], frame, why, open_ones)
    return frame.assign(value=values, **{nothing.COLUMN: pd.array(why, dtype="str")}, **more)


def _behind(store: Store, query: Query, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """How many values each row's percentile is taken of."""
    counts = store.ask(narrowed(store, replace(query, aggregate="count", compare=None)))
    return _beside(frame, query, counts)


def _beside(frame: pd.DataFrame, query: Query, counts: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Counts in the order of the frame's rows; 0 where nothing was counted."""
    keys = ["time", *query.by]
    found = frame[keys].merge(counts[[*keys, "value"]], on=keys, how="left", sort=False)["value"]
    return np.nan_to_num(found.to_numpy(dtype=np.float64))


def covered(store: Store, metric: Metric, query: Query) -> tuple[datetime | None, datetime | None]:
    """Begin of the first and of the last window of the question that is known: changes when a gap opens or closes."""
    known = coverage(store, metric.measurements)
    held = [opened for opened, closed in _windows(query) if known.holds(opened, closed)]
    return (held[0], held[-1]) if held else (None, None)


def _takes_absent_for_a_number(metric: Metric) -> bool:
    """What counts as 0 where nothing was measured must have been collected there."""
    return metric.model is not None and any(term.absent is not None for term in metric.model.terms)


def _uncollected(store: Store, metric: Metric, query: Query, frame: pd.DataFrame) -> Flags:
    known = coverage(store, metric.measurements)
    flags = _flags(query, known)
    if not flags.any():
        return np.zeros(len(frame), dtype=np.bool_)
    return flags[_places(query, frame)]


def _places(query: Query, frame: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Number of each row's window."""
    if query.every is None:
        return np.zeros(len(frame), dtype=np.intp)
    times = frame["time"].dt.as_unit("ns").astype("int64").to_numpy()
    return np.clip(np.searchsorted(window_starts(query), times, side="right") - 1, 0, None)


def _flags(query: Query, known: Coverage) -> Flags:
    return np.array([not known.holds(opened, closed) for opened, closed in _windows(query)], dtype=np.bool_)


def _windows(query: Query) -> list[tuple[datetime, datetime]]:
    """The question's windows, cut to its range."""
    if query.every is None:
        return [(query.start, query.stop)]
    starts = edge_tuple(query.start, query.stop, query.every, query.timezone)
    stops = (*starts[1:], query.every.next(starts[-1], zone(query.timezone)))
    return [(max(opened, query.start), min(closed, query.stop)) for opened, closed in zip(starts, stops, strict=True)]


def _explain(
    store: Store, metric: Metric, query: Query, frame: pd.DataFrame, why: npt.NDArray[np.object_], blank: Flags
) -> None:
    """Fill in what is known of blank cells inside of what was collected. `query` is the one that had nothing."""
    how = COLLECTED.get(query.measurement)
    if how is None or query.field is None:
        return
    if how.snapshot is not None and query.every is not None and query.every.seconds >= how.snapshot.total_seconds() * 2:
        why[blank] = nothing.LOST
    if not how.partial:
        return
    why[blank & (_beside(frame, query, records_behind(store, query)) > 0)] = nothing.NOT_REPORTED


def records_behind(store: Store, query: Query) -> pd.DataFrame:
    """How many records a question is about, whether or not they tell its field; in its own windows and groups."""
    where = tuple(one for one in query.where if not _of_field(one, query))
    return store.ask(narrowed(store, replace(query, aggregate="count", field=None, where=where, compare=None)))


@dataclass(frozen=True)
class LeftOut:
    """How many records a metric is about, and how many of them do not tell its figure and stay out of it."""

    records: int = 0
    silent: int = 0


def left_out(store: Store, metric: Metric, selection: Selection, now: datetime | None = None) -> LeftOut:
    """Of the whole range. Asked only where sources may leave figures out."""
    query = questions(metric, replace(selection, every="none", compare=None), now=now)[-1]
    how = COLLECTED.get(query.measurement)
    if how is None or not how.partial or query.field is None:
        return LeftOut()
    behind = records_behind(store, query)["value"].sum()
    telling = store.ask(narrowed(store, replace(query, aggregate="count")))["value"].sum()
    return LeftOut(int(behind), int(behind - telling))


def _of_field(condition: Filter, query: Query) -> bool:
    """A condition on the figure itself leaves out those that do not tell it."""
    return condition.column == query.field and condition.operator in ("min", "max")

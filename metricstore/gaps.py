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
from metricstore.point import nanoseconds
from metricstore.query import PERCENTILES, Filter, Query
from metricstore.questions import questions
from metricstore.restriction import narrowed
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import edge_tuple

Flags = npt.NDArray[np.bool_]


def tell(store: Store, metric: Metric, queries: list[Query], frame: pd.DataFrame) -> None:
    """Add to an answer's frame the column `why`; zeros of windows that were not collected become NaN, and so do
    percentiles of too few values, whose number stands in the column `n`.

    `queries` are those the values were made from, as they were asked. The store is asked again only where a figure
    is missing whose source may leave figures out.
    """
    values = frame["value"].to_numpy(dtype=np.float64, copy=True)
    why = np.full(len(values), "", dtype=object)
    blank = np.isnan(values)
    unknown = _uncollected(store, metric, queries[0], frame) & (
        blank | (values == 0) | _takes_absent_for_a_number(metric)
    )
    hidden = unknown
    why[blank] = nothing.NO_RECORDS
    why[unknown] = nothing.NOT_COLLECTED
    if _needs_number(metric, queries):
        number = _behind(store, queries[0], frame)
        few = ~blank & (number < metric.needs)
        why[few], frame[nothing.NUMBER] = nothing.TOO_FEW, number
        hidden = unknown | few
    if hidden.any():
        values[hidden] = np.nan
        frame["value"] = values
    open_ones = blank & ~unknown
    if open_ones.any():
        _explain(store, metric, queries[-1], frame, why, open_ones)
    frame[nothing.COLUMN] = pd.array(why, dtype="str")


def _behind(store: Store, query: Query, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """How many values each row's percentile is taken of."""
    return _beside(frame, query, store.ask(narrowed(store, _number_of(query))))


def _beside(frame: pd.DataFrame, query: Query, counts: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Counts in the order of the frame's rows; 0 where nothing was counted."""
    if not query.by and len(counts) == len(frame):
        return counts["value"].to_numpy()  # both have all windows
    keys = ["time", *query.by]
    found = frame[keys].merge(counts[[*keys, "value"]], on=keys, how="left", sort=False)["value"]
    return np.nan_to_num(found.to_numpy(dtype=np.float64))


def covered(store: Store, metric: Metric, query: Query) -> tuple[datetime | None, datetime | None]:
    """Begin of the first and of the last window of the question that is known: changes when a gap opens or closes."""
    held = np.flatnonzero(~_flags(query, coverage(store, metric.measurements, query.timezone)))
    if not len(held):
        return None, None
    opened = [query.start] if query.every is None else edge_tuple(query.start, query.stop, query.every, query.timezone)
    return max(opened[held[0]], query.start), max(opened[held[-1]], query.start)


def _takes_absent_for_a_number(metric: Metric) -> bool:
    """What counts as 0 where nothing was measured must have been collected there."""
    return metric.model is not None and any(term.absent is not None for term in metric.model.terms)


def _uncollected(store: Store, metric: Metric, query: Query, frame: pd.DataFrame) -> Flags:
    known = coverage(store, metric.measurements, query.timezone)
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
    """Of each window inside the range: whether none of it is known."""
    opened = window_starts(query)
    if known.start is None:
        return np.ones(len(opened), dtype=np.bool_)
    closed = np.append(opened[1:], nanoseconds(query.stop))
    opened = np.maximum(opened, nanoseconds(query.start))
    return ~((closed > _within(known.start)) & (opened < _within(known.until)))


def _within(moment: datetime) -> int:
    """Nanoseconds as far as 64 bits hold them: coverage may be without end."""
    return min(max(nanoseconds(moment), -(2**63)), 2**63 - 1)


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
    return store.ask(narrowed(store, _of_all(query)))


def foreseen(metric: Metric, queries: list[Query]) -> list[Query]:
    """What `tell` asks, or asks where figures are missing."""
    how = COLLECTED.get(queries[-1].measurement)
    found = [_of_all(queries[-1])] if how is not None and how.partial and queries[-1].field is not None else []
    return [*found, _number_of(queries[0])] if _needs_number(metric, queries) else found


def _needs_number(metric: Metric, queries: list[Query]) -> bool:
    return bool(metric.needs) and queries[0].aggregate in PERCENTILES


def _number_of(query: Query) -> Query:
    return replace(query, aggregate="count", compare=None)


def _of_all(query: Query) -> Query:
    where = tuple(one for one in query.where if not _of_field(one, query))
    return replace(query, aggregate="count", field=None, where=where, compare=None)


@dataclass(frozen=True)
class LeftOut:
    """How many records a metric is about, and how many of them do not tell its figure and stay out of it."""

    records: int = 0
    silent: int = 0


def left_out(store: Store, metric: Metric, selection: Selection, now: datetime | None = None) -> LeftOut:
    """Of the whole range. Asked only where sources may leave figures out."""
    asked = left_out_questions(metric, selection, now)
    if not asked:
        return LeftOut()
    behind, telling = (int(frame["value"].sum()) for frame in store.ask_all([narrowed(store, one) for one in asked]))
    return LeftOut(behind, behind - telling)


def left_out_questions(metric: Metric, selection: Selection, now: datetime | None = None) -> tuple[Query, ...]:
    """(count of the records behind, count of those that tell the figure); () where all of them tell it."""
    query = questions(metric, replace(selection, every="none", compare=None), now=now)[-1]
    how = COLLECTED.get(query.measurement)
    if how is None or not how.partial or query.field is None:
        return ()
    return _of_all(query), replace(query, aggregate="count")


def _of_field(condition: Filter, query: Query) -> bool:
    """A condition on the figure itself leaves out those that do not tell it."""
    return condition.column == query.field and condition.operator in ("min", "max")

"""Why an answer has no number where it has none: `why` beside `value`, and no zero where nobody has counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from metricstore import nothing
from metricstore.catalogue.collected import COLLECTED, Collected
from metricstore.coverage import Coverage, compared_coverage, coverage
from metricstore.framing import comparison_query, window_starts
from metricstore.grid import Grid
from metricstore.metrics import Measure, Metric
from metricstore.plans import Asked, Plan, ask, joined, mapped, plain
from metricstore.point import nanoseconds
from metricstore.query import PERCENTILES, Filter, Query
from metricstore.questions import questions
from metricstore.restriction import access
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.window_edges import edge_tuple

Flags = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Behind:
    """What stands behind an answer's values."""

    number: Grid | None
    """How many values each rests on, where too few say nothing."""
    records: tuple[Grid, ...]
    """How many records there are that may leave figures out, whether or not they report them."""


def told(store: Store, metric: Metric, queries: list[Query], rows: Grid, behind: Behind) -> Grid:
    """An answer's rows with the column `why`; zeros of windows that were not collected become NaN, and so do
    percentiles of too few values, whose number stands in the column `n`. What is compared with is treated alike in
    `comparison` and `comparison_why`, and a window that was collected only in part isn't a number there either.

    `queries` are those the values were made from, as they were asked, and `behind` what `plan_behind` asked beside them.
    """
    windows = rows.windows()
    unknown = _flags(queries[0], coverage(store, metric.measurements, queries[0].timezone))[windows]
    found = rows.with_columns(_judged(metric, queries, rows, behind, "value", nothing.COLUMN, unknown))
    return _with_comparison_told(store, metric, queries, found, behind, windows) if "comparison" in rows else found


def _with_comparison_told(
    store: Store, metric: Metric, queries: list[Query], rows: Grid, behind: Behind, windows: npt.NDArray[np.intp]
) -> Grid:  # fmt: skip
    if not access(store).comparable(queries[0]):
        why: Kinds = np.full(len(rows), nothing.NOT_VISIBLE, dtype=object)
        return rows.with_columns({"comparison": np.full(len(rows), np.nan), nothing.COMPARED: why})
    earlier = comparison_query(queries[0])
    known = compared_coverage(store, metric.measurements, queries[0].timezone)
    beyond = windows >= len(window_starts(earlier))
    place = np.where(beyond, 0, windows)
    unknown = _flags(earlier, known)[place]
    judged = _judged(metric, queries, rows, behind, "comparison", nothing.COMPARED, unknown)
    why = judged[nothing.COMPARED]
    partly = _flags(earlier, known, partly=True)[place] & (why != nothing.NOT_COLLECTED)
    why[partly], why[beyond] = nothing.PARTLY, nothing.NO_WINDOW
    before = np.where(partly | beyond, np.nan, judged["comparison"])
    return rows.with_columns({"comparison": before, nothing.COMPARED: why})


def _judged(
    metric: Metric, queries: list[Query], rows: Grid, behind: Behind, column: str, told_in: str, unknown: Flags
) -> dict[str, npt.NDArray[Any]]:  # fmt: skip
    """The values of `column`, NaN where they are no numbers, and in `told_in` the kind of nothing of each. `unknown`: rows not
    collected at all."""
    values = rows[column].astype(np.float64)
    why = np.full(len(values), "", dtype=object)
    blank = np.isnan(values)
    unknown = unknown & (blank | (values == 0) | _takes_absent_for_a_number(metric))
    why[blank] = nothing.NO_RECORDS
    why[unknown] = nothing.NOT_COLLECTED
    found = {column: values, told_in: why}
    if behind.number is not None:
        number = beside(rows, behind.number, column)
        few = ~blank & (number < metric.needs)
        why[few] = nothing.TOO_FEW
        values[few] = np.nan
        if column == "value":
            found = {column: values, nothing.NUMBER: number, told_in: why}
    values[unknown] = np.nan
    open_ones = blank & ~unknown
    if open_ones.any():
        _explain(queries[-1], rows, behind, column, why, open_ones)
    return found


def compared(store: Store, metric: Metric, query: Query) -> str:
    """Why the whole time that a question compares with is nothing to measure a change by; "" where it was collected."""
    if not access(store).comparable(query):
        return nothing.NOT_VISIBLE
    known, earlier = (
        compared_coverage(store, metric.measurements, query.timezone),
        replace(comparison_query(query), every=None),
    )
    if _flags(earlier, known)[0]:
        return nothing.NOT_COLLECTED
    return nothing.PARTLY if _flags(earlier, known, partly=True)[0] else ""


def beside(rows: Grid, counts: Grid, column: str = "value") -> npt.NDArray[np.float64]:
    """Counts in the order of the rows; 0 where nothing was counted. Both are over the same windows."""
    return np.nan_to_num(counts.with_labels(rows.labels, 0.0)[column].astype(np.float64))


def covered(store: Store, metric: Metric, query: Query) -> tuple[datetime | None, ...]:
    """Begin of the first and of the last window of the question that is known, and how far what it compares with is:
    changes when a gap opens or closes."""
    if query.compare is not None:
        earlier = compared_coverage(store, metric.measurements, query.timezone)
        return (*covered(store, metric, replace(query, compare=None)), earlier.start, earlier.until)
    held = np.flatnonzero(~_flags(query, coverage(store, metric.measurements, query.timezone)))
    if not len(held):
        return None, None
    opened = [query.start] if query.every is None else edge_tuple(query.start, query.stop, query.every, query.timezone)
    return max(opened[held[0]], query.start), max(opened[held[-1]], query.start)


def _takes_absent_for_a_number(metric: Metric) -> bool:
    """What counts as 0 where nothing was measured must have been collected there."""
    return metric.model is not None and any(term.absent is not None for term in metric.model.terms)


def _flags(query: Query, known: Coverage, *, partly: bool = False) -> Flags:
    """Of each window inside the range: whether none of it is known, or `partly`: whether some of it is not."""
    opened = window_starts(query)
    if known.start is None:
        return np.ones(len(opened), dtype=np.bool_)
    closed = np.append(opened[1:], nanoseconds(query.stop))
    opened = np.maximum(opened, nanoseconds(query.start))
    since, until = _within(known.start), _within(known.until)
    if partly:
        return (opened < since) | (closed > until)
    return ~((closed > since) & (opened < until))


def _within(moment: datetime) -> int:
    """Nanoseconds as far as 64 bits hold them: coverage may be without end."""
    return min(max(nanoseconds(moment), -(2**63)), 2**63 - 1)


def _explain(query: Query, rows: Grid, behind: Behind, column: str, why: Kinds, blank: Flags) -> None:
    """Fill in what is known of blank cells inside of what was collected."""
    how = COLLECTED[query.measurement]
    if query.field is not None and _expects_a_look(query, how):
        why[blank] = nothing.LOST
    for counts in behind.records:
        records = beside(rows, counts, column)
        why[blank & (records > 0)] = nothing.NOT_REPORTED


def _expects_a_look(query: Query, how: Collected) -> bool:
    """Whether each window is long enough for somebody to have looked in it."""
    if how.snapshot is None or query.every is None:
        return False
    return query.every.seconds >= how.snapshot.total_seconds() * 2


def records_behind(metric: Metric, queries: list[Query]) -> list[Query]:
    """For each of a metric's questions: how many records it is about, whether or not they report its figures."""
    return [_of_all(measure, query) for measure, query in zip(metric.measures, queries, strict=True)]


def _reporting(metric: Metric, queries: list[Query]) -> list[Query]:
    """Those of `records_behind` whose sources may leave figures out."""
    found = zip(queries, records_behind(metric, queries), strict=True)
    return list(dict.fromkeys(own for query, own in found if query.field and COLLECTED[query.measurement].partial))


def plan_behind(metric: Metric, queries: list[Query]) -> Plan[Behind]:
    """What `told` needs beside the answers to `queries`."""
    number = plain([_number_of(queries[0])] if _needs_number(metric, queries) else [])
    return joined([number, plain(_reporting(metric, queries))], lambda _, found: Behind(
        found[0][0].found if found[0] else None, tuple(asked.found for asked in found[1])
    ))  # fmt: skip


def _needs_number(metric: Metric, queries: list[Query]) -> bool:
    return bool(metric.needs) and queries[0].aggregate in PERCENTILES


def _number_of(query: Query) -> Query:
    return replace(query, aggregate="count")


def _of_all(measure: Measure, query: Query) -> Query:
    """All records that a measure's question could be about, those without its figures, too."""
    added = list(measure.presence)
    where = []
    for condition in query.where:
        if condition in added:
            added.remove(condition)
        elif not _of_field(condition, query):
            where.append(condition)
    return replace(query, aggregate="count", field=None, where=tuple(where))


@dataclass(frozen=True)
class LeftOut:
    """How many records a metric is about, and how many of them do not tell its figure and stay out of it."""

    records: int = 0
    silent: int = 0


def left_out(store: Store, metric: Metric, selection: Selection, now: datetime | None = None) -> LeftOut:
    """Of the whole range. Asked only where sources may leave figures out."""
    return ask(store, plan_left_out(metric, selection, now))


def plan_left_out(metric: Metric, selection: Selection, now: datetime | None = None) -> Plan[LeftOut]:
    """See `left_out`."""
    return mapped(plain(_left_out_questions(metric, selection, now)), _counted_out)


def _counted_out(asked: Sequence[Asked]) -> LeftOut:
    if not asked:
        return LeftOut()
    records, telling = (int(one.found["value"].sum()) for one in asked)
    return LeftOut(records, records - telling)


def _left_out_questions(metric: Metric, selection: Selection, now: datetime | None = None) -> tuple[Query, ...]:
    """(count of the records behind, count of those that tell the figure); () where all of them tell it."""
    query = questions(metric, replace(selection, every="none", compare=None), now=now)[-1]
    if not COLLECTED[query.measurement].partial or query.field is None:
        return ()
    return _of_all(metric.measures[-1], query), replace(query, aggregate="count")


def _of_field(condition: Filter, query: Query) -> bool:
    """A condition on the figure itself leaves out those that do not tell it."""
    return condition.column == query.field and condition.operator in ("min", "max")

"""Why there is nothing to show: asked only where something is empty.

In this order: an assumption it rests on is not set; nothing was ever stored; the time was not collected; the time lies outside of what is stored; there are
records, but without this figure; filters leave nothing, and which of them alone; or nothing happened there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from metricstore.coverage import EVERYTHING, Coverage, bounds, coverage
from metricstore.gaps import records_behind
from metricstore.metrics import Metric
from metricstore.query import Query, RecordQuery
from metricstore.questions import questions
from metricstore.restriction import access
from metricstore.selection import Selection
from metricstore.store import Store

Kind = Literal["not set", "never", "not collected", "outside", "not reported", "filtered", "none"]
KINDS: dict[Kind, str] = {
    "not set": "it rests on assumptions that nobody has set",
    "never": "nothing of it was ever stored",
    "not collected": "the time was not collected",
    "outside": "the time lies outside of what is stored",
    "not reported": "there are records, but they do not report this figure",
    "filtered": "filters leave nothing",
    "none": "nothing happened in this time",
}


@dataclass(frozen=True)
class Cause:
    """`stored`: the first and last moment of what is stored of `measurement`, as the viewer may see it."""

    kind: Kind
    stored: tuple[datetime, datetime] | None = None
    measurement: str = ""
    filters: tuple[str, ...] = ()
    """Columns whose filter alone, if it were removed, would leave something; all of them where no single one would."""
    alone: bool = True
    """Whether removing one of `filters` is enough."""
    known: Coverage = EVERYTHING
    unset: tuple[str, ...] = ()
    """Titles of assumptions that nobody has set."""


def of_metric(store: Store, metric: Metric, selection: Selection, now: datetime | None = None) -> Cause:
    """Why a metric has nothing to show under a selection."""
    unset = selection.assume.unset(metric.assumptions)
    if unset:
        return Cause("not set", unset=tuple(unset))
    whole = replace(selection, every="none", compare=None)

    def question(where: Mapping[str, tuple[str, ...]]) -> Query:
        own = questions(metric, replace(whole, where=where), now=now)[metric.judged_place]
        return access(store).narrowed(replace(own, aggregate="count"))

    filters = {column: words for column, words in selection.where.items() if column in metric.filterable}
    asked = question(filters)
    without = {column: question({key: words for key, words in filters.items() if key != column}) for column in filters}
    records = records_behind(metric, questions(metric, whole, now=now))[metric.judged_place]
    return _cause(store, metric.measurements, asked, access(store).narrowed(records), without, question({}))


def of_records(store: Store, query: RecordQuery, filters: tuple[str, ...]) -> Cause:
    """Why a question for records has none. `filters`: columns whose conditions can be taken away."""

    def question(dropped: tuple[str, ...]) -> Query:
        where = tuple(condition for condition in query.where if condition.column not in dropped)
        return access(store).narrowed(
            Query(query.measurement, "count", query.start, query.stop, where=where, timezone=query.timezone)
        )

    asked = question(())
    without = {column: question((column,)) for column in dict.fromkeys(filters)}
    return _cause(store, (query.measurement,), asked, asked, without, question(tuple(without)))


def _cause(
    store: Store, measurements: tuple[str, ...], asked: Query, records: Query, without: Mapping[str, Query], bare: Query
) -> Cause:  # fmt: skip
    known = coverage(store, measurements, asked.timezone)
    stored = bounds(store, asked.measurement, asked.timezone)
    # That who sees only a part sees nothing does not mean that nothing was stored.
    lacking = not access(store).is_limited and any(bounds(store, name) is None for name in measurements)
    if known.start is None or lacking:
        return Cause("never", known=known)
    if not known.holds(asked.start, asked.stop):
        return Cause("not collected", stored, asked.measurement, known=known)
    if stored is not None and (asked.stop <= stored[0] or asked.start > stored[1]):
        return Cause("outside", stored, asked.measurement, known=known)
    answers = store.ask_all([records, *without.values(), bare])
    reporting, *single, whole = (float(found["value"].sum()) > 0 for found in answers)
    if reporting and records != asked:
        return Cause("not reported", stored, asked.measurement, known=known)
    found = tuple(column for column, some in zip(without, single, strict=True) if some)
    if found or (whole and without):
        return Cause("filtered", stored, asked.measurement, found or tuple(without), alone=bool(found), known=known)
    return Cause("none", stored, asked.measurement, known=known)

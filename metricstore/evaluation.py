"""From a metric and a selection to a data frame: the one path for pages, API, downloads and alerts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.metrics import Measure, Metric
from metricstore.query import AGGREGATES, Aggregate, Query
from metricstore.restriction import narrowed
from metricstore.rounding import settled
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import Window

_VALUES = ("value", "comparison")
_ADDED = ("sum", "mean", "rate")
"""Aggregates that are computed by adding up; all others hand out values as they were stored."""


@dataclass(frozen=True)
class Answer:
    """`frame` as described in Query, with the question's resolved parts beside it."""

    metric: Metric
    aggregate: Aggregate
    start: datetime
    stop: datetime
    every: Window | None
    timezone: str
    by: tuple[str, ...]
    frame: pd.DataFrame


def evaluate(
    store: Store, metric: Metric, selection: Selection, *, by: tuple[str, ...] = (),
    aggregate: str | None = None, now: datetime | None = None, strict: bool = False,
) -> Answer:  # fmt: skip
    """Ask `metric` under `selection`. `strict` refuses filters its measurement does not have; else they are ignored."""
    if strict:
        for column in selection.where:
            if column not in metric.source.columns and column not in TIME_PARTS:
                raise UnknownName("filter", column, metric.source.columns)
    queries, frames = _asked(store, metric, selection, by, _aggregate(metric, aggregate), now)
    return _answer(metric, queries[0], frames)


def whole_and_course(
    store: Store, metric: Metric, selection: Selection, now: datetime | None = None
) -> tuple[Answer, Answer]:
    """The one value over the range, and its course in windows.

    Where the windows' parts make up the whole exactly, the store is asked once for both. What a share is compared
    with is always asked for: the windows before may reach further back than the range before.
    """
    windowed = replace(selection, every="auto") if selection.every == "none" else selection
    queries, frames = _asked(store, metric, windowed, (), metric.measure.aggregate, now)
    whole = replace(queries[0], every=None)
    if _adds_up(metric) and (metric.per is None or selection.compare is None):
        totals = [_total(frame, query) for frame, query in zip(frames, queries, strict=True)]
        return _answer(metric, whole, totals), _answer(metric, queries[0], frames)
    alone = evaluate(store, metric, replace(selection, every="none"), now=now)
    return alone, _answer(metric, queries[0], frames)


def _asked(
    store: Store, metric: Metric, selection: Selection, by: tuple[str, ...], aggregate: Aggregate, now: datetime | None
) -> tuple[list[Query], list[pd.DataFrame]]:
    queries = questions(metric, selection, by=by, aggregate=aggregate, now=now)
    queries = [narrowed(store, query) for query in queries]
    return queries, [store.ask(query) for query in queries]


def _answer(metric: Metric, question: Query, frames: list[pd.DataFrame]) -> Answer:
    """From the stores' frames, that of the measure and that of `per`, to the metric's own values."""
    frame = frames[0] if len(frames) == 1 else _divide(frames[0], frames[1], list(question.by))
    for column in _VALUES:
        if column in frame:
            scaled = frame[column].to_numpy(dtype=np.float64) * metric.scale
            frame[column] = settled(scaled) if question.aggregate in _ADDED or metric.scale != 1.0 else scaled
    return Answer(metric, question.aggregate, question.start, question.stop, question.every,
                  question.timezone, question.by, frame)  # fmt: skip


def _adds_up(metric: Metric) -> bool:
    """Whether the windows' parts make the whole: counts, and sums of whole numbers. Sums of fractions are asked for
    whole, so that every surface shows the very same number."""

    def exact(measure: Measure) -> bool:
        whole_numbers = measure.field is not None and metric.source.field(measure.field).type == "int"
        return measure.aggregate == "count" or (measure.aggregate == "sum" and whole_numbers)

    return exact(metric.measure) and (metric.per is None or exact(metric.per))


def _total(frame: pd.DataFrame, query: Query) -> pd.DataFrame:
    """The frame of the whole range from that of its windows. Sums of nothing are nothing; counts are never missing."""
    values = {column: [frame[column].sum(min_count=1)] for column in _VALUES if column in frame}
    return pd.DataFrame({"time": pd.DatetimeIndex([query.start]), **values})


def questions(
    metric: Metric, selection: Selection, *, by: tuple[str, ...] = (),
    aggregate: Aggregate | None = None, now: datetime | None = None,
) -> list[Query]:  # fmt: skip
    """The one or two questions a metric asks of the store."""
    start, stop = selection.range(now)

    def question(measure: Measure, chosen: Aggregate) -> Query:
        columns = metric.source.columns
        return Query(
            measure.measurement, chosen, start, stop, measure.field, selection.window(now), by,
            measure.where + selection.filters(columns), selection.timezone, selection.compare,
        ).checked()  # fmt: skip

    found = [question(metric.measure, aggregate or metric.measure.aggregate)]
    if metric.per is not None:
        found.append(question(metric.per, metric.per.aggregate))
    return found


def _aggregate(metric: Metric, asked: str | None) -> Aggregate:
    if asked is None:
        return metric.measure.aggregate
    if asked not in AGGREGATES:
        raise InvalidQuestion("agg", f"unknown aggregate {asked!r}; known: {', '.join(AGGREGATES)}")
    if asked not in metric.aggregates:
        raise InvalidQuestion("agg", f"{metric.name} has no {asked}; it has {', '.join(metric.aggregates)}")
    return asked  # type: ignore[return-value]


def _divide(upper: pd.DataFrame, lower: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Ratio by window and group. No divisor, no value; a group only below the line counts as zero above it."""
    keys = ["time", *by]
    if all(upper[key].equals(lower[key]) for key in keys):
        joined = lower.rename(columns={column: f"{column}_lower" for column in _VALUES})
        joined = joined.assign(**{column: upper[column] for column in _VALUES if column in upper})
    else:
        joined = lower.merge(upper, on=keys, how="left", suffixes=("_lower", ""), sort=False)
    for column in _VALUES:
        if column in joined:
            divisor = joined.pop(f"{column}_lower").replace(0, np.nan)
            joined[column] = joined[column].fillna(0.0) / divisor
    return joined

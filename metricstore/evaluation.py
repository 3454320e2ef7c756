"""From a metric and a selection to a data frame: the one path for pages, API, downloads and alerts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
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

Columns = dict[str, npt.NDArray[np.float64]]
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
) -> tuple[float, float, Answer]:
    """(the value over the range, what it is compared with, its course in windows); NaN for what there is not.

    Where the windows' parts make up the whole exactly, the store is asked once for both. What a share is compared
    with is always asked for: the windows before may reach further back than the range before.
    """
    windowed = replace(selection, every="auto") if selection.every == "none" else selection
    queries, frames = _asked(store, metric, windowed, (), metric.measure.aggregate, now)
    if _adds_up(metric) and (metric.per is None or selection.compare is None):
        found = _combined(metric, queries[0].aggregate, [_totals(frame) for frame in frames])
    else:
        frame = evaluate(store, metric, replace(selection, every="none"), now=now).frame
        found = {column: frame[column].to_numpy() for column in _VALUES if column in frame}
    value, before = (float(found[column][0]) if column in found else np.nan for column in _VALUES)
    return value, before, _answer(metric, queries[0], frames)


def _asked(
    store: Store, metric: Metric, selection: Selection, by: tuple[str, ...], aggregate: Aggregate, now: datetime | None
) -> tuple[list[Query], list[pd.DataFrame]]:
    queries = questions(metric, selection, by=by, aggregate=aggregate, now=now)
    queries = [narrowed(store, query) for query in queries]
    return queries, [store.ask(query) for query in queries]


def _answer(metric: Metric, question: Query, frames: list[pd.DataFrame]) -> Answer:
    """From the store's frames, that of the measure and that of `per`, to the metric's own values."""
    keys = ["time", *question.by]
    frame = frames[-1]
    if len(frames) == 2 and not all(frames[0][key].equals(frame[key]) for key in keys):
        frames = [frame[keys].merge(frames[0], on=keys, how="left", sort=False), frame]
    found = _combined(metric, question.aggregate, [_columns(part) for part in frames])
    return Answer(metric, question.aggregate, question.start, question.stop, question.every, question.timezone,
                  question.by, pd.DataFrame({**{key: frame[key] for key in keys}, **found}))  # fmt: skip


def _columns(frame: pd.DataFrame) -> Columns:
    return {column: frame[column].to_numpy(dtype=np.float64) for column in _VALUES if column in frame}


def _totals(frame: pd.DataFrame) -> Columns:
    """The whole range's value from those of its windows. Sums of nothing are nothing; counts are never missing."""
    return {column: np.array([np.nan if np.isnan(values).all() else np.nansum(values)])
            for column, values in _columns(frame).items()}  # fmt: skip


def _combined(metric: Metric, aggregate: Aggregate, parts: list[Columns]) -> Columns:
    """The metric's values from those of its measure and, when there is one, of its `per`: scaled and settled."""
    found = parts[0] if len(parts) == 1 else _divided(*parts)
    exact = aggregate not in _ADDED and metric.scale == 1.0
    return {column: values if exact else settled(values * metric.scale) for column, values in found.items()}


def _divided(upper: Columns, lower: Columns) -> Columns:
    """No divisor, no value; what is only below the line counts as zero above it."""
    found = {}
    for column, divisor in lower.items():
        above = np.where(np.isnan(upper[column]), 0.0, upper[column])
        found[column] = np.divide(above, divisor, out=np.full(len(divisor), np.nan), where=divisor != 0)
    return found


def _adds_up(metric: Metric) -> bool:
    """Whether the windows' parts make the whole: counts, and sums of whole numbers. Sums of fractions are asked for
    whole, so that every surface shows the very same number."""

    def exact(measure: Measure) -> bool:
        whole_numbers = measure.field is not None and metric.source.field(measure.field).type == "int"
        return measure.aggregate == "count" or (measure.aggregate == "sum" and whole_numbers)

    return exact(metric.measure) and (metric.per is None or exact(metric.per))


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
            measure.conditions({*selection.where, *by}) + selection.filters(columns), selection.timezone,
            selection.compare,
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

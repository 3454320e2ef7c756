"""From the answers to a metric's measures to its own values: divided, added up or by its formula."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from metricstore.assumptions import Assumed
from metricstore.framing import comparison_query, window_days
from metricstore.grid import Grid
from metricstore.metrics import Metric
from metricstore.metrics.formula import DAYS
from metricstore.query import COUNTED, PER_TIME, Query
from metricstore.rounding import settled

Columns = dict[str, npt.NDArray[np.float64]]
VALUES = ("value", "comparison")
_ADDED = ("sum", "mean", *PER_TIME)
"""Aggregates that are computed by adding up; all others hand out values as they were stored."""


def aligned(metric: Metric, queries: list[Query], found: list[Grid]) -> list[Grid]:
    """The same with the same groups: those of `per`; those that any term of a formula has."""
    labels = found[-1].labels
    if all(one.labels == labels for one in found[:-1]):
        return found
    if metric.model is not None:
        labels = sorted({label for one in found for label in one.labels})
    pairs = zip(queries, found, strict=True)
    return [one.with_labels(labels, 0.0 if query.aggregate in COUNTED else np.nan) for query, one in pairs]


def columns(found: Grid) -> Columns:
    return {column: found[column] for column in VALUES if column in found}


def totals(found: Grid) -> Columns:
    """The whole range's value from those of its windows. Sums of nothing are nothing; counts are never missing."""
    return {column: np.array([np.nan if np.isnan(values).all() else np.nansum(values)])
            for column, values in columns(found).items()}  # fmt: skip


def combined(
    metric: Metric, question: Query, parts: list[Columns], assumed: Assumed, *, whole: bool = False
) -> Columns:  # fmt: skip
    """The metric's values from those of its measures: scaled and settled. `whole`: parts are of the range, not of windows."""
    if metric.model is not None:
        return _modelled(metric, question, parts, assumed, whole=whole)
    found = parts[0] if len(parts) == 1 else _divided(*parts)
    scale = metric.scale_of(question.aggregate)
    exact = question.aggregate not in _ADDED and scale == 1.0
    return {column: values if exact else settled(values * scale) for column, values in found.items()}


def _modelled(
    metric: Metric, question: Query, parts: list[Columns], assumed: Assumed, *, whole: bool
) -> Columns:  # fmt: skip
    formula = metric.model
    assert formula is not None
    found = {}
    for column in parts[0]:
        terms = {term.name: part[column] for term, part in zip(formula.terms, parts, strict=True)}
        if formula.over_time:
            days = _days(question, column)
            terms[DAYS] = days.sum(keepdims=True) if whole else _fitted(days, len(parts[0][column]))
        found[column] = settled(formula.compute(terms, assumed))
    return found


def _days(question: Query, column: str) -> npt.NDArray[np.float64]:
    return window_days(question if column == "value" else comparison_query(question))


def _fitted(days: npt.NDArray[np.float64], length: int) -> npt.NDArray[np.float64]:
    """Windows pair in order; one without a partner is compared with nothing."""
    return np.concatenate([days[:length], np.full(max(0, length - len(days)), np.nan)])


def _divided(upper: Columns, lower: Columns) -> Columns:
    """No divisor, no value; nothing above the line is no zero."""
    return {
        column: np.divide(upper[column], divisor, out=np.full(len(divisor), np.nan), where=divisor != 0)
        for column, divisor in lower.items()
    }

"""What a metric asks of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from metricstore.metrics import Measure, Metric
from metricstore.query import PERCENTILES, Aggregate, Query
from metricstore.selection import Selection
from metricstore.windows import Window

_DAY = Window(1, "d")


def questions(
    metric: Metric, selection: Selection, *, by: tuple[str, ...] = (),
    aggregate: Aggregate | None = None, now: datetime | None = None,
) -> list[Query]:  # fmt: skip
    """What a metric asks of the store: a question for each of its measures. Filters it does not know are left out."""
    start, stop = selection.range(now)
    for name in by:
        metric.require_dimension(name)
    known = {column: words for column, words in selection.where.items() if column in metric.filterable}
    filters = replace(selection, where=known).filters()
    chosen = {*known, *by}

    def question(measure: Measure, asked: Aggregate) -> Query:
        return Query(
            measure.measurement, asked, start, stop, measure.field, _window(selection, asked, now), by,
            measure.conditions(chosen) + filters, selection.timezone, selection.compare,
            exact=selection.exact and asked in PERCENTILES,  # other questions are those that everybody asks
        ).checked()  # fmt: skip

    first, *others = metric.measures
    return [question(first, aggregate or first.aggregate), *(question(other, other.aggregate) for other in others)]


def _window(selection: Selection, asked: Aggregate, now: datetime | None) -> Window | None:
    """Posts a day need windows of at least a day: dates stand at midnight, so one of six hours would hold all or nothing."""
    window = selection.window(now)
    if asked == "per_day" and selection.every == "auto" and window is not None and window.seconds < _DAY.seconds:
        return _DAY
    return window

"""What a metric asks of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from metricstore.metrics import Measure, Metric
from metricstore.query import Aggregate, Query
from metricstore.selection import Selection


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
            measure.measurement, asked, start, stop, measure.field, selection.window(now), by,
            measure.conditions(chosen) + filters, selection.timezone, selection.compare,
        ).checked()  # fmt: skip

    first, *others = metric.measures
    return [question(first, aggregate or first.aggregate), *(question(other, other.aggregate) for other in others)]

"""Marks of the period compared with: each leads to the earlier window that it is paired with."""

from __future__ import annotations

from datetime import UTC

from layouts.charts.marks import Mark
from layouts.charts.model import ChartData
from metricstore.framing import comparison_query
from metricstore.query import Query
from metricstore.window_edges import edges


def compared_marks(data: ChartData, value: str | None) -> list[Mark]:
    """A mark for each of the answer's windows; those beyond the earlier period's end have no window."""
    answer = data.answer
    windows = len(answer.rows.starts)
    if answer.every is None or data.selection.compare is None:
        return [[value, "", ""]] * windows
    asked = Query(answer.metric.measure.measurement, "count", answer.start, answer.stop, every=answer.every,
                  timezone=answer.timezone, compare=data.selection.compare)  # fmt: skip
    earlier = comparison_query(asked)
    begins = edges(earlier.start, earlier.stop, answer.every, answer.timezone)
    spans = [
        [max(begin, earlier.start).astimezone(UTC).isoformat(), min(end, earlier.stop).astimezone(UTC).isoformat()]
        for begin, end in zip(begins, [*begins[1:], earlier.stop], strict=True)
    ]
    nowhere = [["", ""]] * max(0, windows - len(spans))
    return [[value, *span] for span in [*spans, *nowhere][:windows]]

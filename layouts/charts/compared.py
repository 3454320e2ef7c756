"""Marks of the period compared with: each leads to the earlier window that it is paired with."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pandas as pd

from layouts.charts.marks import Mark
from layouts.charts.model import ChartData
from metricstore.framing import comparison_query
from metricstore.query import Query
from metricstore.window_edges import edges


def compared_marks(data: ChartData, times: pd.Series[Any], value: str | None) -> list[Mark]:
    """A mark for each of `times`, windows of the answer; those beyond the earlier period's end have no window."""
    answer = data.answer
    if answer.every is None or data.selection.compare is None:
        return [[value, "", ""]] * len(times)
    asked = Query(answer.metric.measure.measurement, "count", answer.start, answer.stop, every=answer.every,
                  timezone=answer.timezone, compare=data.selection.compare)  # fmt: skip
    earlier = comparison_query(asked)
    begins = edges(earlier.start, earlier.stop, answer.every, answer.timezone)
    places = {moment: place for place, moment in enumerate(sorted(answer.frame["time"].unique()))}
    spans = [
        [max(begin, earlier.start).astimezone(UTC).isoformat(), min(end, earlier.stop).astimezone(UTC).isoformat()]
        for begin, end in zip(begins, [*begins[1:], earlier.stop], strict=True)
    ]
    nowhere = ["", ""]
    return [[value, *(spans[places[time]] if places[time] < len(spans) else nowhere)] for time in times]

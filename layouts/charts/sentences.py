"""What a chart says of its own numbers in one sentence, beside the picture."""

from __future__ import annotations

from layouts.charts.model import ChartData
from layouts.charts.shares import week_grid
from layouts.formats import inside
from layouts.value_names import name_of
from metricstore.quantities import quantity


def one_cause(data: ChartData) -> str:
    """`12 of 15 posts have one cause: access lost or expired.` Nothing where nothing failed."""
    answer = data.answer
    frame = answer.frame.dropna(subset=["value"])
    total = int(frame["value"].sum())
    if not total:
        return ""
    first, *others = frame.sort_values("value", ascending=False, kind="stable").iloc[:2].to_dict("records")
    most, cause = int(first["value"]), inside(name_of(str(first[answer.by[0]]), answer.by[0]))
    if most == total:
        return f"{quantity(total, answer.metric.unit)}, one cause: {cause}."
    if others and others[0]["value"] == most:
        return f"{quantity(total, answer.metric.unit)}; no cause stands out."
    return f"{most:,} of {quantity(total, answer.metric.unit)} have one cause: {cause}."


def clock_unknown(data: ChartData) -> str:
    """`Not reported by the source: the channel's time zone of 12 of 340 posts; they are in no cell.` Nothing where all are."""
    resting = list(data.also.values())[-1]
    total = int(resting.frame["value"].sum())
    unknown = total - int(week_grid(resting).sum())
    if not unknown:
        return ""
    left = "it is" if unknown == 1 else "they are"
    return f"Not reported by the source: the channel's time zone of {unknown:,} of {quantity(total, resting.metric.unit)}; {left} in no cell."

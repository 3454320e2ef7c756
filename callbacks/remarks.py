"""What is said under a chart, wherever it is shown: what its numbers come to, what they lack, what did not filter them."""

from __future__ import annotations

from datetime import datetime

from layouts.charts import Chart, ChartData
from layouts.charts.absence import marked, sentence
from layouts.charts.figure import Figure
from layouts.formats import column_name, inside
from metricstore.catalogue import measurement
from metricstore.evaluation import Answer
from metricstore.gaps import LeftOut, left_out
from metricstore.lower_bounds import missing_from
from metricstore.metrics import Metric, metric
from metricstore.selection import Selection
from metricstore.store import Store


def remarks(store: Store, chart: Chart, selection: Selection, now: datetime, data: ChartData | None,
            figure: Figure | None = None) -> str:  # fmt: skip
    """All of it in one line, "" when there is nothing to say. `data` None: there is nothing to draw. `figure`: the picture
    it stands under, if any, whose colours are explained."""
    said: list[str] = []
    if data is not None:
        said += [chart.says(data) if chart.says else "", sentence(data.answer, marked(figure) if figure else ()),
                 _left_out(store, chart, selection, now), _least(store, chart, selection, now),
                 whose_days(data.answer)]  # fmt: skip
    return " ".join(filter(None, (*said, not_filtered(chart, selection))))


def whose_days(answer: Answer) -> str:
    """Which days are the source's, where dates may stand on the time axis; else ""."""
    declared = [measurement(name).dates for name in answer.metric.measurements]
    if answer.every is None or not any(declared):
        return ""
    if all(dates is not None and not dates.tag for dates in declared):
        return "Days are the source's: each counts on its date in every time zone."
    at_midnight = ", here at 00:00" if answer.every.unit in ("m", "h") else ""
    return (f"Days are the source's where it gives a date and no time of day: that counts on its date in every time zone{at_midnight}."
            f" What has a time of day follows {answer.timezone}.")  # fmt: skip


def not_filtered(chart: Chart, selection: Selection) -> str:
    """Filters the chart's source does not know are left out of its question, and that is said."""
    ignored = [column_name(column) for column in selection.where if column not in chart.declared.filterable]
    if not ignored:
        return ""
    return f"Not filtered by {' and '.join(ignored).lower()}: {inside(chart.declared.source.title)} do not tell it."


def without(found: LeftOut) -> str:
    """`37 of 120 records do not tell it`; "" when none is left out."""
    return f"{found.silent:,} of {found.records:,} records do not tell it" if found.silent else ""


def at_least(store: Store, declared: Metric, selection: Selection, now: datetime) -> str:
    """`3 unpriced AI calls`: what is missing from a sum; "" when nothing is."""
    missing = missing_from(store, declared, selection, now)
    return f"{missing:,} {inside(metric(declared.blind).title)}" if missing else ""


def _least(store: Store, chart: Chart, selection: Selection, now: datetime) -> str:
    missing = at_least(store, chart.declared, selection, now)
    return f"The least it can be: {missing} are not in it." if missing else ""


def _left_out(store: Store, chart: Chart, selection: Selection, now: datetime) -> str:
    if chart.declared.blind:  # says it in its own words
        return ""
    found = without(left_out(store, chart.declared, selection, now))
    return f"Left out: {found}." if found else ""

"""What is said under a chart, wherever it is shown: what its numbers come to, what they lack, what did not filter them."""

from __future__ import annotations

from layouts import formats
from layouts.charts import Chart, ChartData, caveats, episodes, goals
from layouts.charts.absence import marked, sentence
from layouts.charts.figure import Figure
from layouts.formats import inside
from metricstore.catalogue import measurement
from metricstore.caveats import bound_of, conflicting
from metricstore.evaluation import Answer
from metricstore.gaps import LeftOut
from metricstore.metrics import Metric
from metricstore.quantities import quantity
from metricstore.selection import Selection


def caption(
    chart: Chart, selection: Selection, data: ChartData | None, silent: LeftOut, figure: Figure | None = None
) -> str:
    """All of it in one line, "" when there is nothing to say. `data` None: there is nothing to draw. `silent`: how many records
    stay out of the figure. `figure`: the picture it stands under, if any, whose colours are explained."""
    said: list[str] = []
    if data is not None:
        said += [chart.says(data) if chart.says else "", sentence(data.answer, marked(figure) if figure else ()),
                 episodes.sentence(data.episodes) if figure else "", goals.sentence(data.goals) if figure else "", caveats.compared(data.answer, selection.compare), _left_out(silent),
                 _not_counted(data.answer), caveats.least_or_most(bound_of(data.answer)),
                 whose_days(data.answer)]  # fmt: skip
    ignored = not_filtered(chart.declared, selection)
    said.append(f"{ignored[0].upper()}{ignored[1:]}." if ignored else "")
    return " ".join(filter(None, said))


def whose_days(answer: Answer) -> str:
    """Which days are the source's, where dates may stand on the time axis; else ""."""
    declared = [measurement(name).dates for name in answer.metric.measurements]
    if answer.every is None or not any(declared):
        return ""
    if all(dates is not None and not dates.tag for dates in declared):
        return "Dates are the source's own, the same in every time zone."
    at_midnight = ", here at 00:00" if answer.every.unit in ("m", "h") else ""
    return f"Records with a date but no time count on that date in every time zone{at_midnight}; the others follow {answer.timezone}."


def not_filtered(declared: Metric, selection: Selection) -> str:
    """`not filtered by topic: posts do not have it`. Filters that a source does not know are left out of its question."""
    said = formats.not_filtered(declared, selection.where)
    return f"{said}: {inside(declared.source.title)} do not have it" if said else ""


def without(found: LeftOut) -> str:
    """`37 of 120 records lack this figure`; "" when none is left out."""
    return (
        f"{found.silent:,} of {quantity(found.records, 'records')} {'lacks' if found.silent == 1 else 'lack'} this figure"
        if found.silent
        else ""
    )


def _left_out(silent: LeftOut) -> str:
    found = without(silent)
    return f"Left out: {found}." if found else ""


def _not_counted(answer: Answer) -> str:
    found = caveats.not_counted(conflicting(answer))
    return f"{found}." if found else ""

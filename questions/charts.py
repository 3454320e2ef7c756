"""From a chart and a selection to its answers, all at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from layouts.charts import Chart, ChartData
from layouts.charts.figures import stacked_bars
from layouts.charts.goals import applying
from layouts.charts.marks import is_empty
from layouts.formats import inside
from metricstore.evaluation import Answer, evaluate
from metricstore.foreseen import ask_ahead, of_remarks, of_values
from metricstore.goal import Goal
from metricstore.metrics import Metric, metric
from metricstore.query import Query
from metricstore.selection import Selection, settled_now
from metricstore.store import Store


def unset_of(chart: Chart, selection: Selection) -> list[str]:
    """Assumptions of the chart's metrics that nobody has set, by their titles: until then it shows nothing."""
    return selection.assume.unset(dict.fromkeys(name for one in chart.metrics for name in one.assumptions))


def goals_on(chart: Chart, answer: Answer, selection: Selection, goals: Sequence[Goal]) -> tuple[Goal, ...]:
    """Goals that the chart's marks can be measured by: bars that are stacked show the whole, lines side by side do not."""
    fitting = [one for one in goals if one.metric == chart.metric and one.fits(selection)]
    return applying(fitting, answer, whole=not chart.by or chart.draw is stacked_bars)


def as_asked(chart: Chart, selection: Selection) -> Selection:
    """The selection with the window, the range and the zone that the chart has of its own."""
    if chart.timezone:
        selection = replace(selection, timezone=chart.timezone)
    if chart.since:
        selection = replace(selection, start=chart.since, stop="now")
    if chart.ahead and selection.stop == "now":
        selection = replace(selection, stop=chart.ahead)
    if chart.every == "selection":
        return selection
    return replace(selection, every=chart.every, compare=selection.compare if chart.every == "none" else None)


def chart_data_of(answers: Mapping[str, Answer], selection: Selection) -> ChartData | None:
    """What words about the chart are made of; None where there is nothing to say anything of."""
    if all(is_empty(answer) for answer in answers.values()):
        return None
    return ChartData(answers[""], {key: answer for key, answer in answers.items() if key}, selection, "light")


def ask(source: Store, chart: Chart, selection: Selection, now: datetime | None = None) -> dict[str, Answer]:
    """The chart's main answer under "" and those of `also` under their own words, all at one moment."""
    moment = now or settled_now()
    parts = list(_asked(chart, selection))
    ask_ahead(source, [lambda: _foreseen(chart, selection, parts, moment)])
    return {word: evaluate(source, declared, wanted, by=chart.by, aggregate=aggregate, now=moment)
            for word, declared, aggregate, wanted in parts}  # fmt: skip


_Part = tuple[str, Metric, str | None, Selection]


def _asked(chart: Chart, selection: Selection) -> Iterator[_Part]:
    """(word, metric, aggregate, selection) of the main question and those beside it."""
    wanted = as_asked(chart, selection)
    yield "", chart.declared, chart.aggregate, wanted
    # What the main question is not filtered by must not filter what stands beside it.
    known = {column: words for column, words in wanted.where.items() if column in chart.declared.filterable}
    for word in chart.also:
        name, _, aggregate = word.partition(":")
        yield word, metric(name), aggregate or None, replace(wanted, where=known)


def _foreseen(chart: Chart, selection: Selection, parts: list[_Part], now: datetime) -> list[Query]:
    found = of_remarks(chart.declared, selection, now)
    for _, declared, aggregate, wanted in parts:
        found += of_values(declared, wanted, chart.by, aggregate, now)
    return found


def named(declared: Metric) -> tuple[str, str]:
    """(its records as they are called within a sentence, the figure that is wanted of them, "" for their number)."""
    counted = declared.counts and declared.measure.where
    what = declared.title if counted else declared.source.title
    return inside(what), "" if declared.counts else inside(declared.title)

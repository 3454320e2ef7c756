"""From a chart and a selection to its answers, all at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from layouts.charts import Chart, ChartData, Theme
from layouts.charts.figures import stacked_bars
from layouts.charts.goals import applying
from layouts.charts.marks import is_empty
from layouts.formats import inside
from metricstore.evaluation import Answer, plan_values
from metricstore.gaps import LeftOut, plan_left_out
from metricstore.goal import Goal
from metricstore.metrics import Metric, metric
from metricstore.plans import Plan, joined
from metricstore.plans import ask as ask_plan
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


@dataclass(frozen=True)
class ChartAnswers:
    """The chart's main answer under "" and those of `also` under their own words, all of one moment; and what stays out of them."""

    answers: dict[str, Answer]
    left_out: LeftOut

    @property
    def main(self) -> Answer:
        return self.answers[""]

    @property
    def also(self) -> dict[str, Answer]:
        return {word: answer for word, answer in self.answers.items() if word}

    @property
    def is_empty(self) -> bool:
        return all(is_empty(answer) for answer in self.answers.values())

    def data(self, selection: Selection, theme: Theme = "light") -> ChartData | None:
        """What a caption is made of; None where there is nothing to say anything of."""
        return None if self.is_empty else ChartData(self.main, self.also, selection, theme)


def ask(source: Store, chart: Chart, selection: Selection, now: datetime | None = None) -> dict[str, Answer]:
    """The answers alone, see `ChartAnswers`."""
    return ask_chart(source, chart, selection, now).answers


def ask_chart(source: Store, chart: Chart, selection: Selection, now: datetime | None = None) -> ChartAnswers:
    """Everything a chart and its caption are made of, asked together."""
    return ask_plan(source, plan_chart(chart, selection, now or settled_now()))


def plan_chart(chart: Chart, selection: Selection, now: datetime) -> Plan[ChartAnswers]:
    parts = list(_asked(chart, selection))
    words = [word for word, *_ in parts]
    values = [
        plan_values(declared, wanted, by=chart.by, aggregate=aggregate, now=now)
        for _, declared, aggregate, wanted in parts
    ]
    # A metric with a bound says it in its own words.
    silent = [plan_left_out(chart.declared, selection, now)] if chart.declared.bound is None else []

    def settle(_: Store, found: list[Any]) -> ChartAnswers:
        answers = dict(zip(words, found, strict=False))
        return ChartAnswers(answers, found[-1] if silent else LeftOut())

    return joined([*values, *silent], settle)


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


def named(declared: Metric) -> tuple[str, str]:
    """(its records as they are called within a sentence, the figure that is wanted of them, "" for their number)."""
    counted = declared.counts and declared.measure.where
    what = declared.title if counted else declared.source.title
    return inside(what), "" if declared.counts else inside(declared.title)

"""From a metric and a selection to an answer: the one path for pages, API, downloads and alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from metricstore import caveats, gaps, nothing
from metricstore.assumptions import USUAL, Assumed
from metricstore.catalogue import measurement
from metricstore.combining import VALUES, aligned, columns, combined, totals
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.grid import Grid
from metricstore.metrics import Measure, Metric
from metricstore.plans import Asked, Plan, ask, joined, mapped, plain
from metricstore.query import AGGREGATES, Aggregate, Query
from metricstore.questions import questions
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import Window


@dataclass(frozen=True)
class Answer:
    """`rows` with a column `why` that tells the kind of nothing where `value` is NaN (see `nothing`) and `comparison_why`
    beside `comparison`, and the question's resolved parts beside it."""

    metric: Metric
    """As it is shown: the currency in its unit, the numbers it assumes in its formula."""
    aggregate: Aggregate
    start: datetime
    stop: datetime
    every: Window | None
    timezone: str
    by: tuple[str, ...]
    rows: Grid
    assumed: Assumed = USUAL
    """What it was computed with; `metric.assumptions` names those that had a part in it."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """Of what stands beside the values (see `caveats`) how much there is in all, rows that have no value included."""

    @property
    def column(self) -> str:
        """What `value` is called where the values of several questions stand beside each other: as the metric, and by
        its aggregate where that is not the metric's own."""
        own = self.metric.measure.aggregate
        return self.metric.name if self.aggregate == own else f"{self.metric.name}_{self.aggregate}"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as described in Query, with the other columns beside `value`; not to be changed."""
        return self.rows.frame()

    @property
    def why(self) -> pd.Series[str]:
        """The kind of nothing of each row, "" where there is a value; none is told of rows that know no kinds."""
        known = self.frame.get(nothing.COLUMN)
        return pd.Series("", index=self.frame.index) if known is None else known

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of nothing there are in it, "" among them where there is a value."""
        return frozenset(self.rows[nothing.COLUMN].tolist() if nothing.COLUMN in self.rows else [""])


def evaluate(
    store: Store, metric: Metric, selection: Selection, *, by: tuple[str, ...] = (),
    aggregate: str | None = None, now: datetime | None = None, strict: bool = False,
) -> Answer:  # fmt: skip
    """Ask `metric` under `selection`. `strict` refuses filters its measurements do not have; else they are ignored."""
    if strict:
        for column in selection.where:
            if column not in metric.filterable:
                raise UnknownName("filter", column, metric.columns)
    return ask(store, plan_values(metric, selection, by=by, aggregate=aggregate, now=now))


def plan_values(
    metric: Metric, selection: Selection, *, by: tuple[str, ...] = (), aggregate: str | None = None, now: datetime | None = None
) -> Plan[Answer]:  # fmt: skip
    """See `evaluate`: the values, why some are missing, and what is not sure of them."""
    return mapped(_plan(metric, selection, by, chosen_aggregate(metric, aggregate), now), lambda found: found[1])


class Whole(NamedTuple):
    """A range's value and what it is compared with, NaN for what there is not, and its course in windows."""

    value: float
    before: float
    before_why: str
    """The kind of nothing of `before`; "" where there is a number, and where nothing is compared."""
    course: Answer


def whole_and_course(store: Store, metric: Metric, selection: Selection, now: datetime | None = None) -> Whole:
    """No windows that were collected, no value. Where the windows' parts make up the whole exactly, the store is asked
    once for both. What a share is compared with is always asked for: the windows before may reach further back than
    the range before.
    """
    return ask(store, plan_whole_and_course(metric, selection, now))


def plan_whole_and_course(metric: Metric, selection: Selection, now: datetime | None = None) -> Plan[Whole]:
    """See `whole_and_course`."""
    course = _plan(metric, of_course(metric, selection), (), metric.measure.aggregate, now)
    if adds_up(metric, selection):
        return joined([course], lambda store, found: _added_up(store, metric, selection, *found[0]))
    whole = plan_values(metric, replace(selection, every="none"), now=now)
    return joined([course, whole], lambda _, found: _beside(metric, selection, found[0][1], found[1]))


def _added_up(store: Store, metric: Metric, selection: Selection, asked: Sequence[Asked], course: Answer) -> Whole:
    """The whole from its windows."""
    question = asked[0].query
    found = combined(metric, question, [totals(one.found) for one in asked], selection.assume, whole=True)
    value, before = (float(found[column][0]) if column in found else np.nan for column in VALUES)
    before, before_why = _before(store, metric, question, before, course)
    return _known(metric, selection, Whole(value, before, before_why, course))


def _beside(metric: Metric, selection: Selection, course: Answer, whole: Answer) -> Whole:
    """The whole as it was asked for beside its windows."""
    rows = whole.rows
    before = float(rows["comparison"][0]) if "comparison" in rows else np.nan
    why = str(rows[nothing.COMPARED][0]) if nothing.COMPARED in rows else ""
    return _known(metric, selection, Whole(float(rows["value"][0]), before, why, course))


def _known(metric: Metric, selection: Selection, whole: Whole) -> Whole:
    if selection.assume.unset(metric.assumptions):
        return Whole(np.nan, np.nan, nothing.NOT_SET if selection.compare else "", whole.course)
    return whole._replace(value=np.nan) if whole.course.kinds <= {nothing.NOT_COLLECTED} else whole


def of_course(metric: Metric, selection: Selection) -> Selection:
    """What a course is asked under: what a share is compared with is asked for the whole range, so not for windows too."""
    windowed = replace(selection, every="auto") if selection.every == "none" else selection
    return windowed if adds_up(metric, selection) else replace(windowed, compare=None)


def _before(store: Store, metric: Metric, query: Query, before: float, course: Answer) -> tuple[float, str]:
    """What windows add up to where the whole time they are in was collected; else the kind of nothing."""
    if query.compare is None:
        return np.nan, ""
    why = gaps.compared(store, metric, query)
    if why:
        return np.nan, why
    windows = course.rows[nothing.COMPARED]
    untold = nothing.NOT_REPORTED if (windows == nothing.NOT_REPORTED).any() else nothing.NO_RECORDS
    return before, untold if np.isnan(before) else ""


def _plan(
    metric: Metric, selection: Selection, by: tuple[str, ...], aggregate: Aggregate, now: datetime | None
) -> Plan[tuple[list[Asked], Answer]]:
    """(the measures' own answers, what they make)."""
    queries = questions(metric, selection, by=by, aggregate=aggregate, now=now)
    conflicts = caveats.conflicts_question(metric, gaps.records_behind(metric, queries))
    unsure = {column: plan_values(counted, replace(selection, compare=None), by=by, now=now)
              for column, counted in caveats.counting(metric).items()}  # fmt: skip
    parts: list[Plan[Any]] = [
        plain(queries), gaps.plan_behind(metric, queries), plain([conflicts] if conflicts is not None else []), *unsure.values()
    ]  # fmt: skip

    def settle(store: Store, found: list[Any]) -> tuple[list[Asked], Answer]:
        asked, behind, conflicting, *counts = found
        beside = {column: answer.rows for column, answer in zip(unsure, counts, strict=True)}
        if conflicting:
            beside[caveats.CONFLICTING] = conflicting[0].found
        answer = _answer(metric, [one.query for one in asked], [one.found for one in asked], selection.assume)
        return asked, _whole_answer(store, [one.query for one in asked], answer, selection, behind, beside)

    plan = joined(parts, settle)
    return replace(plan, alike=(metric.measurements, *plan.alike)) if metric.model is not None else plan


def _whole_answer(
    store: Store, queries: list[Query], answer: Answer, selection: Selection, behind: gaps.Behind, beside: Mapping[str, Grid]
) -> Answer:  # fmt: skip
    """The answer itself, its rows with what is known of what is missing and of what is not sure (`beside`, by column)."""
    rows = gaps.told(store, answer.metric, queries, answer.rows, behind)
    if selection.assume.unset(answer.metric.assumptions):
        for column, why in (("value", nothing.COLUMN), ("comparison", nothing.COMPARED)):
            if column in rows:
                unset = np.full(len(rows), nothing.NOT_SET, dtype=object)
                rows = rows.with_columns({column: np.full(len(rows), np.nan), why: unset})
    rows = rows.with_columns({column: gaps.beside(rows, counts).astype(np.int64) for column, counts in beside.items()})
    return replace(
        answer, rows=rows, totals={column: int(np.nansum(counts["value"])) for column, counts in beside.items()}
    )


def _answer(metric: Metric, queries: list[Query], found: list[Grid], assumed: Assumed) -> Answer:
    """From the store's answers, one for each measure, to the metric's own values."""
    question = queries[0]
    parts = aligned(metric, queries, found)
    rows = replace(parts[-1], columns=combined(metric, question, [columns(part) for part in parts], assumed))
    shown = metric.under(assumed) if metric.model is not None else metric
    return Answer(shown, question.aggregate, question.start, question.stop, question.every, question.timezone, question.by,
                  rows, assumed)  # fmt: skip


def adds_up(metric: Metric, selection: Selection) -> bool:
    """Whether the windows' parts make the whole: counts, and sums of whole numbers. Sums of fractions are asked for
    whole, so that every surface shows the very same number."""

    def exact(measure: Measure) -> bool:
        source = measurement(measure.measurement)
        whole_numbers = measure.field is not None and source.field(measure.field).type == "int"
        return measure.aggregate == "count" or (measure.aggregate == "sum" and whole_numbers)

    compared = selection.compare is not None and len(metric.measures) > 1
    return not compared and all(exact(measure) for measure in metric.measures)


def chosen_aggregate(metric: Metric, asked: str | None) -> Aggregate:
    """The asked one, or the metric's own. InvalidQuestion names those there are."""
    if asked is None:
        return metric.measure.aggregate
    if asked not in AGGREGATES:
        raise InvalidQuestion("agg", str(UnknownName("aggregate", asked, AGGREGATES)))
    if asked not in metric.aggregates:
        raise InvalidQuestion("agg", f"{metric.name} has no {asked}; it has {', '.join(metric.aggregates)}")
    return asked  # type: ignore[return-value]

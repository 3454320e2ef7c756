"""From a metric and a selection to a data frame: the one path for pages, API, downloads and alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore import caveats, gaps, nothing
from metricstore.assumptions import USUAL, Assumed
from metricstore.catalogue import measurement
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.framing import comparison_query, window_days
from metricstore.metrics import Measure, Metric
from metricstore.metrics.formula import DAYS
from metricstore.query import AGGREGATES, COUNTED, PER_TIME, Aggregate, Query
from metricstore.questions import questions
from metricstore.restriction import narrowed, require_alike
from metricstore.rounding import settled
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.windows import Window

Columns = dict[str, npt.NDArray[np.float64]]
_VALUES = ("value", "comparison")
_ADDED = ("sum", "mean", *PER_TIME)
"""Aggregates that are computed by adding up; all others hand out values as they were stored."""


@dataclass(frozen=True)
class Answer:
    """`frame` as described in Query, with a column `why` that tells the kind of nothing where `value` is NaN (see
    `nothing`) and `comparison_why` beside `comparison`, and the question's resolved parts beside it."""

    metric: Metric
    """As it is shown: the currency in its unit, the numbers it assumes in its formula."""
    aggregate: Aggregate
    start: datetime
    stop: datetime
    every: Window | None
    timezone: str
    by: tuple[str, ...]
    frame: pd.DataFrame
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

    @property
    def why(self) -> pd.Series[str]:
        """The kind of nothing of each row, "" where there is a value; none is told of a frame that knows no kinds."""
        known = self.frame.get(nothing.COLUMN)
        return pd.Series("", index=self.frame.index) if known is None else known

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of nothing there are in it, "" among them where there is a value."""
        known = self.frame.get(nothing.COLUMN)
        return frozenset([""] if known is None else known.tolist())


def evaluate(
    store: Store, metric: Metric, selection: Selection, *, by: tuple[str, ...] = (),
    aggregate: str | None = None, now: datetime | None = None, strict: bool = False,
) -> Answer:  # fmt: skip
    """Ask `metric` under `selection`. `strict` refuses filters its measurements do not have; else they are ignored."""
    if strict:
        for column in selection.where:
            if column not in metric.filterable:
                raise UnknownName("filter", column, metric.columns)
    queries, frames = _asked(store, metric, selection, by, chosen_aggregate(metric, aggregate), now)
    return _told(store, queries, _answer(metric, queries, frames, selection.assume), selection, now)


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
    windowed = of_course(metric, selection)
    queries, frames = _asked(store, metric, windowed, (), metric.measure.aggregate, now)
    course = _told(store, queries, _answer(metric, queries, frames, selection.assume), windowed, now)
    if adds_up(metric, selection):
        found = _combined(metric, queries[0], [_totals(frame) for frame in frames], selection.assume, whole=True)
        value, before = (float(found[column][0]) if column in found else np.nan for column in _VALUES)
        before, before_why = _before(store, metric, queries[0], before, course)
    else:
        whole = evaluate(store, metric, replace(selection, every="none"), now=now).frame.iloc[0]
        value, before = float(whole["value"]), float(whole.get("comparison", np.nan))
        before_why = str(whole.get(nothing.COMPARED, ""))
    if course.kinds <= {nothing.NOT_COLLECTED}:
        value = np.nan
    if selection.assume.unset(metric.assumptions):
        value, before, before_why = np.nan, np.nan, nothing.NOT_SET if selection.compare else ""
    return Whole(value, before, before_why, course)


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
    windows = course.frame[nothing.COMPARED]
    untold = nothing.NOT_REPORTED if (windows == nothing.NOT_REPORTED).any() else nothing.NO_RECORDS
    return before, untold if np.isnan(before) else ""


def _told(store: Store, queries: list[Query], answer: Answer, selection: Selection, now: datetime | None) -> Answer:
    """The answer itself, its frame with what is known of what is missing and of what is not sure."""
    frame = answer.frame
    gaps.tell(store, answer.metric, queries, frame)
    if selection.assume.unset(answer.metric.assumptions):
        for column, why in (("value", nothing.COLUMN), ("comparison", nothing.COMPARED)):
            if column in frame:
                frame[column], frame[why] = np.nan, nothing.NOT_SET
    counts = {
        column: evaluate(store, counted, replace(selection, compare=None), by=answer.by, now=now).frame
        for column, counted in caveats.counting(answer.metric).items()
    }
    conflicts = caveats.conflicts_question(answer.metric, gaps.behind(answer.metric, queries))
    if conflicts is not None:
        counts[caveats.CONFLICTING] = store.ask(conflicts)
    for column, found in counts.items():
        frame[column] = gaps.beside(frame, queries[0], found).astype(np.int64)
    return replace(answer, totals={column: int(found["value"].sum()) for column, found in counts.items()})


def _asked(
    store: Store, metric: Metric, selection: Selection, by: tuple[str, ...], aggregate: Aggregate, now: datetime | None
) -> tuple[list[Query], list[pd.DataFrame]]:
    if metric.model is not None:
        require_alike(store, metric.measurements)
    queries = questions(metric, selection, by=by, aggregate=aggregate, now=now)
    queries = [narrowed(store, query) for query in queries]
    return queries, store.ask_all(queries)


def _answer(metric: Metric, queries: list[Query], frames: list[pd.DataFrame], assumed: Assumed) -> Answer:
    """From the store's frames, one for each measure, to the metric's own values."""
    question = queries[0]
    keys = ["time", *question.by]
    frames = _aligned(metric, queries, frames, keys)
    found = _combined(metric, question, [_columns(part) for part in frames], assumed)
    shown = metric.under(assumed) if metric.model is not None else metric
    return Answer(shown, question.aggregate, question.start, question.stop, question.every, question.timezone, question.by,
                  pd.DataFrame({**{key: frames[-1][key] for key in keys}, **found}), assumed)  # fmt: skip


def _aligned(
    metric: Metric, queries: list[Query], frames: list[pd.DataFrame], keys: list[str]
) -> list[pd.DataFrame]:  # fmt: skip
    """Frames with the same windows and groups: those of `per`; those that any term of a formula has."""
    rows = frames[-1]
    if all(part[key].equals(rows[key]) for part in frames[:-1] for key in keys):
        return frames
    wanted = rows[keys]
    if metric.model is not None:
        wanted = pd.concat([part[keys] for part in frames]).drop_duplicates()
        wanted = wanted.sort_values([*keys[1:], "time"], ignore_index=True)
    found = []
    for query, part in zip(queries, frames, strict=True):
        part = wanted.merge(part, on=keys, how="left", sort=False)
        if query.aggregate in COUNTED:
            part = part.fillna({column: 0.0 for column in _VALUES if column in part})
        found.append(part)
    return found


def _columns(frame: pd.DataFrame) -> Columns:
    return {column: frame[column].to_numpy(dtype=np.float64) for column in _VALUES if column in frame}


def _totals(frame: pd.DataFrame) -> Columns:
    """The whole range's value from those of its windows. Sums of nothing are nothing; counts are never missing."""
    return {column: np.array([np.nan if np.isnan(values).all() else np.nansum(values)])
            for column, values in _columns(frame).items()}  # fmt: skip


def _combined(
    metric: Metric, question: Query, parts: list[Columns], assumed: Assumed, *, whole: bool = False
) -> Columns:  # fmt: skip
    """The metric's values from those of its measures: scaled and settled. `whole`: parts are of the range, not of windows."""
    if metric.model is not None:
        return _modelled(metric, question, parts, assumed, whole=whole)
    found = parts[0] if len(parts) == 1 else _divided(*parts)
    scale = metric.scale_of(question.aggregate)
    exact = question.aggregate not in _ADDED and scale == 1.0
    return {column: values if exact else settled(values * scale) for column, values in found.items()}


def _modelled(
    metric: Metric, question: Query, parts: list[Columns], assumed: Assumed, *, whole: bool
) -> Columns:  # fmt: skip
    formula = metric.model
    assert formula is not None
    found = {}
    for column in parts[0]:
        terms = {term.name: part[column] for term, part in zip(formula.terms, parts, strict=True)}
        if formula.over_time:
            days = _days(question, column)
            terms[DAYS] = days.sum(keepdims=True) if whole else _fitted(days, len(parts[0][column]))
        found[column] = settled(formula.compute(terms, assumed))
    return found


def _days(question: Query, column: str) -> npt.NDArray[np.float64]:
    return window_days(question if column == "value" else comparison_query(question))


def _fitted(days: npt.NDArray[np.float64], length: int) -> npt.NDArray[np.float64]:
    """Windows pair in order; one without a partner is compared with nothing."""
    return np.concatenate([days[:length], np.full(max(0, length - len(days)), np.nan)])


def _divided(upper: Columns, lower: Columns) -> Columns:
    """No divisor, no value; nothing above the line is no zero."""
    return {
        column: np.divide(upper[column], divisor, out=np.full(len(divisor), np.nan), where=divisor != 0)
        for column, divisor in lower.items()
    }


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

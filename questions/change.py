"""What made a figure change against the time compared with: asked by each column that may tell, the most telling first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import isclose, isnan

import pandas as pd

from briefing.change import Change
from briefing.change_columns import HOUR, change_columns
from briefing.parts import Amount, Made, best, ratios, sums
from metricstore import nothing
from metricstore.evaluation import adds_up, evaluate, of_course, whole_and_course
from metricstore.foreseen import ask_ahead, of_values
from metricstore.framing import comparison_query
from metricstore.metrics import Measure, Metric
from metricstore.questions import questions
from metricstore.selection import Selection
from metricstore.store import Store
from metricstore.time_parts import HOURS
from metricstore.windows import Window

_AN_HOUR = Window(1, "h")
_LONGEST_BY_HOURS = timedelta(days=92)
"""Of longer ranges each question would be for thousands of windows."""


def change_of(
    store: Store, metric: Metric, selection: Selection, now: datetime, columns: Sequence[str] = ()
) -> Change:  # fmt: skip
    """Against what the selection compares with, else the same weekdays before. `columns`: only by these."""
    compared = replace(selection, compare=selection.compare or "weekdays")
    added = adds_up(metric, compared)  # then a tile adds up windows, and what they pair with is compared
    whole = of_course(metric, compared) if added else replace(compared, every="none")
    asked = [name for name in columns or change_columns(metric) if _open(selection, name)]
    named = [name for name in asked if name != HOUR]
    measures = [_counting(metric, measure) for measure in metric.measures]
    question = questions(metric, whole, now=now)[0]
    earlier = comparison_query(question)
    by_hour = HOUR in asked and question.stop - question.start <= _LONGEST_BY_HOURS
    hourly = [
        replace(whole, start=one.start.isoformat(), stop=one.stop.isoformat(), every="1h", compare=None)
        for one in (earlier, question)
        if by_hour
    ]
    ask_ahead(store, [partial(of_values, metric, whole, now=now),
                      *(partial(of_values, one, whole, (name,), now=now) for one in measures for name in named),
                      *(partial(of_values, one, each, now=now) for one in measures for each in hourly)])  # fmt: skip
    if added:
        after, before, before_why, course = whole_and_course(store, metric, compared, now)
        after_why = next(iter(course.kinds), "")
    else:
        row = evaluate(store, metric, whole, now=now).frame.iloc[0]
        before, after = float(row["comparison"]), float(row["value"])
        before_why, after_why = str(row[nothing.COMPARED]), str(row[nothing.COLUMN])
    told = Change(metric, whole, before, after, question.start, question.stop, earlier.start, earlier.stop)
    if isnan(before) or isnan(after):
        return replace(told, why=(after_why if isnan(after) else before_why) or nothing.NO_RECORDS)
    found = [made for name in named if (made := _made(store, metric, measures, whole, name, now)) is not None]
    hours = _by_hour(store, metric, measures, hourly, now) if by_hour else None
    if hours is not None and isclose(hours.before, before) and isclose(hours.after, after):
        found.append(hours)
    return replace(told, made=best(found), by=tuple(found))


def _open(selection: Selection, column: str) -> bool:
    """Whether more than one value of the column can be in the selection."""
    words = selection.where.get(column, ())
    return len(words) != 1 or words[0].startswith(("!", "~", ">=", "<="))


def _counting(metric: Metric, measure: Measure) -> Metric:
    """One part of the metric alone, in the unit it is stored in."""
    return replace(metric, measure=measure, per=None, bound=None, formula="", scale=1.0, needs=0)


def _made(
    store: Store, metric: Metric, measures: Sequence[Metric], whole: Selection, column: str, now: datetime
) -> Made | None:  # fmt: skip
    frames = [evaluate(store, one, whole, by=(column,), now=now).frame for one in measures]
    return _parts(metric, column, [_values(frame, column) for frame in frames])


def _by_hour(
    store: Store, metric: Metric, measures: Sequence[Metric], hourly: Sequence[Selection], now: datetime
) -> Made | None:  # fmt: skip
    """By the hour of the day on the selection's clock; None for who sees no hours but longer windows. `hourly`: before, after."""
    values = []
    for one in measures:
        answers = [evaluate(store, one, each, now=now) for each in hourly]
        if any(answer.every != _AN_HOUR for answer in answers):
            return None
        before, after = (_hours(answer.frame, answer.timezone) for answer in answers)
        values.append(
            {hour: found for hour, found in zip(HOURS, zip(before, after, strict=True), strict=True) if any(found)}
        )
    return _parts(metric, HOUR, values)


def _hours(frame: pd.DataFrame, timezone: str) -> list[float]:
    """What stands in each of the day's 24 hours."""
    sums = frame["value"].fillna(0.0).groupby(frame["time"].dt.tz_convert(timezone).dt.hour).sum()
    return [float(value) for value in sums.reindex(range(24), fill_value=0.0)]


def _parts(metric: Metric, column: str, values: Sequence[dict[str, tuple[float, float]]]) -> Made | None:
    """`values`: (before, after) by group, of each measure."""
    names = dict.fromkeys(name for each in values for name in each)
    if metric.per is None:
        scaled = {name: Amount(*(metric.scale * number for number in values[0][name])) for name in names}
        return sums(column, scaled)
    lacking = (0.0, 0.0)
    groups = {name: Amount(*values[0].get(name, lacking), *values[1].get(name, lacking)) for name in names}
    return ratios(column, groups, metric.scale)


def _values(frame: pd.DataFrame, column: str) -> dict[str, tuple[float, float]]:
    """(before, after) by group; a group that was not there counted nothing."""
    known = (
        frame.fillna({"value": 0.0, "comparison": 0.0})
        .groupby(column, sort=False, as_index=False)[["value", "comparison"]]
        .sum()
    )
    return {str(name): (float(before), float(after))
            for name, before, after in zip(known[column], known["comparison"], known["value"], strict=True)}  # fmt: skip

"""What made a figure change against the time compared with: asked by each column that may tell, the most telling first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import isclose, isnan
from typing import Any

import pandas as pd

from briefing.change import Change
from briefing.change_columns import HOUR, change_columns
from briefing.parts import Amount, Made, best, ratios, sums
from metricstore import nothing
from metricstore.evaluation import Answer, adds_up, of_course, plan_values, plan_whole_and_course
from metricstore.framing import comparison_query
from metricstore.metrics import Measure, Metric
from metricstore.plans import Plan, ask_together, joined, mapped
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
    makers: list[Callable[[], Plan[Any]]] = [
        partial(_plan_whole, metric, compared, whole, now, added=added),
        *(partial(_plan_by_column, metric, measures, whole, name, now) for name in named),
        *([partial(_plan_by_hour, metric, measures, hourly, now)] if by_hour else []),
    ]
    settle_whole, *settled = ask_together(store, makers)
    before, after, before_why, after_why = settle_whole()
    told = Change(metric, whole, before, after, question.start, question.stop, earlier.start, earlier.stop)
    if isnan(before) or isnan(after):
        return replace(told, why=(after_why if isnan(after) else before_why) or nothing.NO_RECORDS)
    columns_made: list[Made | None] = [settle() for settle in settled[: len(named)]]
    found = [made for made in columns_made if made is not None]
    hours: Made | None = settled[-1]() if by_hour else None
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


def _plan_whole(
    metric: Metric, compared: Selection, whole: Selection, now: datetime, *, added: bool
) -> Plan[tuple[float, float, str, str]]:
    """(before, after, why there is no number before, and after)."""
    if added:
        return mapped(plan_whole_and_course(metric, compared, now), lambda found: (
            found.before, found.value, found.before_why, next(iter(found.course.kinds), "")
        ))  # fmt: skip

    def of(answer: Answer) -> tuple[float, float, str, str]:
        row = answer.frame.iloc[0]
        return float(row["comparison"]), float(row["value"]), str(row[nothing.COMPARED]), str(row[nothing.COLUMN])

    return mapped(plan_values(metric, whole, now=now), of)


def _plan_by_column(
    metric: Metric, measures: Sequence[Metric], whole: Selection, column: str, now: datetime
) -> Plan[Made | None]:
    return joined(
        [plan_values(one, whole, by=(column,), now=now) for one in measures],
        lambda _, answers: _parts(metric, column, [_values(answer.frame, column) for answer in answers]),
    )


def _plan_by_hour(
    metric: Metric, measures: Sequence[Metric], hourly: Sequence[Selection], now: datetime
) -> Plan[Made | None]:
    """By the hour of the day on the selection's clock; None for who sees no hours but longer windows. `hourly`: before, after."""

    def settle(_: Store, answers: list[Answer]) -> Made | None:
        if any(answer.every != _AN_HOUR for answer in answers):
            return None
        hours = [_hours(answer.frame, answer.timezone) for answer in answers]
        values = [
            {hour: found for hour, found in zip(HOURS, zip(before, after, strict=True), strict=True) if any(found)}
            for before, after in zip(hours[::2], hours[1::2], strict=True)
        ]
        return _parts(metric, HOUR, values)

    return joined([plan_values(one, each, now=now) for one in measures for each in hourly], settle)


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

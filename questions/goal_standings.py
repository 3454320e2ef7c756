"""How goals stand: asked once, said in the briefing and on tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from briefing.days import LOOK_BACK, days_of
from briefing.standing import Standing, period_of, standing
from metricstore import nothing
from metricstore.evaluation import evaluate
from metricstore.foreseen import of_values
from metricstore.goal import Goal
from metricstore.metrics import Metric
from metricstore.query import Query
from metricstore.selection import Selection
from metricstore.store import Store

_NOW = timedelta(minutes=1)
"""A range that ends this close to now is one that ends now."""


def reaches_now(selection: Selection, now: datetime) -> bool:
    """Whether running periods concern whoever looks at the selection."""
    return selection.range(now)[1] >= now - _NOW


def concerning(goals: Sequence[Goal], metric: Metric, selection: Selection, now: datetime) -> list[Goal]:
    """Goals for just what the selection asks the metric."""
    return [one for one in fitting(goals, selection, now) if one.metric == metric.name]


def fitting(goals: Sequence[Goal], selection: Selection, now: datetime) -> list[Goal]:
    """Goals for just what is selected whose period has begun: `now` is rounded up, at midnight to the very start of one."""
    if not reaches_now(selection, now):
        return []
    return [one for one in goals if one.fits(selection) and period_of(one, now, selection.timezone)[0] < now]


def of_standing(goal: Goal, selection: Selection, now: datetime) -> list[Query]:
    """What `standing_of` asks."""
    found = of_values(goal.declared, _so_far(goal, selection), now=now)
    return found + (of_values(goal.declared, _before(goal, selection, now), now=now) if goal.grows else [])


def standing_of(store: Store, goal: Goal, selection: Selection, now: datetime) -> Standing:
    whole = evaluate(store, goal.declared, _so_far(goal, selection), now=now).frame.iloc[0]
    before = (
        days_of(evaluate(store, goal.declared, _before(goal, selection, now), now=now).frame, selection.timezone)
        if goal.grows
        else []
    )
    return standing(goal, float(whole["value"]), str(whole[nothing.COLUMN]), before, now, selection.timezone)


def _so_far(goal: Goal, selection: Selection) -> Selection:
    return replace(goal.under(selection), every="none")


def _before(goal: Goal, selection: Selection, now: datetime) -> Selection:
    start, _ = period_of(goal, now, selection.timezone)
    return replace(goal.under(selection), start=(start - LOOK_BACK).isoformat(), stop=start.isoformat())

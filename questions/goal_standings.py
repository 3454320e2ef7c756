"""How goals stand: asked once, said in the briefing and on tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import nan

from briefing.days import LOOK_BACK, days_of
from briefing.standing import Standing, period_of, standing
from metricstore import nothing
from metricstore.coverage import cut_off
from metricstore.evaluation import Answer, plan_values
from metricstore.goal import Goal
from metricstore.metrics import Metric
from metricstore.plans import Plan, joined
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


def plan_standing(goal: Goal, selection: Selection, now: datetime) -> Plan[Standing]:
    """What the running period has come to so far, and what the periods before had at this time."""
    so_far = plan_values(goal.declared, _so_far(goal, selection), now=now)
    before = [plan_values(goal.declared, _before(goal, selection, now), now=now)] if goal.grows else []

    def settle(store: Store, answers: list[Answer]) -> Standing:
        whole, *others = (answer.rows for answer in answers)
        days = days_of(others[0], selection.timezone) if others else []
        value, why = float(whole["value"][0]), str(whole[nothing.COLUMN][0])
        limit = cut_off(store, goal.declared.measurements)
        if limit is not None and period_of(goal, now, selection.timezone)[0] < limit:
            value, why = nan, nothing.NOT_COLLECTED  # what is left of the period says nothing of all of it
        return standing(goal, value, why, days, now, selection.timezone)

    return joined([so_far, *before], settle)


def _so_far(goal: Goal, selection: Selection) -> Selection:
    return replace(goal.under(selection), every="none")


def _before(goal: Goal, selection: Selection, now: datetime) -> Selection:
    start, _ = period_of(goal, now, selection.timezone)
    return replace(goal.under(selection), start=(start - LOOK_BACK).isoformat(), stop=start.isoformat())

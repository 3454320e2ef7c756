"""How a goal stands in its running period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan, nan
from typing import Literal

from briefing.days import Day, calendar_days, weights
from metricstore.goal import Goal
from metricstore.windows import zone

Verdict = Literal["met", "on pace", "behind", "far behind", "within", "fast", "over", "missed", "unknown"]
FAR = 0.8
"""Below this share of its pace a goal is far behind."""


@dataclass(frozen=True)
class Standing:
    """`value` is that of [start, now) so far, NaN with `why` where there is none."""

    goal: Goal
    value: float
    start: datetime
    stop: datetime
    pace: float = nan
    """What the period should have come to by now; NaN for shares and means, which have no pace."""
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        if isnan(self.value):
            return "unknown"
        if not self.goal.grows:
            return "met" if self.goal.met(self.value) else "missed"
        if self.goal.direction == "at most":
            return "over" if not self.goal.met(self.value) else "fast" if -self.behind >= self._least else "within"
        if self.goal.met(self.value):
            return "met"
        if self.behind < self._least:
            return "on pace"
        return "behind" if self.value >= FAR * self.pace else "far behind"

    @property
    def _least(self) -> float:
        """What is told of: less rounds to nothing."""
        return 0.5 / 10**self.goal.declared.decimals

    @property
    def behind(self) -> float:
        """How much is missing to the pace; negative: how far it is ahead."""
        return self.pace - self.value


def period_of(goal: Goal, now: datetime, timezone: str) -> tuple[datetime, datetime]:
    """[start, stop) of the goal's running period."""
    place = zone(timezone)
    start = goal.window.floor(now, place)
    return start, goal.window.next(start, place)


def standing(
    goal: Goal, value: float, why: str, before: Sequence[Day], now: datetime, timezone: str
) -> Standing:  # fmt: skip
    """`before`: days of the metric before the period began, for the weight of each weekday."""
    start, stop = period_of(goal, now, timezone)
    if not goal.grows:
        return Standing(goal, value, start, stop, why=why)
    weight = weights([day for day in before if day.closed <= start])
    days = calendar_days(start, stop, timezone)
    whole = sum(weight[day.weekday] for day in days)
    if not whole:  # nothing ever came on such days: all alike
        weight = (1.0,) * 7
        whole = float(len(days))
    passed = sum(weight[day.weekday] * day.part(start, now) for day in days)
    return Standing(goal, value, start, stop, goal.value * passed / whole if whole else nan, why)

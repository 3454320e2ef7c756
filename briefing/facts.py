"""What a briefing is made of: answers of declared metrics, judged, without words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import nan

import pandas as pd

from briefing.standing import Standing
from briefing.usual import Course
from metricstore import nothing
from metricstore.metrics import Metric
from metricstore.selection import Selection


@dataclass(frozen=True)
class Reason:
    """A value of the column that says why, and how many records have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Counted:
    """How many there are, and the largest groups of them; `total` is NaN with `why` where nobody knows."""

    metric: Metric
    total: float
    reasons: tuple[Reason, ...] = ()
    """The largest first; "" is what has no reason."""
    why: str = ""
    at_least: bool = False
    """Whether there may be more: some records could not be judged for sure."""

    @property
    def main(self) -> Reason | None:
        """The one that more than half of them share; of a single one, its own."""
        first = next(iter(self.reasons), None)
        return first if first is not None and first.value and first.count * 2 > self.total else None


@dataclass(frozen=True)
class Judged:
    """A total of the range beside what is usual."""

    metric: Metric
    course: Course


@dataclass(frozen=True)
class Facts:
    """`live`: whether the range reaches to now, so that goals and what is due concern its reader."""

    selection: Selection
    now: datetime
    live: bool
    made: Judged
    read: Judged
    failed: Counted
    unsent: Counted
    held_up: dict[str, Counted]
    """By state: `stuck` and `failed`."""
    textless: Counted | None = None
    standings: tuple[Standing, ...] = ()
    never: frozenset[str] = frozenset()
    """Measurements of which nothing was ever collected."""


def counted(metric: Metric, frame: pd.DataFrame, column: str) -> Counted:
    """From one value for each group over the whole range; `column` says why."""
    known = frame[frame["value"].notna()]
    whys = [str(why) for why in frame[nothing.COLUMN] if why]
    if known.empty and whys:
        return Counted(metric, nan, why=whys[0])
    by = known.groupby(column, sort=False)["value"].sum().sort_values(ascending=False, kind="stable")
    reasons = tuple(Reason(str(value), int(count)) for value, count in by.items() if count)
    return Counted(metric, float(known["value"].sum()), reasons)


MEASUREMENTS = ("generation", "social_post", "post", "post_journey", "post_performance", "engagement")
"""What a briefing is made of, beside goals."""


DUE_WITHIN = "+7d"
"""So far ahead the briefing looks for posts without text."""

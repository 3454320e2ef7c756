"""What a briefing is made of: answers of declared metrics, judged, without words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isnan, nan

from briefing.standing import Standing
from briefing.usual import Course
from metricstore import nothing
from metricstore.grid import Grid
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


def counted(metric: Metric, rows: Grid) -> Counted:
    """From one value for each group over the whole range; the last text of its label says why."""
    known = [
        (label[-1], value) for label, value in zip(rows.labels, rows["value"].tolist(), strict=True) if not isnan(value)
    ]
    whys = [why for why in rows[nothing.COLUMN].tolist() if why]
    if not known and whys:
        return Counted(metric, nan, why=whys[0])
    by: dict[str, float] = {}
    for reason, value in known:
        by[reason] = by.get(reason, 0.0) + value
    reasons = tuple(
        Reason(reason, int(count)) for reason, count in sorted(by.items(), key=lambda one: -one[1]) if count
    )
    return Counted(metric, sum(by.values()), reasons)


MEASUREMENTS = ("generation", "social_post", "post", "post_journey", "post_performance", "engagement")
"""What a briefing is made of, beside goals."""


DUE_WITHIN = "+7d"
"""So far ahead the briefing looks for posts without text."""

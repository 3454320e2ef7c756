"""Goals: what a metric should come to in a calendar period, for everything or under filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal, Protocol, get_args

from metricstore import vocabulary
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.metrics import Metric, metric
from metricstore.segment import Segment
from metricstore.selection import Selection, split_values
from metricstore.windows import Window

Direction = Literal["at least", "at most"]
Period = Literal["day", "week", "month", "quarter", "year"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
PERIODS: tuple[Period, ...] = get_args(Period)
_WINDOWS: dict[Period, Window] = {
    "day": Window(1, "d"), "week": Window(1, "w"), "month": Window(1, "mo"), "quarter": Window(1, "q"), "year": Window(1, "y"),
}  # fmt: skip
Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Goal:
    """`value` is in the metric's unit. `where` are filters as an address says them, sorted by column."""

    metric: str
    direction: Direction
    value: float
    period: Period
    where: Where = ()
    id: int = 0
    author: str = ""
    file: str = ""
    """The file it was read from; "" for one that was made in the application."""

    @property
    def declared(self) -> Metric:
        return metric(self.metric)

    @property
    def window(self) -> Window:
        return _WINDOWS[self.period]

    @property
    def grows(self) -> bool:
        """Whether the period's value grows with its days, so that there is a pace; shares and means have none."""
        return adds_up_over_time(self.declared)

    @property
    def mark(self) -> tuple[str, Direction, Period, Where]:
        """What no two goals share."""
        return self.metric, self.direction, self.period, self.where

    def met(self, value: float) -> bool:
        return value >= self.value if self.direction == "at least" else value <= self.value

    def fits(self, selection: Selection) -> bool:
        """Whether the selection asks the metric for just what the goal is set for."""
        known = self.declared.filterable
        asked = {column: sorted(words) for column, words in selection.where.items() if column in known}
        return asked == {column: sorted(words) for column, words in self.where}

    def under(self, selection: Selection) -> Selection:
        """The selection of the running period, in the zone of `selection`."""
        return Selection(self.period, "now", selection.timezone, "1d", where=dict(self.where), assume=selection.assume)


class Goals(Protocol):
    """Where goals are kept, for whoever judges by them or draws them."""

    def all(self) -> tuple[Goal, ...]: ...

    def revision(self) -> str:
        """Changes with every goal that is set or removed."""
        ...


def adds_up_over_time(declared: Metric) -> bool:
    """Whether the value of two days is the sum of both."""
    return declared.per is None and declared.model is None and declared.measure.aggregate in ("count", "sum")


def seen(found: Iterable[Goal], segments: Sequence[Segment]) -> tuple[Goal, ...]:
    """Those about no more than all `segments` let through. A segment that limits time lets none through: whoever sees
    a part of a period can't be told how the whole of it does."""
    if any(segment.start or segment.stop or segment.every for segment in segments):
        return ()
    return tuple(one for one in found if all(Segment(one.where).lies_within(segment) for segment in segments))


def checked(goal: Goal) -> Goal:
    """Itself with its filters as they are declared; InvalidQuestion or UnknownName says what is wrong."""
    declared = goal.declared
    if declared.model is not None:
        raise InvalidQuestion("metric", f"{declared.title} is worked out from other figures: set the goal for those")
    if not isfinite(goal.value) or goal.value < 0 or (goal.direction == "at least" and goal.value == 0):
        raise InvalidQuestion("value", "must be a number above 0")
    if declared.unit == "%" and goal.value > 100:
        raise InvalidQuestion("value", "a share is at most 100 %")
    where = []
    for column, words in sorted(goal.where):
        if column not in declared.filterable:
            raise UnknownName("filter", column, declared.filterable)
        known = vocabulary.canonical_words(column, words)
        for strange in vocabulary.undeclared(Selection(where={column: known})).get(column, ()):
            raise vocabulary.unknown_value(column, strange)
        where.append((column, known))
    return Goal(goal.metric, goal.direction, goal.value, goal.period, tuple(where), goal.id, goal.author, goal.file)


def where_of(filters: Mapping[str, str]) -> Where:
    """From filters as an address says them: `{"platform": "linkedin,twitter"}`."""
    found = {column: split_values(text) for column, text in filters.items()}
    for column, words in found.items():
        if not words:
            raise InvalidQuestion(column, "has no value")
    return tuple(sorted(found.items()))

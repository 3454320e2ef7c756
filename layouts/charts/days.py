"""The days of a calendar: where each stands in its grid, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil, isnan
from typing import Any

import pandas as pd

from layouts.charts.marks import Mark, custom_data
from layouts.charts.model import ChartData
from metricstore.evaluation import Answer
from metricstore.windows import Window, zone

ROOMY_WEEKS = 11
"""Up to how many weeks each has a row of its own: ten whole ones that need not begin on a Monday."""
_IN_A_ROW, _MOST_ROWS = 27, 4
"""Weeks beside each other in the compact calendar, half a year, as long as that gives no more rows of weeks than this."""
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Grid:
    """Days of whole weeks from `first`, a Monday; asked are [begin, end).

    `width` 0: a column for each weekday, a row for each week. Else a column for each of `width` weeks and a row for
    each weekday, under a row for the months' names, as often as it takes.
    """

    first: date
    begin: date
    end: date
    weeks: int
    width: int

    @property
    def columns(self) -> int:
        return self.width or 7

    @property
    def rows(self) -> int:
        return 8 * ceil(self.weeks / self.width) if self.width else self.weeks

    def place(self, day: date) -> tuple[int, int]:
        """(column, row) of a day's cell."""
        week, weekday = divmod((day - self.first).days, 7)
        if not self.width:
            return weekday, week
        return week % self.width, week // self.width * 8 + 1 + weekday

    def cells(self, empty: Any) -> list[list[Any]]:
        return [[empty] * self.columns for _ in range(self.rows)]

    def row_heads(self) -> dict[str, list[Any]]:
        """Tick values and texts of the rows: the weeks' numbers, or weekdays."""
        if not self.width:
            mondays = [self.first + timedelta(weeks=place) for place in range(self.weeks)]
            return {"tickvals": list(range(self.weeks)), "ticktext": [f"W{day.isocalendar().week}" for day in mondays]}
        some = {1: "Mon", 3: "Wed", 5: "Fri", 7: "Sun"}
        rows = [row for row in range(self.rows) if row % 8 in some]
        return {"tickvals": rows, "ticktext": [some[row % 8] for row in rows]}

    def told(self) -> dict[str, Any]:
        """What the browser needs to know which days a box is drawn over."""
        return {"first": self.first.isoformat(), "begin": self.begin.isoformat(), "end": self.end.isoformat(),
                "width": self.width}  # fmt: skip


def grid_of(answer: Answer) -> Grid:
    """The whole weeks around an answer's range, on the wall clock of its zone."""
    tz = zone(answer.timezone)
    begin = answer.start.astimezone(tz).date()
    end = (answer.stop - _TICK).astimezone(tz).date() + timedelta(days=1)
    first = begin - timedelta(days=begin.weekday())
    weeks = ceil((end - first).days / 7)
    if weeks <= ROOMY_WEEKS:
        return Grid(first, begin, end, weeks, 0)
    beneath = min(_MOST_ROWS, ceil(weeks / _IN_A_ROW))
    return Grid(first, begin, end, weeks, ceil(weeks / beneath))


@dataclass(frozen=True)
class Day:
    """`total` None: not collected. `states` and `groups` in the order they are told; `part` says so where only a part
    of the day lies in the range."""

    total: float | None
    mark: Mark
    states: dict[str, float] = field(default_factory=dict)
    groups: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    part: str = ""


def days_of(data: ChartData) -> dict[date, Day]:
    """Every day the main answer has a window of, in order."""
    answer = data.answer
    if answer.frame.empty:
        return {}
    frame = answer.frame.assign(day=_dates(answer))
    totals: dict[date, float] = frame.groupby("day")["value"].sum(min_count=1).sort_index().to_dict()  # type: ignore[assignment]
    opened = frame.drop_duplicates("day").set_index("day").sort_index()
    marks = dict(zip(opened.index, custom_data(answer, opened, ""), strict=True))
    states = {_state(other): _per_day(other) for other in data.also.values()}
    groups = _groups(frame, answer)
    notes = _notes(data)
    return {
        when: Day(
            None if isnan(total) else total, [None, *marks[when][1:]], _states(when, total, states),
            {name: counts.get(when, 0.0) for name, counts in groups.items()}, tuple(notes.get(when, ())),
            _part(when, marks[when], answer),
        )
        for when, total in totals.items()
    }  # fmt: skip


def _dates(answer: Answer) -> pd.Series:
    return answer.frame["time"].dt.tz_convert(answer.timezone).dt.date


def _per_day(answer: Answer) -> dict[date, float]:
    found: dict[date, float] = answer.frame["value"].fillna(0.0).groupby(_dates(answer)).sum().to_dict()  # type: ignore[assignment]
    return found


def _groups(frame: pd.DataFrame, answer: Answer) -> dict[str, dict[date, float]]:
    """Counts by day of each value of the first group column, the largest first."""
    if not answer.by:
        return {}
    column = answer.by[0]
    sizes = frame.groupby(column, sort=False)["value"].sum().sort_values(ascending=False, kind="stable")
    return {
        str(value): frame[frame[column] == value].groupby("day")["value"].sum().to_dict()
        for value in sizes.index
    }  # fmt: skip


def _state(answer: Answer) -> str:
    """The first of the states a metric counts, by which it is named and coloured."""
    chosen = next((one for one in answer.metric.measure.where if one.operator == "any"), None)
    return str(chosen.values[0]) if chosen is not None else answer.metric.title


def _states(when: date, total: float, states: dict[str, dict[date, float]]) -> dict[str, float]:
    """How many posts of a day are in each state; what is in none of those asked for is `other`."""
    found = {state: counts.get(when, 0.0) for state, counts in states.items()}
    rest = total - sum(found.values())
    return found | ({"other": rest} if rest > 0 else {})


def _notes(data: ChartData) -> dict[date, list[str]]:
    """What was written on each day of the range."""
    answer, tz, found = data.answer, zone(data.answer.timezone), dict[date, list[str]]()
    for one in data.annotations:
        if one.within(answer.start, answer.stop):
            last = (one.stop - _TICK) if one.stop is not None else one.start
            for day in _between(max(one.start, answer.start).astimezone(tz), min(last, answer.stop).astimezone(tz)):
                found.setdefault(day, []).append(one.text)
    return found


def _between(first: datetime, last: datetime) -> Iterable[date]:
    return (first.date() + timedelta(days=place) for place in range((last.date() - first.date()).days + 1))


def _part(when: date, mark: Mark, answer: Answer) -> str:
    """` from 21:25` or ` until 08:00` where the range begins or ends within the day."""
    tz, whole = zone(answer.timezone), Window(1, "d")
    opened, closed = (datetime.fromisoformat(str(moment)) for moment in mark[1:])
    begin = whole.floor(opened, tz)
    said = f" from {opened.astimezone(tz):%H:%M}" if opened.astimezone(UTC) > begin else ""
    return said + (f" until {closed.astimezone(tz):%H:%M}" if closed.astimezone(UTC) < whole.next(begin, tz) else "")

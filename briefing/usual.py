"""What a range of time usually brings: the median of the same weekdays before it, and their spread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isnan, nan, sqrt
from typing import Literal, NamedTuple

from alerting.bands import FEWEST, usual_of
from briefing.days import LOOK_BACK, Day

SPREADS = 2.0
"""So many spreads away from the median, a value is unusual."""
Compared = Literal["more", "less", "usual", "unknown"]


class Course(NamedTuple):
    """A range's value and what is usual for it; NaN where nobody can say."""

    value: float
    low: float = nan
    high: float = nan
    why: str = ""
    """The kind of nothing, where the range has no value."""
    unknown_days: int = 0
    """Days of the range of which nothing is known: they are in neither number."""

    @property
    def compared(self) -> Compared:
        if self.value != self.value or self.low != self.low:
            return "unknown"
        return "more" if self.value > self.high else "less" if self.value < self.low else "usual"


def course(
    value: float, why: str, days: Sequence[Day], start: datetime, stop: datetime, *, counts: bool
) -> Course:  # fmt: skip
    """`value` is that of [start, stop), `days` reach from LOOK_BACK before it to its end. Each day of the range is judged by those
    of its weekday in the ten weeks before the range, of which six must be known; a day of which only a part lies in the range
    counts by that part. Spreads of days add up as their squares do."""
    inside = [day for day in days if day.closed > start and day.opened < stop]
    known = [day for day in inside if day.known]
    unknown = len(inside) - len(known)
    if isnan(value) or not known:
        return Course(nan, why=why or next((day.why for day in inside), ""))
    before = [one for one in days if one.known and start - LOOK_BACK <= one.opened and one.closed <= start]
    weekdays = {day.weekday: [one.value for one in before if one.weekday == day.weekday] for day in known}
    if any(len(values) < FEWEST for values in weekdays.values()):
        return Course(value, unknown_days=unknown)
    usual = {weekday: usual_of(values, counts=counts) for weekday, values in weekdays.items()}
    middle = squares = 0.0
    for day in known:
        part = day.part(start, stop)
        middle += usual[day.weekday][0] * part
        squares += usual[day.weekday][1] ** 2 * part
    reach = SPREADS * sqrt(squares)
    return Course(value, max(0.0, middle - reach), middle + reach, unknown_days=unknown)

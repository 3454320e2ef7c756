"""On which days points of a measurement have changed: what of an answer has to be asked anew.

A day is one of UTC, counted from 1970 by the stored times of points. `None` in place of days means that points of any
time may have changed.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from metricstore.dates import DAY
from metricstore.point import Point

Days = frozenset[int] | None
Stretches = tuple[tuple[int, int], ...]
"""Of time, [start, stop) in nanoseconds, ascending and apart from each other."""
MOST_DAYS = 1_000
"""A change of more days is one of everything, and so many are remembered of a measurement."""


def days_of_times(times: npt.NDArray[np.int64]) -> Days:
    """Of stored times in nanoseconds."""
    days = np.unique(times // DAY)
    return frozenset(days.tolist()) if len(days) <= MOST_DAYS else None


def days_of_points(points: Iterable[Point]) -> dict[str, Days]:
    """By measurement."""
    found: dict[str, set[int]] = {}
    for point in points:
        found.setdefault(point.measurement, set()).add(point.time // DAY)
    return {name: frozenset(days) if len(days) <= MOST_DAYS else None for name, days in found.items()}


def days_between(start: int, stop: int) -> Days:
    """Of stored times in [start, stop) nanoseconds."""
    first, last = start // DAY, (stop - 1) // DAY
    return frozenset(range(first, last + 1)) if last - first < MOST_DAYS else None


class ChangedDays:
    """The changes of a measurement, numbered, as far back as there is room for. Used by one thread at a time."""

    def __init__(self) -> None:
        self.number = 0
        """Of the last change."""
        self._oldest = 0
        """What has changed since an earlier number is not known any more."""
        self._last: dict[int, int] = {}
        """Number of the last change by day, in the order of changes."""

    def record(self, days: Days) -> int:
        """The change's number."""
        self.number += 1
        if days is None:
            self._last.clear()
            self._oldest = self.number
            return self.number
        for day in days:
            self._last.pop(day, None)
            self._last[day] = self.number
        while len(self._last) > MOST_DAYS:
            self._oldest = self._last.pop(next(iter(self._last)))
        return self.number

    def since(self, number: int) -> Stretches | None:
        """Where points may have changed since that change; None: anywhere."""
        if number < self._oldest:
            return None
        days = []
        for day, last in reversed(self._last.items()):
            if last <= number:
                break
            days.append(day)
        return _joined(sorted(days))


def _joined(days: list[int]) -> Stretches:
    found: list[tuple[int, int]] = []
    for day in days:
        start, stop = day * DAY, (day + 1) * DAY
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, stop))
    return tuple(found)

"""How a post's figures grew: of all readings the few that are kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metricstore.catalogue.performance import age_step

HOUR = 3_600
FIRST_DAY = 24 * HOUR
EARLIEST, LATEST = 18 * HOUR, 30 * HOUR
"""Of the readings in between the one nearest to 24 hours stands for the first day: sources are read at their own times."""
SETTLED = 7 * 24 * HOUR
"""Before that age nobody knows what part of its readers a post has had."""
TOLD = ("impressions", "reach", "reactions", "comments", "reposts", "clicks", "saves", "views")
_EXPOSURES = ("impressions", "views", "reach")
_INTERACTIONS = ("reactions", "comments", "reposts")
Figures = Mapping[str, int]
"""Those that are reported."""


def interactions(figures: Figures) -> int | None:
    """None where not even reactions are reported: a sum of the rest would say little."""
    return sum(figures.get(name, 0) for name in _INTERACTIONS) if "reactions" in figures else None


def exposed_by(figures: Figures) -> str | None:
    """The figure that a rate divides by."""
    return next((name for name in _EXPOSURES if name in figures), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A post's figures at `time` (nanoseconds), `age` seconds after it was sent."""

    time: int
    age: int | None
    figures: Figures


class Course:
    """All readings of a post from one source, in any order."""

    def __init__(self) -> None:
        self.readings = 0
        self.newest: Reading | None = None
        self.first_day: Reading | None = None
        """The one nearest to 24 hours."""
        self.steps: dict[str, Reading] = {}
        """Of each step of age the latest."""
        self._last: dict[str, tuple[int, int]] = {}
        """By figure when it was last reported, and what."""

    def add(self, one: Reading) -> None:
        """A reading without any figure tells nothing."""
        if not one.figures:
            return
        self.readings += 1
        for name, value in one.figures.items():
            self._last[name] = max(self._last.get(name, (one.time, value)), (one.time, value))
        if self.newest is None or one.time > self.newest.time:
            self.newest = one
        if one.age is None:
            return
        if EARLIEST <= one.age <= LATEST and (self.first_day is None or _off(one) < _off(self.first_day)):
            self.first_day = one
        step = age_step(one.age / HOUR)
        if step not in self.steps or one.time > self.steps[step].time:
            self.steps[step] = one

    @property
    def figures(self) -> dict[str, int]:
        """Each as it was last reported."""
        return {name: self._last[name][1] for name in TOLD if name in self._last}


def _off(one: Reading) -> tuple[int, int]:
    """How far from 24 hours; of two as far the earlier."""
    return abs((one.age or 0) - FIRST_DAY), one.time

"""How a post's figures grew: of all readings the few that are kept. Pure."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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


def figures_of(values: Mapping[str, Any]) -> dict[str, int]:
    """What of a stored reading is kept."""
    return {name: int(values[name]) for name in TOLD if name in values}


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

    @property
    def packed(self) -> bytes:
        """A fifth of the memory: of a year's posts many ten thousand readings are kept at once."""
        told = sum(1 << place for place, name in enumerate(TOLD) if name in self.figures)
        return _PACKED.pack(
            self.time, _UNKNOWN if self.age is None else self.age, told, *(self.figures.get(name, 0) for name in TOLD)
        )

    @classmethod
    def unpacked(cls, packed: bytes) -> Reading:
        time, age, told, *values = _PACKED.unpack(packed)
        figures = {
            name: value for place, (name, value) in enumerate(zip(TOLD, values, strict=True)) if told >> place & 1
        }
        return cls(time, None if age == _UNKNOWN else age, figures)


class Course:
    """All readings of a post from one source, in any order."""

    __slots__ = ("_first_day", "_last", "_newest", "_steps", "_when", "readings")

    def __init__(self) -> None:
        self.readings = 0
        self._newest = self._first_day = b""
        self._steps: dict[str, bytes] = {}
        self._last = array("q", [0] * len(TOLD))
        self._when = array("q", [_UNKNOWN] * len(TOLD))

    def add(self, one: Reading) -> None:
        """A reading without any figure tells nothing."""
        if not one.figures:
            return
        self.readings += 1
        for place, name in enumerate(TOLD):
            if name in one.figures:
                before, now = (self._when[place], self._last[place]), (one.time, one.figures[name])
                self._when[place], self._last[place] = max(before, now)
        packed = one.packed
        if not self._newest or one.time > _time(self._newest):
            self._newest = packed
        if one.age is None:
            return
        if EARLIEST <= one.age <= LATEST and (self.first_day is None or _off(one) < _off(self.first_day)):
            self._first_day = packed
        step = age_step(one.age / HOUR)
        if step not in self._steps or one.time > _time(self._steps[step]):
            self._steps[step] = packed

    @property
    def newest(self) -> Reading | None:
        return Reading.unpacked(self._newest) if self._newest else None

    @property
    def first_day(self) -> Reading | None:
        """The one nearest to 24 hours."""
        return Reading.unpacked(self._first_day) if self._first_day else None

    @property
    def steps(self) -> Iterator[tuple[str, Reading]]:
        """Of each step of age the latest."""
        return ((step, Reading.unpacked(packed)) for step, packed in self._steps.items())

    @property
    def figures(self) -> dict[str, int]:
        """Each as it was last reported."""
        return {name: self._last[place] for place, name in enumerate(TOLD) if self._when[place] != _UNKNOWN}


_PACKED = struct.Struct(f"<qqH{len(TOLD)}q")
_UNKNOWN = -(1 << 63)


def _time(packed: bytes) -> int:
    return int.from_bytes(packed[:8], "little", signed=True)


def _off(one: Reading) -> tuple[int, int]:
    """How far from 24 hours; of two as far the earlier."""
    return abs((one.age or 0) - FIRST_DAY), one.time

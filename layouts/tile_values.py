"""What a key figure's tile shows, without its look, and which figures a page has."""

from __future__ import annotations

import math
from dataclasses import dataclass

from briefing.standing import Standing
from layouts.charts.caveats import not_counted, unsure
from layouts.formats import measured
from layouts.pages import TILES
from metricstore.caveats import Bound
from metricstore.metrics import Metric, metric


@dataclass(frozen=True)
class Tile:
    """What a tile shows: `before` is NaN without a comparison, `course` the values of the windows."""

    metric: Metric
    value: float
    before: float
    course: tuple[float, ...]
    missing: str = ""
    """Why there isn't a number though one could be counted; such a 0 would be a guess."""
    left_out: str = ""
    """How many records stay out of the number, and why."""
    bound: Bound | None = None
    """Where the number is the least or the most it can be."""
    conflicts: int = 0
    """How many rows of a source are not counted, as they contradict others."""
    unfiltered: str = ""
    """Which filters of the page it can't follow, and why."""
    before_missing: str = ""
    """Why there is nothing to compare with, though it was asked for."""
    before_range: str = ""
    """The dates compared with, for people."""
    standing: Standing | None = None
    """How its goal stands, where one is set for just what is shown."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is said beside the number."""
        return tuple(filter(None, (unsure(self.bound), not_counted(self.conflicts), self.left_out, self.unfiltered)))

    def number(self) -> tuple[str, str]:
        """(`≤ 94.9`, unit); a dash for no number."""
        text, unit = measured(math.nan if self.missing else self.value, self.metric)
        return f"{self.bound.sign} {text}" if self.bound is not None else text, unit


def tiles_of(page: str) -> list[Metric]:
    return [metric(name) for name in TILES.get(page, ())]

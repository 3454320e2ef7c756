"""What every store that keeps rollups has: of which measurements it keeps them, and what looking after them finds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FEWEST_POINTS = 100_000
"""Of a measurement with fewer no rollups are kept: its points are read in milliseconds."""
FEWEST_IN_CELL = 8
"""Points in a cell, on average: with fewer a rollup is hardly smaller than what it is of."""
AGAIN = 1.5
"""A measurement that was not worth it is looked at again when it has grown to so many times its points."""
SAMPLED_HOURS = 24
"""Of each measurement, at a check."""


@dataclass(frozen=True)
class Checked:
    """How many hours were looked at, and by measurement those whose rollups were wrong."""

    hours: int
    wrong: Mapping[str, list[datetime]]
    waits: bool = False
    """Whether there are rollups of which none could be looked at, because all are still to be made."""


class Upkeep(Protocol):
    """Kept by whoever calls `work` now and then: nobody who asks waits for it."""

    def work(self) -> Iterator[None]:
        """Begin keeping rollups of measurements that have become large, and make dirty hours anew: those before and after the current
        one, which is not over yet. After each short step whoever calls may do something else. StoreError at the end, where it
        went wrong with some."""

    def check(self, chance: random.Random) -> Checked:
        """Look at some complete hours of each measurement whether their rollups say what their points say. Where one does not, all hours of
        the measurement are dirty from then on."""

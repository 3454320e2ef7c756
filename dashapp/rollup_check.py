"""Rollups are kept and checked by a collector like the others, so that what is wrong with them stands on Data health."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.base import FAILURES, Batch, Checkpoint, Problem
from metricstore.catalogue import measurement
from metricstore.quantities import quantity
from metricstore.store import Store, said_behind

if TYPE_CHECKING:
    from metricstore.rollups.upkeep import Upkeep

NAME = "rollups"
_SECONDS = 60.0
CHECK_SECONDS, _SOON = 3_600.0, 6
"""Between checks; the part of it after which the first comes, and the next where something was wrong."""
_LONGEST_PAUSE = 0.2


class RollupCheck:
    """Makes hours anew whose points have changed, and once an hour compares some with their points.

    As long as it works it leaves the store alone for half of the time. Of a store that keeps no rollups there is nothing to do.
    """

    name = NAME
    interval_seconds = _SECONDS
    rereads = False

    def __init__(self) -> None:
        self._next_check = time.monotonic() + CHECK_SECONDS / _SOON  # not while everything else begins
        self._chance = random.Random()  # noqa: S311

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        rollups: Upkeep | None = said_behind(store, "rollups", default=None)
        if rollups is None:
            return
        began = time.monotonic()
        for _ in rollups.work():
            time.sleep(min(time.monotonic() - began, _LONGEST_PAUSE))
            yield Batch(checkpoint, bookkeeping=True)  # here a run can be stopped
            began = time.monotonic()
        if time.monotonic() >= self._next_check:
            found = rollups.check(self._chance)
            self._next_check = time.monotonic() + CHECK_SECONDS / (_SOON if found.wrong or found.waits else 1)
            if found.waits and not found.wrong:
                return  # nothing is known yet of hours that were wrong
            # a failure until a check finds nothing wrong: figures may have been
            failures = [_sentence(name, hours) for name, hours in found.wrong.items()]
            yield Batch({FAILURES: failures} if failures else {}, records=found.hours)


def _sentence(name: str, hours: list[datetime]) -> str:
    which = ", ".join(f"{hour:%Y-%m-%d %H:00}" for hour in hours[:3])
    more = f" and {quantity(len(hours) - 3, 'more hours')}" if len(hours) > 3 else ""
    return (f"The rollups of {measurement(name).title} differed from their points ({which}{more}, UTC): all of them are made anew, and until "
            "then the points themselves are read.")  # fmt: skip

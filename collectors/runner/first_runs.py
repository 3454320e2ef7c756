"""In which order collectors run for the first time after a start."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from collectors.runner.report import Reason
from collectors.runner.schedule import FOLLOWS
from collectors.runner.slots import Slot

_PATIENCE_SECONDS = 20.0
"""After that nobody waits any more: a collector may hang, or read a log of gigabytes."""


class FirstRuns:
    """Files are read one after the other, and what puts others' points together waits until all of them are there.

    All at once would need the memory of all of them, and would put together again and again what is only half there.
    Safe to use from several threads.
    """

    def __init__(self, slots: Mapping[str, Slot]) -> None:
        self._slots = slots
        self._files = frozenset(name for name, slot in slots.items() if slot.collector.watched())
        self._mutex = threading.Lock()
        self._until = float("-inf")

    def start(self) -> None:
        self._until = time.monotonic() + _PATIENCE_SECONDS
        for slot in self._slots.values():
            slot.wake()  # what failed before another machine took over was planned again there, not here

    def begin(self, name: str, reason: Reason) -> bool | None:
        """As `Slot.begin`; None when it is not yet this collector's turn."""
        with self._mutex:
            slot = self._slots[name]
            if time.monotonic() < self._until and not slot.ran and self._waits(name):
                return None
            return slot.begin(reason)

    def _waits(self, name: str) -> bool:
        if name in FOLLOWS:
            return not all(self._slots[one].ran for one in {*FOLLOWS[name], *self._files} if one in self._slots)
        others = (self._slots[one] for one in self._files if one != name)
        return name in self._files and any(one.running and not one.ran for one in others)

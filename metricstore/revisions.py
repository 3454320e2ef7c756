"""Revisions of measurements that every process sharing a store sees.

Whoever writes or deletes tells so in the store itself when that is done. It is read at most once in SECONDS, so another
process's change is seen that much later; one's own is seen at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from metricstore.errors import StoreUnreachable

SECONDS = 1.0


class Revisions:
    """Safe to use from several threads. `read` gives the revisions by measurement, `tell` says that some have changed."""

    def __init__(self, read: Callable[[], dict[str, str]], tell: Callable[[Sequence[str]], None]) -> None:
        self._read = read
        self._tell = tell
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        """Held while the store is asked, for as long as that takes."""
        self._known: dict[str, str] = {}
        self._read_at = float("-inf")
        self._changes = 0
        self._failure: tuple[float, str] | None = None

    def at_hand(self, measurement: str) -> str | None:
        """The revision as it was read within the last SECONDS; None when it has to be read."""
        with self._lock:
            fresh = time.monotonic() - self._read_at < SECONDS
            return self._known.get(measurement, "0") if fresh else None

    def of(self, measurement: str) -> str:
        asked = time.monotonic()
        if (known := self.at_hand(measurement)) is not None:
            return known
        with self._reading:
            if self._failure is not None and self._failure[0] >= asked - SECONDS:
                # It failed just now, or while this one waited: to try again in turn would add up everybody's time-outs.
                raise StoreUnreachable(self._failure[1])
            if (known := self.at_hand(measurement)) is not None:
                return known
            return self._read_anew().get(measurement, "0")

    def changed(self, measurements: Iterable[str]) -> None:
        """Tell everyone. Only after the change: who reads the new revision must also find the new points."""
        told = sorted(set(measurements))
        if told:
            self._tell(told)
            with self._lock:
                self._read_at = float("-inf")
                self._changes += 1

    def _read_anew(self) -> dict[str, str]:
        changes = self._changes
        try:
            found = self._read()
        except StoreUnreachable as error:
            self._failure = (time.monotonic(), str(error))
            raise
        with self._lock:
            self._known = found
            if changes == self._changes:  # else it may be older than a change of our own
                self._read_at = time.monotonic()
        return found

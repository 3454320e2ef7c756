"""Revisions of measurements that every process sharing the bucket sees.

Whoever writes or deletes adds, when that is done, a line to the measurement `store_revision`. It is read at
most once in SECONDS, so another process's change is seen that much later; one's own is seen at once.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable

from metricstore.errors import StoreUnreachable
from metricstore.influx import flux
from metricstore.influx.answers import blocks

SECONDS = 1.0
NAME = "store_revision"
_HOUR = 3_600_000_000_000
# A line is overwritten for an hour, so that few are kept. Clocks of several machines may differ about which hour
# it is: besides the latest line all of the last hours count.
_SCRIPT = f"""
rows = (start) => from(bucket: bucket) |> range(start: start, stop: 1d)
  |> filter(fn: (r) => r._measurement == {flux.text(NAME)} and r._field == {flux.text("id")})
rows(start: -3650d) |> last() |> group() |> keep(columns: ["_time", "_value", "name"]) |> yield(name: "latest")
rows(start: -2h) |> group() |> sort(columns: ["_time"]) |> keep(columns: ["_time", "_value", "name"]) |> yield(name: "near")
"""

PING = f"""from(bucket: bucket) |> range(start: -1m)
  |> filter(fn: (r) => r._measurement == {flux.text(NAME)}) |> limit(n: 1)"""
"""A question that costs the server next to nothing, and that needs its bucket and the right to read it."""


class Revisions:
    """Safe to use from several threads. `ask` runs a script and returns its annotated answer."""

    def __init__(self, ask: Callable[[str], bytes], write: Callable[[bytes], None]) -> None:
        self._ask = ask
        self._write = write
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
        moment = time.time_ns() // _HOUR * _HOUR
        told = [f'{NAME},name={name} id="{uuid.uuid4().hex[:16]}" {moment}' for name in sorted(set(measurements))]
        if told:
            self._write("\n".join(told).encode())
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

    def _read(self) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for block in blocks(self._ask(_SCRIPT)):
            for name, revision in zip(block.column("name"), block.column("_value"), strict=True):
                found.setdefault(name, []).append(revision)
        return {name: "-".join(dict.fromkeys(revisions)) for name, revisions in found.items()}

"""Reading a stretch of the past again: by windows from services, by reading over from files. Resumable.

How far it got is kept beside the checkpoints under the collector's name with `backfill-` before it. After a kill the
same command goes on where it was; identity makes whatever is read twice overwrite itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Protocol, runtime_checkable

from collectors.base import Batch, Checkpoint, Collector, Problem, Progress
from collectors.runner.checkpoints import Checkpoints
from metricstore.store import Store

_DAY = 86_400
PORTION_SECONDS = 7 * _DAY


@runtime_checkable
class Backfilling(Protocol):
    """A collector that asks a service for any range."""

    def backfill(self, start: float, stop: float, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """All of [start, stop), seconds since the epoch."""


@dataclass(frozen=True)
class Span:
    """What is read again: [start, stop)."""

    start: datetime
    stop: datetime


class Marks:
    """How far the backfill of one collector got; a finished one leaves nothing behind."""

    def __init__(self, checkpoints: Checkpoints, name: str) -> None:
        self._checkpoints, self._name = checkpoints, f"backfill-{name}"

    def done(self, span: Span) -> float | None:
        """Up to when (seconds) an earlier try has read, from the span's start on; None when there was none."""
        start, _, done = self._kept()
        return done if start <= span.start.timestamp() <= done else None

    def begun(self, span: Span) -> bool:
        """Whether an earlier try has begun to store all of `span`."""
        start, stop, _ = self._kept()
        return start <= span.start.timestamp() and span.stop.timestamp() <= stop

    def keep(self, span: Span, done: float) -> None:
        """All of `span` before `done` is stored."""
        start, stop = span.start.timestamp(), span.stop.timestamp()
        before = self._kept()
        if before[0] <= start <= before[2]:
            start = before[0]
        self._checkpoints.save(self._name, {"start": start, "stop": stop, "done": done})

    def drop(self) -> None:
        self._checkpoints.drop(self._name)

    def _kept(self) -> tuple[float, float, float]:
        mark = self._checkpoints.load(self._name)
        try:
            return float(mark["start"]), float(mark["stop"]), float(mark["done"])
        except (KeyError, TypeError, ValueError):
            return inf, -inf, -inf


class Past:
    """A service's collector that reads `span` instead of what is new. `marks` say where it goes on."""

    interval_seconds = 0.0

    def __init__(self, collector: Collector, span: Span, marks: Marks) -> None:
        assert isinstance(collector, Backfilling)
        self.name = collector.name
        self._collector, self._span, self._marks = collector, span, marks

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Window after window, oldest first; a window counts when all of it is stored."""
        begin, end = self._span.start.timestamp(), self._span.stop.timestamp()
        at = max(begin, self._marks.done(self._span) or begin)
        while at < end:
            until = min(at + PORTION_SECONDS, end)
            place = Progress(round(at - begin), round(end - begin))
            for batch in self._collector.backfill(at, until, checkpoint, store):
                checkpoint = batch.checkpoint
                yield replace(batch, progress=place)
            # a batch is asked for when the one before is stored: so all of the window is
            self._marks.keep(self._span, until)
            at = until
            yield Batch(checkpoint, progress=Progress(round(at - begin), round(end - begin)))

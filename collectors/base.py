"""What a collector is. Reading is here and in `source.py`; parsing is pure and lives in each collector's `parse.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from metricstore.point import Point
from metricstore.store import Store

Checkpoint = Mapping[str, Any]
"""JSON-serialisable; empty before the first run."""

ASKED = "asked"
"""Where a checkpoint keeps what a service was asked and how it refused (collectors/http)."""

WARNINGS = "warnings"
"""Where a checkpoint keeps what is wrong with the source as it is now, though the run went well: a list of sentences.

A source that has bytes but yields nothing, or far less than it has, is worth one: which file, the first line that was
not understood, and what would have been. A sentence stays in the checkpoint until it no longer holds."""

FAILURES = "failures"
"""Where a checkpoint keeps why its runs count as failed though everything else in the source was read and stored: a list of
sentences, each with a file and a line. It stays until it no longer holds."""


def warnings_in(checkpoint: Checkpoint) -> tuple[str, ...]:
    """The sentences a checkpoint keeps under `WARNINGS`; none when there are none or they cannot be used."""
    return _sentences(checkpoint, WARNINGS)


def failures_in(checkpoint: Checkpoint) -> tuple[str, ...]:
    """The same of `FAILURES`."""
    return _sentences(checkpoint, FAILURES)


def _sentences(checkpoint: Checkpoint, place: str) -> tuple[str, ...]:
    kept = checkpoint.get(place)
    return tuple(text for text in kept if isinstance(text, str)) if isinstance(kept, list) else ()


@dataclass(frozen=True)
class DeadLetter:
    """A record that could not be used. `time` is nanoseconds, derived from the record so that it is counted once."""

    file: str
    line: int
    reason: str
    excerpt: str
    time: int


@dataclass(frozen=True)
class Progress:
    """How far a run is, in bytes of its sources."""

    done: int
    total: int


@dataclass(frozen=True)
class Expiry:
    """Points of a measurement that are dated before a moment and are to be deleted because of that; for how many days they are kept."""

    measurement: str
    before: datetime
    days: int


@dataclass(frozen=True)
class Batch:
    """What is stored together. `checkpoint` becomes true only after the store has acknowledged the points.

    Everything in it must be derivable again from the previous checkpoint: after a crash the same batch
    (or a longer one) is produced again and overwrites itself.
    """

    checkpoint: Checkpoint
    points: list[Point] = field(default_factory=list)
    deleted: list[Point] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    records: int = 0
    bytes: int = 0
    progress: Progress | None = None
    everything: bool = False
    """Whether it is stored in whole even by a run that is limited to a part of the past."""
    bookkeeping: bool = False
    """Only remembers something: no reason to hope when it is followed by a failure."""
    expiries: tuple[Expiry, ...] = ()
    """Carried out a stretch at a time, before the checkpoint becomes true."""


@dataclass(frozen=True)
class Problem:
    """Something `doctor` should say: what is wrong and how to mend it."""

    text: str
    hint: str
    fatal: bool = False


class TemporaryFailure(Exception):
    """Worth another try, after `retry_after` seconds when the source said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Refused(Exception):
    """No sense in trying again until something is changed. `hint` says what; a look after `retry_after` seconds is enough."""

    def __init__(self, reason: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.hint = hint
        self.retry_after = retry_after


class Collector(Protocol):
    """Never sees the scheduler, Dash or the database client.

    One whose batches depend on its source alone, never on the store, may say `works_ahead = True`: its next batch is
    then made while the last is stored. One that has nothing to read again says `rereads = False`: what it remembers stays
    when all is read again.
    """

    name: str
    interval_seconds: float
    """How often it runs when nothing wakes it earlier."""

    def validate(self) -> list[Problem]:
        """Check settings and files without side effects; nothing to collect from is no problem."""

    def watched(self) -> list[Path]:
        """Files and folders whose change should wake it; they need not exist."""

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Yield what is new since `checkpoint`, in batches of a few thousand points.

        `store` is for reading only (what is known of a post, say). Memory stays bounded however large the source.
        """

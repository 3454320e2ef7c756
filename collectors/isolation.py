"""One bad record costs itself alone: whatever it holds, it becomes a dead letter and the next one is read.

Every collector puts the handling of one record (one line, one item, one row, one entry of an answer) into `isolated`.
Failures that are not the record's (the store's, the service's, the machine's) pass through.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from collectors.base import DeadLetter, Refused, TemporaryFailure
from collectors.redaction import redact
from metricstore.errors import StoreError

NOT_THE_RECORD = (StoreError, TemporaryFailure, Refused, OSError, MemoryError)
"""Failures that say nothing about the record at hand: they end the run, which is tried again."""

EXCERPT_CHARACTERS = 500


@dataclass(frozen=True)
class Place:
    """Where a record stands. `time` (nanoseconds) is the record's own, or derived from it, so that it is counted once."""

    file: str
    line: int
    time: int
    text: str = field(default="", repr=False)
    """The record as it stands in its source; only the beginning is kept, without secrets."""


def reason_of(failure: Exception) -> str:
    """Why a record could not be used, in one sentence for people."""
    if isinstance(failure, RecursionError):
        return "nested too deeply to be read"
    return f"could not be read ({type(failure).__name__}: {failure})"[:EXCERPT_CHARACTERS]


def dead_letter(place: Place, failure: Exception) -> DeadLetter:
    """The record at `place`, set aside because handling it raised `failure`."""
    return DeadLetter(
        place.file, place.line, redact(reason_of(failure)), redact(place.text[:EXCERPT_CHARACTERS]), place.time
    )


def shown(record: object) -> str:
    """A record as text whatever it holds: what its dead letter is known again by."""
    try:
        return repr(record)
    except Exception:
        return f"{type(record).__name__} that can't be shown"


@contextmanager
def isolated(letters: list[DeadLetter], place: Place) -> Iterator[None]:
    """Handle one record; when that raises, it is added to `letters` and the caller goes on with the next.

    What the block had changed outside itself before it raised stays: gather into locals, hand over at its end.
    """
    try:
        yield
    except NOT_THE_RECORD:
        raise
    except Exception as failure:
        letters.append(dead_letter(place, failure))

"""Dead letters of files that are read again and again: each bad part is set aside once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from collectors.base import DeadLetter
from collectors.local_time import SECOND
from collectors.reading import Stamp, digits, short_hash


class Bad(Protocol):
    """A part that can't be used: where, why, and its text."""

    @property
    def line(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def excerpt(self) -> str: ...


def fresh_letters(
    name: str, stamp: Stamp, rejected: Iterable[Bad], kept: Mapping[str, int]
) -> tuple[list[DeadLetter], dict[str, int]]:
    """Letters for parts of file `name` that are not in `kept`, and what to keep for the next time.

    A letter's time is the file's when it was first seen bad, its digits name the part.
    """
    letters: list[DeadLetter] = []
    known: dict[str, int] = {}
    for bad in rejected:
        identity = letter_identity(bad.reason, bad.excerpt)
        if identity in known:
            continue
        time = kept.get(identity)
        if time is None:
            time = stamp.mtime_ns - stamp.mtime_ns % SECOND + digits(f"{name} {identity}", SECOND)
            letters.append(DeadLetter(name, bad.line, bad.reason, bad.excerpt, time))
        known[identity] = time
    return letters, known


def letter_identity(reason: str, excerpt: str) -> str:
    """What makes two bad parts of a file the same."""
    return short_hash(f"{reason}\n{excerpt}")

"""The entries of a service's answer, each handled by itself: a bad one becomes a dead letter, the others are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from collectors.base import DeadLetter
from collectors.isolation import Place, isolated, shown
from collectors.reading import digits

_SECOND = 1_000_000_000
_DAY = 86_400
Made = TypeVar("Made")


def each(
    source: str, kind: str, entries: Iterable[Any], now: float, make: Callable[[Any], Made]
) -> tuple[list[Made], list[DeadLetter]]:
    """What `make` gives for each entry, and a dead letter for each that it can't use.

    `make` raises ValueError with a sentence for an entry that isn't what it should be. The same entry is the same letter all
    day (of `now`, seconds). An entry's texts are never shown, only the names of its fields.
    """
    made: list[Made] = []
    letters: list[DeadLetter] = []
    for entry in entries:
        names = ", ".join(sorted(map(str, entry))) if isinstance(entry, dict) else type(entry).__name__
        bad: list[DeadLetter] = []
        with isolated(bad, Place(source, 0, 0, f"{kind} with {names}")):
            try:
                made.append(make(entry))
            except ValueError as error:
                bad.append(DeadLetter(source, 0, str(error)[:500], f"{kind} with {names}"[:500], 0))
        for letter in bad:
            time = int(now) // _DAY * _DAY * _SECOND + digits(f"{letter.reason} {shown(entry)}", _SECOND)
            letters.append(replace(letter, time=time))
    return made, letters

"""Records that stand in the log again, as a block behind itself: a handler that writes at exit what it held back,
`cat run.log >> app.log`. Pure.

That a record equals an earlier one says nothing. The sign is that time goes back and then one record after the other, in
order, is one that the log holds already, with the same millisecond. Of such a block each record counts once. A block that
stands there a third time is not taken for a copy: such times are made up, and each record counts.

Of the latest records a checksum of text and time is kept. What may be a copy is held until its end shows what it is.
"""

from __future__ import annotations

import base64
import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

from collectors.app_log.doubles import COARSE_STRETCH, REACH, digest_of, long_enough
from collectors.app_log.raw import Raw

KEPT = 20_000
"""So many of the latest records are known again."""
_WIDTH = 4
"""Bytes of a checksum."""
_32_BITS = 0xFFFF_FFFF
_MADE_UP = -1
_HELD_CHARACTERS = 32 << 20
"""A block with more is taken for a copy before its end."""


class Repeats:
    """Give it whole records in file order; it gives back those that are no such copies, in the same order."""

    def __init__(
        self, known: Iterable[int] = (), last: int = -1, begin: int = -1, end: int = 0, state: int = 0
    ) -> None:
        self.known = array("I", known)
        """Checksums of the latest records, without copies."""
        self.last = last
        """UTC milliseconds of the record before."""
        self.begin, self._end = begin, end
        """Which of the known ones the next record of a block may equal; -1 outside of blocks."""
        self._state = state
        """Behind a block that was a copy, so many records that were none; `_MADE_UP` where blocks stand there over and over."""
        self._first, self._before = 0, last
        """What the first record that is held equals; `last` as it was before it."""
        self._held: list[tuple[Raw, int]] = []
        """Records of a block, with their times."""
        self._size = 0
        self._texts: list[tuple[int, bool]] = []
        """Of what is held one of each text and as many more as it takes to know that it is no chance."""
        self._long = False
        """Whether it is known."""
        self.dropped: list[Raw] = []
        """Copies that do not count; whoever asks takes them out."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Repeats:
        return cls(array("I", base64.b64decode(data["known"])), *data["at"]) if data else cls()

    def to_json(self, without: int = 0) -> Mapping[str, Any]:
        """As things stood before the first record that is held, and before the `without` last ones that were given back."""
        if self.begin < 0:
            self._forget()
        size = len(self.known) - without
        first = max(0, size - KEPT)
        at = [self.last, max(0, self.begin - first), max(0, self._end - first), self._state]
        if self._held or self.begin < 0:
            at = [self._before if self._held else self.last, -1, 0, 0]
        return {"known": base64.b64encode(self.known[first:size].tobytes()).decode(), "at": at}

    def copy(self) -> Repeats:
        """To look ahead with. What is held is held by it too."""
        twin = Repeats(self.known, self.last, self.begin, self._end, self._state)
        twin._first, twin._before, twin._held = self._first, self._before, list(self._held)
        twin._size, twin._texts, twin._long = self._size, list(self._texts), self._long
        return twin

    @property
    def first_held(self) -> Raw | None:
        return self._held[0][0] if self._held else None

    def sort(self, raw: Raw) -> list[Raw]:
        """Those that are certainly no copies, now that this one is there."""
        before, now = self.last, raw.moments[0] + raw.millisecond if raw.moments is not None else self.last
        self.last = now
        at = self._find(raw, now, self.begin) if self.begin >= 0 and self._state != _MADE_UP else -1
        passed: list[Raw] = []
        if at < 0 and (now < before or self._state == _MADE_UP):
            again = self._find(raw, now, 0)
            if self._held and self._long and again > self._first:
                at = again  # a little out of order
            elif again >= 0 and (self._state == _MADE_UP or (self._held and self._long)):
                passed, self._state, self.begin = self._release(), _MADE_UP, 0
            elif self._state != _MADE_UP:
                passed, at = self.rest(), self._start(raw, now, before)
        if at >= 0:
            self._take(raw, now, at)
            return passed
        return [*passed, *self._no_copy(raw, now)]

    def rest(self) -> list[Raw]:
        """Nothing follows: what is held is a copy if it is long enough."""
        if self._long:
            self._drop()
        self.begin, self._state = -1, 0
        return self._release()

    def _start(self, raw: Raw, now: int, before: int) -> int:
        """The first record of what may be a block: which one it equals."""
        self._forget()
        self._end, self._before, self._state = len(self.known), before, 0
        self._first = self._find(raw, now, 0)
        return self._first

    def _take(self, raw: Raw, now: int, at: int) -> None:
        """A record that stands in the log already."""
        behind = self.begin >= 0 and not self._held
        self.begin, self._state = at + 1, 0
        if behind:
            self.dropped.append(raw)
            return
        self._held.append((raw, now))
        self._size += raw.size
        sign = (digest_of(raw.lines[0]), raw.millisecond > 0)
        if not self._long and (sign not in self._texts or len(self._texts) < COARSE_STRETCH):
            self._texts.append(sign)
            self._long = long_enough(self._texts)
        if self._size > _HELD_CHARACTERS:
            self._drop()

    def _no_copy(self, raw: Raw, now: int) -> list[Raw]:
        passed: list[Raw] = []
        if self._held and not self._long:
            passed = self.rest()
        elif self._state == _MADE_UP:
            if self._find(raw, now, 0) < 0:
                self.begin, self._state = -1, 0
        elif self.begin >= 0:
            self._drop()
            self._state += 1
            if self._state > REACH:
                self.begin, self._state = -1, 0
        self.known.append(checksum(raw, now))
        return [*passed, raw]

    def _drop(self) -> None:
        self.dropped += [raw for raw, _ in self._held]
        self._held, self._texts, self._size, self._long = [], [], 0, False

    def _release(self) -> list[Raw]:
        held, self._held, self._texts, self._size, self._long = self._held, [], [], 0, False
        self.known.extend(checksum(raw, now) for raw, now in held)
        return [raw for raw, _ in held]

    def _find(self, raw: Raw, now: int, begin: int) -> int:
        """Which of the known ones from `begin` on it equals; -1 where none."""
        if not raw.headed or (raw.moments is not None and raw.moments[0] != raw.moments[1] and not raw.millisecond):
            return -1  # in the hour that comes twice what happens once a minute has the same time again
        wanted, known = checksum(raw, now).to_bytes(_WIDTH, sys.byteorder), self.known[begin : self._end].tobytes()
        at = known.find(wanted)
        while at % _WIDTH and at >= 0:
            at = known.find(wanted, at + 1)
        return -1 if at < 0 else begin + at // _WIDTH

    def _forget(self) -> None:
        """Those that are too old, outside of blocks."""
        if len(self.known) > KEPT:
            del self.known[:-KEPT]


def checksum(raw: Raw, now: int) -> int:
    """What a record is known again by."""
    line = raw.lines[0]
    try:
        text = line.encode()
    except UnicodeEncodeError:
        text = line.encode("utf-8", "surrogatepass")
    return zlib.crc32(text, now & _32_BITS)

"""Records that stand in the log again, as a block behind itself: a handler that writes at exit what it held back,
`cat run.log >> app.log`. Pure.

That a record equals an earlier one says nothing. The sign is that time goes back and then one record after the other, in
order, is one that the log holds already, with the same millisecond. Of such a block each record counts once. Where a block
begins a third time directly behind its copy, in the same file, it is not taken for one: such times are made up, and each
record counts.

Of the latest records a checksum of text and time is kept. What may be a copy is held until its end shows what it is.
"""

from __future__ import annotations

import base64
import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collectors.app_log.doubles import REACH, digest_of, long_enough
from collectors.app_log.raw import Raw

KEPT = 20_000
"""So many of the latest records are known again."""
COARSE_BLOCK = 50
"""So many records must be found directly one behind the other where the log has no milliseconds: programs that run side by
side and write what they buffered log the same texts in the same seconds."""
_CLOCK_SET_BACK = range(55 * 60_000, 60 * 60_000 + 1)
"""Milliseconds that time goes back where the clock shows an hour twice."""
_UNKNOWN = 1 << 53
"""As the time of the record before: whatever follows is earlier, and is looked for."""
_WIDTH = 4
"""Bytes of a checksum."""
_32_BITS = 0xFFFF_FFFF
_MADE_UP = -1
_HELD_CHARACTERS = 32 << 20
"""With more, whether a block is a copy is decided before its end."""


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

    def to_json(self, without: Sequence[Raw] = ()) -> Mapping[str, Any]:
        """As things stood before the first record that is held, and before those `without`: the last ones that were given back."""
        if self.begin < 0:
            self._forget()
        size = len(self.known) - (0 if self._state == _MADE_UP else len(without))  # those are none of the known ones
        first = max(0, size - KEPT)
        last, begin, end, state = self.last, self.begin, self._end, self._state
        if without and state == _MADE_UP:
            last = without[0].behind[0]
        elif without:
            last, begin, end, state = without[0].behind
        elif self._held:
            last, begin = self._before, -1
        at = [last, max(0, begin - first), max(0, end - first), state]
        if begin < 0 or begin > self.begin:  # outside of blocks, or that one is over meanwhile
            at = [last, -1, 0, 0]
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
        self.last, raw.behind = now, (before, -1 if self._held else self.begin, self._end, self._state)
        if self._state == _MADE_UP:
            if self._find(raw, now, 0) >= 0:
                return [raw]
            self.begin, self._state = -1, 0
        at = self._find(raw, now, self.begin) if self.begin >= 0 else -1
        if at < 0 and self._stands_beside(raw, now):
            return self._leave_out(raw, now, behind=not self._held)
        passed: list[Raw] = []
        if at < 0 and now < before:
            again = self._find(raw, now, 0) if self._long else -1
            if again > self._first:
                at = again  # a little out of order
            elif again >= 0:
                self.begin, self._state = 0, _MADE_UP
                return [*self._release(), raw]
            else:
                passed, at = self._over(), self._start(raw, now, before)
        return [*passed, *(self._take(raw, now, at) if at >= 0 else self._no_copy(raw, now))]

    def rest(self) -> list[Raw]:
        """Nothing follows in this file: what is held is a copy if it is long enough. The block may go on in the next file."""
        if self._long:
            self._drop()
        if not self._held:
            return []
        self.last = _UNKNOWN
        return self._over()

    def _over(self) -> list[Raw]:
        """The block ends: what is held is a copy if it is long enough."""
        if self._long:
            self._drop()
        self.begin, self._state = -1, 0
        self.known.extend(checksum(raw, now) for raw, now in self._held)
        return self._release()

    def _start(self, raw: Raw, now: int, before: int) -> int:
        """The first record of what may be a block: which one it equals."""
        self._forget()
        self._end, self._before, self._state = len(self.known), before, 0
        hour_again = not raw.millisecond and before - now in _CLOCK_SET_BACK
        self._first = -1 if hour_again else self._find(raw, now, 0)
        return self._first

    def _stands_beside(self, raw: Raw, now: int) -> bool:
        """Whether it is one of the block's latest records once more: two handlers wrote the copy."""
        latest = max(self._first, self.begin - REACH)
        return self.begin > 0 and self._find(raw, now, latest, self.begin) >= 0

    def _take(self, raw: Raw, now: int, at: int) -> list[Raw]:
        """A record that stands in the log already."""
        behind, gap = self.begin >= 0 and not self._held, at != self.begin or now > self._before
        self.begin, self._state = at + 1, 0
        if not behind and not self._long:
            self._weigh(raw, gap=gap)
        return self._leave_out(raw, now, behind=behind)

    def _leave_out(self, raw: Raw, now: int, *, behind: bool) -> list[Raw]:
        """A record of the block: dropped `behind` what shows that it is a copy, held before."""
        if behind:
            self.dropped.append(raw)
            return []
        self._held.append((raw, now))
        self._size += raw.size
        if self._size <= _HELD_CHARACTERS:
            return []
        if not self._long:
            return self._over()
        self._drop()
        return []

    def _weigh(self, raw: Raw, *, gap: bool) -> None:
        """Whether what is held is no chance any more; `gap`: it is no next one, or later than where time went back."""
        if gap:
            self._texts = [(text, exact) for text, exact in self._texts if exact]
        sign = (digest_of(raw.lines[0]), raw.millisecond > 0)
        if sign not in self._texts or len(self._texts) < COARSE_BLOCK:
            self._texts.append(sign)
            self._long = long_enough(self._texts, COARSE_BLOCK)

    def _no_copy(self, raw: Raw, now: int) -> list[Raw]:
        passed: list[Raw] = []
        if self._held and not self._long:
            passed = self._over()
        elif self.begin >= 0:
            self._drop()
            self._state += 1
            if self._state > REACH:
                self.begin, self._state = -1, 0
        self.known.append(checksum(raw, now))
        return [*passed, raw]

    def _drop(self) -> None:
        self.dropped += self._release()

    def _release(self) -> list[Raw]:
        held, self._held, self._texts, self._size, self._long = self._held, [], [], 0, False
        return [raw for raw, _ in held]

    def _find(self, raw: Raw, now: int, begin: int, end: int | None = None) -> int:
        """Which of the known ones from `begin` on it equals, before `end` or where the block began; -1 where none."""
        if not raw.headed or (raw.moments is not None and raw.moments[0] != raw.moments[1] and not raw.millisecond):
            return -1  # in the hour that comes twice what happens once a minute has the same time again
        wanted = checksum(raw, now).to_bytes(_WIDTH, sys.byteorder)
        known = self.known[begin : self._end if end is None else end].tobytes()
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

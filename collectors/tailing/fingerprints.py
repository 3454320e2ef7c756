"""By what a file is recognised after it was renamed, copied or compressed: digests of its content that go on growing.

A digest is of the bytes before a length, counted from behind the NUL bytes that a file may begin with. Of a log that was
read for a while there are about eight for each doubling of its length, and one of the last bytes that were seen: two files
that begin alike differ in a later one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WINDOW = 1024
"""Bytes a digest is of."""
DIGITS = 12
LASTING = 256 << 10
"""Compressed files are only read so far to be recognised."""


@dataclass(frozen=True)
class Fingerprint:
    """`lead`: NUL bytes at the beginning. `digests`: of the bytes before each length, by length, ascending."""

    lead: int
    digests: Mapping[int, str]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fingerprint:
        return cls(int(data["lead"]), {int(length): digest for length, digest in data["digests"].items()})

    def to_json(self) -> dict[str, Any]:
        return {"lead": self.lead, "digests": {str(length): digest for length, digest in self.digests.items()}}

    @property
    def size(self) -> int:
        """Bytes of content it speaks of, those at the beginning included."""
        return self.lead + max(self.digests, default=0)

    def lasting(self) -> Fingerprint:
        """With the few digests that a finished file needs."""
        early = [length for length in self.digests if WINDOW <= length <= LASTING and length & (length - 1) == 0]
        kept = {*early[:1], *early[-1:], *sorted(self.digests)[-1:]}
        return Fingerprint(self.lead, {length: digest for length, digest in self.digests.items() if length in kept})


def digest(window: bytes) -> str:
    return hashlib.sha256(window).hexdigest()[:DIGITS]


def lengths(begin: int, end: int) -> Iterator[int]:
    """Those at which digests are taken, above `begin` and up to `end`."""
    at = begin
    while True:
        step = max(256, 1 << max(0, at.bit_length() - 4))
        at = (at // step + 1) * step
        if at > end:
            return
        yield at


class Growing:
    """The fingerprint of what was read so far. Feed it all bytes, in order, from `offset` on.

    `before`: the bytes right before `offset`, at least `WINDOW` where there are so many.
    """

    def __init__(self, known: Fingerprint | None = None, offset: int = 0, before: bytes = b"") -> None:
        fresh = known is None or offset == 0
        self._lead: int | None = None if fresh or known is None else known.lead
        self._digests = {} if fresh or known is None else dict(known.digests)
        self._offset, self._tail = offset, before
        self._until = max(self._digests, default=0)

    def feed(self, chunk: bytes) -> None:
        if self._lead is None:
            text = chunk.lstrip(b"\0")
            self._offset += len(chunk) - len(text)
            if not text:
                return
            self._lead, self._tail, chunk = self._offset, b"", text
        data, begin = self._tail + chunk, self._offset - self._lead - len(self._tail)
        self._offset += len(chunk)
        end = self._offset - self._lead
        for length in lengths(max(self._until, begin + len(self._tail)), end):
            self._digests[length] = digest(data[max(0, length - begin - WINDOW) : length - begin])
        self._until = max(self._until, end)
        self._tail = data[-WINDOW:]

    def now(self) -> Fingerprint:
        """Ends with a digest of the last bytes fed."""
        if self._lead is None:
            return Fingerprint(self._offset, {})
        length = self._offset - self._lead
        known = {at: value for at, value in self._digests.items() if at >= length or at == next(lengths(at - 1, at), 0)}
        if length > max(known, default=0) and len(self._tail) >= min(WINDOW, length):
            known[length] = digest(self._tail)
        return Fingerprint(self._lead, known)

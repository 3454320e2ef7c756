"""What files contain, compared with each other and with what was read before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collectors.tailing.content import BLOCK_BYTES, Content, Damaged
from collectors.tailing.fingerprints import DIGITS, LASTING, WINDOW, Fingerprint, digest
from collectors.tailing.names import Copy

_COMPARED = 1 << 20
"""Files whose content is the same up to here are taken for the same."""


@dataclass(frozen=True)
class File:
    """A file of the log as it is now."""

    path: Path
    device: int
    inode: int
    size: int
    """Bytes on disk; of a compressed file not the bytes of its content."""
    modified_ns: int
    copy: Copy = field(default_factory=Copy)
    compressed: bool = False

    @property
    def modified(self) -> float:
        return self.modified_ns / 1e9

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Changes whenever the file does; a new name changes nothing."""
        return (self.device, self.inode, self.size, self.modified_ns)


def leading_nuls(file: File) -> int:
    """How many NUL bytes the content begins with."""
    with Content(file.path) as content:
        count = 0 if file.compressed else content.first_written()
        for chunk in _readable(content, count):
            text = chunk.lstrip(b"\0")
            count += len(chunk) - len(text)
            if text:
                break
        return count


def beginning(file: File, offset: int, size: int) -> bytes:
    """Up to `size` bytes of the content from `offset` on."""
    data = b""
    with Content(file.path) as content:
        for chunk in _readable(content, offset, size):
            data += chunk
            if len(data) >= size:
                break
    return data[:size]


def agreed(file: File, known: Fingerprint) -> int:
    """Up to which byte the content is known to be what `known` is of; -1 when some of it is something else.

    A compressed file is only read as far as the first digests go: when these agree, so does the rest.
    """
    if known.lead and beginning(file, known.lead - 1, 2)[:1] != b"\0":
        return -1
    begin = beginning(file, known.lead, LASTING) if file.compressed else b""
    up_to = 0
    for length, expected in known.digests.items():
        start = max(0, length - WINDOW)
        if file.compressed and length > LASTING:
            return known.size if len(begin) == LASTING else up_to
        size = length - start
        window = begin[start:length] if file.compressed else beginning(file, known.lead + start, size)
        if len(window) < size:
            return up_to
        if digest(window) != expected[:DIGITS]:
            return -1
        up_to = known.lead + length
    return up_to


def compared(a: File, b: File) -> str:
    """Empty when their contents differ; `longer` when `a` goes on where `b` ends, else `same`."""
    with Content(a.path) as first, Content(b.path) as second:
        ours, theirs = _Ahead(_readable(first, 0)), _Ahead(_readable(second, 0))
        done = 0
        while done < _COMPARED:
            size = min(ours.fill(), theirs.fill())
            if not size:
                return "longer" if ours.fill() else "same"
            if ours.take(size) != theirs.take(size):
                return ""
            done += size
    if a.compressed or b.compressed:
        return "longer" if b.compressed and not a.compressed else "same"
    return "longer" if a.size > b.size else "same"


class _Ahead:
    """Chunks, to be taken in pieces of any size."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._data = chunks, b""

    def fill(self) -> int:
        """Bytes that can be taken; 0 at the end."""
        if not self._data:
            self._data = next(self._chunks, b"")
        return len(self._data)

    def take(self, size: int) -> bytes:
        taken, self._data = self._data[:size], self._data[size:]
        return taken


def _readable(content: Content, offset: int, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The content as far as it can be decompressed."""
    try:
        yield from content.chunks(offset, size)
    except Damaged:
        return

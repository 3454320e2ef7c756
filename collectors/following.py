"""Following a log that is appended to, rotated, compressed, truncated, removed and brought back.

The log and its rotated copies are seen as one stream: oldest copy first, the live file last. A file is known by
the hash of its first bytes (which survive renaming, copying and gzip), its inode settles ties. What is remembered
between runs is small and plain: where reading stopped, and which copies are finished.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

from collectors.tailing.blocks import Block, Place
from collectors.tailing.lines import LINE_LIMIT, Splitter

HEAD_BYTES = 1024
BLOCK_BYTES = 1 << 20
MARKS_KEPT = 1000

_NUMBERED = re.compile(r"\.(\d{1,5})(?:\.gz)?$")
_ROTATED = re.compile(r"[.-](?:\d{1,5}|\d{4}-?\d\d-?\d\d(?:[-_T]?\d{1,9})?)(?:\.log)?(?:\.gz)?$")
_FIRST_TIME = re.compile(rb"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)


@dataclass(frozen=True)
class Position:
    """Where reading stopped: `offset` bytes and `line` lines into the file that begins with these bytes."""

    head: str
    head_bytes: int
    inode: int
    offset: int
    line: int

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Position | None:
        return cls(**data) if data else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class File:
    """A file of the stream as it is now."""

    path: Path
    inode: int
    size: int
    """Bytes on disk; of a compressed file not the bytes of its content."""
    modified: float
    head: bytes

    @property
    def compressed(self) -> bool:
        return self.path.suffix == ".gz"

    def begins_like(self, digest: str, count: int) -> bool:
        return len(self.head) >= count and _digest(self.head[:count]) == digest


@dataclass(frozen=True)
class Span:
    """A stretch to read: `file` from `offset` to its end. `final`: a newer file follows, so nothing more is expected."""

    file: File
    offset: int
    line: int
    final: bool

    def at(self, offset: int, line: int) -> Position:
        """The position `offset` bytes into this file."""
        head = self.file.head
        return Position(_digest(head), len(head), self.file.inode, offset, line)


class Stream:
    """The files of one log. Remembers the heads of unchanged files, so that asking often is cheap."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._heads: dict[tuple[str, int, int, float], bytes] = {}

    def files(self) -> list[File]:
        """Existing files, oldest first, the live one last; copies of the same content only once."""
        live = self._file(self.path)
        rotated = [file for path in self._rotated() if (file := self._file(path)) is not None]
        ordered = _in_order(self.path.name, rotated) + ([live] if live else [])
        self._heads = {key(file): file.head for file in ordered}
        return _without_twins(ordered)

    def spans(self, position: Position | None, done: Iterable[Mapping[str, Any]]) -> list[Span]:
        """What is left to read: the file of the position first, then the others, oldest first.

        The last span is the one to stay at. A finished file that has grown since (somebody still holds the renamed
        file open and writes to it) is read on.
        """
        files = self.files()
        marks = list(done)
        here = _find(files, position) if position else None
        wanted: list[tuple[File, int, int]] = []
        if position is not None and here is not None:
            wanted.append((files[here], *_resumed(files[here], position)))
        for index, file in enumerate(files):
            if index == here:
                continue
            if (mark := _mark_of(file, marks)) is None:
                wanted.append((file, 0, 0))
            elif not file.compressed and file.size > mark["size"]:
                wanted.append((file, mark["size"], mark["lines"]))
        last = len(wanted) - 1
        return [Span(file, offset, line, final=at < last) for at, (file, offset, line) in enumerate(wanted)]

    def _rotated(self) -> list[Path]:
        folder, name = self.path.parent, self.path.name
        if not folder.is_dir():
            return []
        stem = self.path.stem
        found = [
            entry
            for entry in folder.iterdir()
            if (entry.name.startswith(name) and _ROTATED.fullmatch(entry.name[len(name) :]))
            or (
                entry.name.startswith(f"{stem}-")
                and entry.suffix in (".log", ".gz")
                and _dated(entry.name[len(stem) :])
            )
        ]
        return sorted(found)

    def _file(self, path: Path) -> File | None:
        try:
            status = path.stat()
            if not path.is_file():
                return None
            known = File(path, status.st_ino, status.st_size, status.st_mtime, b"")
            head = self._heads.get(key(known))
            if head is None or len(head) < HEAD_BYTES:
                with _opened(path) as stream:
                    head = stream.read(HEAD_BYTES)
            return replace(known, head=head)
        except (FileNotFoundError, NotADirectoryError, EOFError, gzip.BadGzipFile, zlib.error):
            return None


def key(file: File) -> tuple[str, int, int, float]:
    """What tells that a file has not changed."""
    return (str(file.path), file.inode, file.size, file.modified)


def mark(file: File, size: int, lines: int) -> dict[str, Any]:
    """What is remembered of a finished file."""
    return {"head": _digest(file.head), "head_bytes": len(file.head), "size": size, "lines": lines}


def read(span: Span, line_limit: int = LINE_LIMIT) -> Iterator[Block]:
    """The lines of a span, about a megabyte at a time, however long a single line is.

    A compressed file that ends early gives what could be read and raises EOFError.
    """
    with _opened(span.file.path) as stream:
        stream.seek(span.offset)
        chunks = iter(lambda: stream.read(BLOCK_BYTES), b"")
        splitter = Splitter(Place(span.offset, span.line), line_limit)
        for chunk in chunks:
            for block in splitter.feed(chunk):
                yield replace(block, consumed=_told(stream, span))
        for block in splitter.finish():
            yield replace(block, consumed=_told(stream, span))


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _told(stream: IO[bytes], span: Span) -> int:
    if span.file.compressed:
        return int(cast("gzip.GzipFile", stream).fileobj.tell())  # type: ignore[union-attr]
    return stream.tell() - span.offset


def _digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()[:24]


def _dated(tail: str) -> bool:
    return re.fullmatch(r"-\d{4}-?\d\d-?\d\d(?:[-_T]?\d{1,9})?(?:\.log)?(?:\.gz)?", tail) is not None


def _in_order(name: str, files: list[File]) -> list[File]:
    """Oldest first: by number where all are numbered, by name where all are dated, else by their first time stamp."""
    numbers = [_NUMBERED.search(file.path.name[len(name) :]) for file in files]
    if all(numbers):
        pairs = [(-int(match[1]), file.path.name, file) for match, file in zip(numbers, files, strict=True) if match]
        return [file for *_, file in sorted(pairs, key=lambda pair: pair[:2])]
    if not any(numbers):
        return sorted(files, key=lambda file: file.path.name.removesuffix(".gz"))
    return sorted(files, key=_first_time)


def _first_time(file: File) -> bytes:
    found = _FIRST_TIME.search(file.head)
    return found[1] if found else b""


def _without_twins(files: list[File]) -> list[File]:
    """While a copy is being compressed or the live file copied, the same content is there twice: keep the longer, live one.

    A copy (copytruncate in progress) holds a beginning of the live file; the live one is later in the list.
    """
    kept: list[File] = []
    for file in reversed(files):
        twin = any(_same_head(file, other) for other in kept)
        if not twin:
            kept.append(file)
    return kept[::-1]


def _same_head(a: File, b: File) -> bool:
    shorter = min(len(a.head), len(b.head))
    return shorter >= 64 and a.head[:shorter] == b.head[:shorter]


def _find(files: list[File], position: Position) -> int | None:
    """Which file the position is in: same beginning; of several a long enough one, then the one with the same inode."""
    matching = [
        (file.compressed or file.size >= position.offset, file.inode == position.inode, index)
        for index, file in enumerate(files)
        if file.begins_like(position.head, position.head_bytes)
        and (position.head_bytes >= 64 or file.inode == position.inode)
    ]
    return max(matching)[-1] if matching else None


def _resumed(file: File, position: Position) -> tuple[int, int]:
    """Offset and lines to go on from; somebody may have cut lines off the end, then go on behind what is left."""
    if file.compressed or file.size >= position.offset:
        return position.offset, position.line
    with file.path.open("rb") as stream:
        lines = sum(block.count(b"\n") for block in iter(lambda: stream.read(BLOCK_BYTES), b""))
    return file.size, lines


def _mark_of(file: File, marks: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((m for m in marks if m["head_bytes"] and file.begins_like(m["head"], m["head_bytes"])), None)

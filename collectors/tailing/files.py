"""The log and its rotated copies as they are on disk now: which there are, in which order, which are the same."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from collectors.tailing.comparing import File, agreed, beginning, compared, leading_nuls
from collectors.tailing.content import is_compressed
from collectors.tailing.fingerprints import DIGITS, WINDOW, Fingerprint, digest
from collectors.tailing.names import Copy, copy_of

_LEAST_ALIKE = 64
"""Bytes; that shorter files begin alike says nothing."""
_HEAD_BYTES = 4096
_DATED_BYTES = 64 << 10
_FIRST_TIME = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")

T = TypeVar("T")


@dataclass(frozen=True)
class Trouble:
    """A file that is not read, and what to do about it."""

    path: Path
    reason: str
    hint: str = ""


@dataclass
class Survey:
    """What is there: files to read, oldest first, the live one last, each content once; and what can't be read."""

    files: list[File] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    live: OSError | None = None
    """Why the live file, which is there, can't be read."""


def has_copies(path: Path) -> bool:
    """Whether rotated copies of the log at `path` are there."""
    try:
        return any(isinstance(copy_of(path.name, entry.name), Copy) for entry in path.parent.iterdir())
    except OSError:
        return False


class Folder:
    """Looks for a log and its copies. Remembers what unchanged files contain, so that asking often is cheap."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[tuple[object, ...], object] = {}
        self._used: set[tuple[object, ...]] = set()

    def survey(self) -> Survey:
        """The files as they are now."""
        self._known = {key: value for key, value in self._known.items() if key in self._used}
        self._used = set()
        found = Survey()
        copies = [file for path, copy in self._copies(found) if (file := self._file(path, copy, found)) is not None]
        ordered = self._in_order(copies)
        live = self._file(self.path, Copy(), found)
        found.files = self._each_once(ordered + ([live] if live else []))
        return found

    def begins_like(self, file: File, known: Fingerprint) -> bool:
        """Whether its content begins with what `known` is of; False as well when it can't be read."""
        if not known.digests:
            return False
        try:
            lead, head = self._head(file)
            if known.lead not in (0, lead) or not _may_agree(lead, head, known):
                return False
            lasting = known.lasting()
            key = ("begins", *file.key, lasting.lead, *lasting.digests.values())
            return self._remembered(key, lambda: agreed(file, lasting) == lasting.size)
        except OSError:
            return False

    def _copies(self, found: Survey) -> list[tuple[Path, Copy]]:
        try:
            entries = sorted(self.path.parent.iterdir())
        except OSError:
            return []
        copies = []
        for entry in entries:
            copy = copy_of(self.path.name, entry.name)
            if isinstance(copy, Copy):
                copies.append((entry, copy))
            elif copy is not None:
                found.troubles.append(Trouble(entry, copy.reason, copy.hint))
        return copies

    def _file(self, path: Path, copy: Copy, found: Survey) -> File | None:
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                found.troubles.append(Trouble(path, "it isn't a regular file", "move it elsewhere"))
                return None
            file = File(path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, copy)
            packed = self._remembered(("compressed", *file.key), lambda: is_compressed(path))
            file = replace(file, compressed=packed)
            self._head(file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            found.troubles.append(Trouble(path, f"can't be read: {error.strerror}", "let the dashboard's user read it"))
            if path == self.path:
                found.live = error
            return None
        return file

    # Order

    def _in_order(self, files: list[File]) -> list[File]:
        """Oldest first: by number where all are numbered, by date where all are dated, else by the first time in them."""
        if all(file.copy.number is not None for file in files):
            return sorted(files, key=lambda file: (-(file.copy.number or 0), file.path.name))
        if all(file.copy.date for file in files):
            return sorted(files, key=lambda file: (file.copy.date, file.path.name))
        return sorted(files, key=lambda file: (self._first_time(file), file.path.name))

    def _first_time(self, file: File) -> str:
        """In the log's own words; of a file without any when it was written last."""

        def read() -> str:
            begin = beginning(file, self._head(file)[0], _DATED_BYTES).replace(b"\0", b"")
            found = _FIRST_TIME.search(begin)
            if found:
                return found[0].decode().replace("T", " ")
            return f"{datetime.fromtimestamp(file.modified, UTC):%Y-%m-%d %H:%M:%S}"

        return self._remembered(("time", *file.key), read)

    # Twins

    def _each_once(self, files: list[File]) -> list[File]:
        """While a copy is compressed or the live file copied, the same content is there twice: the longer one is kept."""
        kept: list[File] = []
        for file in reversed(files):
            twin = next((index for index, other in enumerate(kept) if self._alike(file, other)), None)
            if twin is None:
                kept.append(file)
            elif self._alike(file, kept[twin]) == "longer":
                kept[twin] = file
        return sorted(kept, key=files.index)

    def _alike(self, a: File, b: File) -> str:
        """Empty when their contents differ; `longer` when `a` goes on where `b` ends, else `same`."""
        if (a.device, a.inode) == (b.device, b.inode):
            return "same"
        (lead, head), (other_lead, other) = self._head(a), self._head(b)
        shorter = min(len(head), len(other))
        if lead != other_lead or shorter < _LEAST_ALIKE or head[:shorter] != other[:shorter]:
            return ""
        return self._remembered(("alike", *a.key, *b.key), lambda: compared(a, b))

    def _head(self, file: File) -> tuple[int, bytes]:
        """How many NUL bytes it begins with, and the bytes behind them. Raises OSError."""

        def read() -> tuple[int, bytes]:
            lead = leading_nuls(file)
            return lead, beginning(file, lead, _HEAD_BYTES)

        return self._remembered(("head", *file.key), read)

    def _remembered(self, key: tuple[object, ...], find: Callable[[], T]) -> T:
        self._used.add(key)
        if key not in self._known:
            self._known[key] = find()
        return cast("T", self._known[key])


def _may_agree(lead: int, head: bytes, known: Fingerprint) -> bool:
    """Whether what is known of a file already rules it out."""
    data = head if known.lead else bytes(min(lead, _HEAD_BYTES)) + head
    return all(
        digest(data[max(0, length - WINDOW) : length]) == expected[:DIGITS]
        for length, expected in known.digests.items()
        if length <= min(len(data), _HEAD_BYTES) and length <= 2 * WINDOW
    )

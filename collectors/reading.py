"""Whole files that other programs rewrite in place: read safely, decoded, and known again by what they hold."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collectors.tailing.encodings import CODE_PAGE

MAX_BYTES = 64 * 1024 * 1024
"""Larger files are refused: they are read into memory."""

SETTLED_NS = 2_000_000_000
"""A file changed this recently is looked at again even if size and time stay: two writes can share a time stamp."""

PATIENCE_NS = 60_000_000_000
"""How long an unreadable file may be somebody's half-written one before it is reported."""

_JUDGED_BYTES = 4096
"""How much of a file shows whether it is UTF-16 without a mark: every second byte of western text is zero then."""

_GZIP = b"\x1f\x8b\x08"

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Stamp:
    """What tells cheaply that a file has not changed."""

    size: int
    mtime_ns: int

    @property
    def settled(self) -> bool:
        """Whether its last change is long enough ago that a later one would show."""
        return time.time_ns() - self.mtime_ns > SETTLED_NS

    @property
    def stale(self) -> bool:
        """Whether nobody can still be busy writing it."""
        return time.time_ns() - self.mtime_ns > PATIENCE_NS


@dataclass(frozen=True)
class Whole:
    """A file's complete content at one moment."""

    data: bytes
    stamp: Stamp
    digest: str

    @property
    def text(self) -> str:
        return decoded(self.data)


@dataclass(frozen=True)
class Unready:
    """A file that can't be used now: try again at the next run."""

    reason: str
    stamp: Stamp
    hopeless: bool = False
    """Waiting won't help (too large, no permission)."""


def stamp_of(path: Path) -> Stamp | None:
    """The file's stamp; None when there is no such regular file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def read_whole(path: Path, limit: int = MAX_BYTES) -> Whole | Unready | None:
    """Read a file that may be rewritten meanwhile; None when there is none.

    A file that changes under the read is read again twice, then left for the next run.
    """
    before = stamp_of(path)
    for _ in range(3):
        if before is None:
            return None
        if before.size > limit:
            return Unready(f"larger than {limit} bytes", before, hopeless=True)
        try:
            with path.open("rb") as file:
                data = file.read(before.size + 1)  # not more: so much is set aside before anything is read
                after = os.fstat(file.fileno())
        except FileNotFoundError:
            return None
        except OSError as error:
            return Unready(error.strerror or str(error), before, hopeless=True)
        if Stamp(after.st_size, after.st_mtime_ns) == before and len(data) == before.size:
            content = _unpacked(data, limit)
            if len(content) > limit:
                return Unready(f"unpacked larger than {limit} bytes", before, hopeless=True)
            return Whole(content, before, hashlib.sha256(content).hexdigest()[:32])
        before = Stamp(after.st_size, after.st_mtime_ns)
    return Unready("being written", before) if before else None


def _unpacked(data: bytes, limit: int) -> bytes:
    """What a file compressed with gzip holds, whatever it is called, up to a byte more than `limit`; another or a
    damaged one as it is."""
    content, rest, packed = b"", data, False
    while rest.startswith(_GZIP) and len(content) <= limit:
        engine = zlib.decompressobj(wbits=31)
        try:
            content += engine.decompress(rest, limit + 1 - len(content))
        except zlib.error:
            return data
        if not engine.eof and len(content) <= limit:
            return data
        rest, packed = engine.unused_data, True
    return content if packed else data


def decoded(data: bytes, code_page: str = CODE_PAGE) -> str:
    """Text of bytes in UTF-8, UTF-16 with or without a byte order mark, or else `code_page`; never fails."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    head = data[:_JUDGED_BYTES]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) * 2 > len(head[first::2]) and not head[1 - first :: 2].count(0):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(code_page, "replace")


def unchanged(memory: Mapping[str, Any] | None, stamp: Stamp | None) -> bool:
    """Whether `remember`ed state of a file still holds, so that it need not be read."""
    if memory is None or stamp is None:
        return memory is None and stamp is None
    same = memory.get("size") == stamp.size and memory.get("mtime_ns") == stamp.mtime_ns
    return bool(same and memory.get("settled"))


def same_state(memory: Mapping[str, Any], stamp: Stamp, digest: str) -> bool:
    """Whether a file that was read is in the very state remembered.

    Not told by content alone: it may have been something else meanwhile, stored by a run that died before it
    could remember.
    """
    return memory.get("digest") == digest and memory.get("mtime_ns") == stamp.mtime_ns


def remember(stamp: Stamp, digest: str) -> dict[str, Any]:
    """What a checkpoint keeps of a file."""
    return {"size": stamp.size, "mtime_ns": stamp.mtime_ns, "settled": stamp.settled, "digest": digest}


def digits(text: str, modulus: int) -> int:
    """Evenly spread number below `modulus`, always the same for the same text: a timestamp's last digits."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) % modulus


def short_hash(text: str) -> str:
    """20 hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]

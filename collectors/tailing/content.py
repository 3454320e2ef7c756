"""The content of a file, decompressed where it is compressed, as far as it is there."""

from __future__ import annotations

import bz2
import lzma
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK_BYTES = 512 << 10
_PIECE = 16 << 10
_ENGINES: dict[str, Callable[[], Any]] = {
    ".gz": lambda: zlib.decompressobj(wbits=31),
    ".bz2": bz2.BZ2Decompressor,
    ".xz": lzma.LZMADecompressor,
    ".lzma": lzma.LZMADecompressor,
    ".zst": zstd.ZstdDecompressor,
}
COMPRESSIONS = (*_ENGINES, ".zip")
_BEGINNINGS = {
    ".gz": re.compile(rb"\x1f\x8b\x08"),
    ".bz2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    ".xz": re.compile(rb"\xfd7zXZ\x00"),
    ".zst": re.compile(rb"\x28\xb5\x2f\xfd"),
    ".zip": re.compile(rb"PK\x03\x04"),
}
_HEAD_BYTES = 10
_TEXT = re.compile(rb"[\t\n\r\x1b\x20-\x7e]+")
_FAILURES = (zlib.error, lzma.LZMAError, zstd.ZstdError, EOFError, ValueError)


class Damaged(Exception):
    """A compressed file ends early or is damaged; what could be decompressed has been given before."""


class Content:
    """A file open for reading. A compressed one can only be read forwards."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("rb")
        self.compression = _compression_of(self._raw.read(_HEAD_BYTES), path.suffix)
        """The ending that files compressed like it have; empty for one that isn't."""

    def __enter__(self) -> Content:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    @property
    def consumed(self) -> int:
        """Bytes on disk read so far, those that were skipped included."""
        return self._raw.tell()

    def status(self) -> os.stat_result:
        return os.fstat(self._raw.fileno())

    def first_written(self) -> int:
        """Where the first bytes were written, as far as the file system knows; before it are NUL bytes that use no disk."""
        try:
            return os.lseek(self._raw.fileno(), 0, os.SEEK_DATA)
        except (OSError, AttributeError):
            return 0

    def chunks(self, offset: int = 0, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """Pieces of the content from byte `offset` on. Raises `Damaged` behind what can be decompressed, and OSError."""
        if not self.compression:
            self._raw.seek(offset)
            while chunk := self._raw.read(size):
                yield chunk
            return
        for chunk in self._decompressed():
            if offset < len(chunk):
                yield chunk[offset:]
            offset = max(0, offset - len(chunk))

    def _decompressed(self) -> Iterator[bytes]:
        if self.compression == ".zip":
            yield from _unzipped(self._raw)
            return
        given = 0
        try:
            for chunk in _expanded(self._raw, _ENGINES[self.compression]):
                given += len(chunk)
                yield chunk
        except _FAILURES as failure:
            # Of the piece that holds the damage nothing was given: once more, byte by byte.
            yield from self._salvaged(given, (self._raw.tell() - 1) // _PIECE * _PIECE)
            raise Damaged(f"it is damaged: {failure}") from None

    def _salvaged(self, given: int, piece: int) -> Iterator[bytes]:
        try:
            for chunk in _expanded(self._raw, _ENGINES[self.compression], bytewise_from=piece):
                if given < len(chunk):
                    yield chunk[given:]
                given = max(0, given - len(chunk))
        except _FAILURES:
            return


def is_compressed(path: Path) -> bool:
    """Whatever it is called. Raises OSError."""
    with Content(path) as content:
        return bool(content.compression)


def _compression_of(head: bytes, suffix: str) -> str:
    """What the first bytes show, else what the name says of a file that isn't plainly text."""
    shown = next((ending for ending, begins in _BEGINNINGS.items() if begins.match(head)), "")
    return shown or (suffix if suffix in COMPRESSIONS and not _TEXT.fullmatch(head) else "")


def _expanded(raw: IO[bytes], engine_of: Callable[[], Any], bytewise_from: int | None = None) -> Iterator[bytes]:
    raw.seek(0)
    engine = None
    while piece := raw.read(_PIECE if bytewise_from is None or raw.tell() < bytewise_from else 1):
        while piece:
            if engine is None or engine.eof:
                piece = piece if engine is None else piece.lstrip(b"\0")
                if not piece:
                    break
                engine = engine_of()
            yield from _outputs(engine, piece)
            piece = engine.unused_data if engine.eof else b""
    if engine is not None and not engine.eof:
        raise Damaged("it ends early")


def _outputs(engine: Any, piece: bytes) -> Iterator[bytes]:
    """What a piece decompresses to, at most a block at a time."""
    while True:
        chunk = engine.decompress(piece, BLOCK_BYTES)
        if chunk:
            yield chunk
        piece = getattr(engine, "unconsumed_tail", b"")
        if engine.eof or not (piece or len(chunk) == BLOCK_BYTES or not getattr(engine, "needs_input", True)):
            return


def _unzipped(raw: IO[bytes]) -> Iterator[bytes]:
    """The first file of an archive."""
    try:
        with zipfile.ZipFile(raw) as archive:
            inside = next((entry for entry in archive.infolist() if not entry.is_dir()), None)
            if inside is None:
                return
            with archive.open(inside) as stream:
                while chunk := stream.read(BLOCK_BYTES):
                    yield chunk
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as failure:
        raise Damaged(f"it is damaged: {failure}") from None

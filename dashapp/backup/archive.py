"""The file of a backup: a zip of parts, and as its last part the manifest that says what each of them holds.

docs/backup.md describes it for others. Written in one go, read part by part; nothing of it grows with the data.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from dashapp.backup.errors import BackupError
from dashapp.backup.sealing import MAGIC, SealedReader, SealedWriter
from dashapp.version import program_version

FORMAT = 1
"""Grows when an older program could not read a newer file rightly."""
MANIFEST = "manifest.json"
_MOST_MANIFEST_BYTES = 4_000_000
_MOST_LINE_BYTES = 16 << 20
"""Far more than any row needs: a file that somebody made up must not fill the memory."""
_PIECE = 1 << 20
_LEVEL = 4
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError, UnicodeDecodeError)
_DAMAGED = "the backup is damaged or was cut off: {}"


@dataclass(frozen=True)
class Part:
    """`rows` is how many lines stand behind the first, which names the columns; of other files it is 0."""

    name: str
    rows: int
    bytes: int
    sha256: str

    @classmethod
    def read(cls, found: dict[str, Any]) -> Part:
        """TypeError or ValueError when it isn't one."""
        part = cls(**found)
        if not (isinstance(part.name, str) and isinstance(part.sha256, str)):
            raise TypeError("a part has a name and a sum")
        if not (type(part.rows) is type(part.bytes) is int and min(part.rows, part.bytes) >= 0):
            raise ValueError("rows and bytes are numbers")
        return part


@dataclass(frozen=True)
class Manifest:
    made: str
    program: str
    store: str
    """The kind of store that the points were in."""
    accounts: str
    """The version of the accounts' tables."""
    secrets: bool
    format: int = FORMAT
    parts: tuple[Part, ...] = ()

    @classmethod
    def new(cls, store: str, accounts: str, *, secrets: bool) -> Manifest:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(made, program_version(), store, accounts, secrets)

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """BackupError when it is of a newer format, or not a manifest."""
        try:
            found = json.loads(text)
            if not isinstance(found["format"], int) or found["format"] > FORMAT:
                raise BackupError(
                    f"the backup has format {found['format']}, newer than this program's {FORMAT}: update the program"
                )
            read = cls(**{**found, "parts": tuple(Part.read(part) for part in found["parts"])})
            if not all(isinstance(one, str) for one in (read.made, read.program, read.store, read.accounts)):
                raise TypeError("texts")
            return read
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BackupError(_DAMAGED.format("its manifest can't be read")) from None

    def rows(self, folder: str) -> dict[str, int]:
        """Rows of each part of a folder, by the part's name without it."""
        return {one.name.split("/")[-1].removesuffix(".ndjson"): one.rows for one in self.parts if one.name.startswith(folder)}  # fmt: skip


@dataclass
class _Open:
    name: str
    file: IO[bytes]
    rows: int = 0
    bytes: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


class ArchiveWriter:
    """Writes into `file`, sealed where there is a passphrase. One part at a time. As a context it is given up on an error."""

    def __init__(self, file: IO[bytes], passphrase: str | None) -> None:
        self._sealed = SealedWriter(file, passphrase) if passphrase else None
        self._zip = zipfile.ZipFile(self._sealed or file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._open: _Open | None = None
        self._parts: list[Part] = []

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Closed while the file still is open: later it could only complain."""
        if kind is not None:
            for left in (self._open.file if self._open is not None else None, self._zip):
                with contextlib.suppress(Exception):
                    if left is not None:
                        left.close()

    def put(self, name: str, data: bytes, rows: int = 0) -> None:
        """More of a part; another name ends the one before."""
        if self._open is None or self._open.name != name:
            self._end_part()
            self._open = _Open(name, self._zip.open(name, "w", force_zip64=True))
        self._open.file.write(data)
        self._open.digest.update(data)
        self._open.rows += rows
        self._open.bytes += len(data)

    def _end_part(self) -> None:
        if self._open is not None:
            self._open.file.close()
            self._parts.append(Part(self._open.name, self._open.rows, self._open.bytes, self._open.digest.hexdigest()))
            self._open = None

    def finish(self, manifest: Manifest) -> Manifest:
        """The manifest as it was written, with all parts."""
        self._end_part()
        whole = Manifest(**{**vars(manifest), "parts": tuple(self._parts)})
        self._zip.writestr(MANIFEST, json.dumps(asdict(whole), indent=1))
        self._zip.close()
        if self._sealed is not None:
            self._sealed.finish()
        return whole


class Archive:
    """An opened backup."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._zip = file
        with _told():
            if MANIFEST not in file.namelist() or file.getinfo(MANIFEST).file_size > _MOST_MANIFEST_BYTES:
                raise BackupError("the file is a zip, but not one of ours")
            self.manifest = Manifest.read(file.read(MANIFEST))

    def verify(self) -> None:
        """Read all of it; BackupError unless every part is as it was written and none is missing or too many."""
        with _told():
            present = sorted(self._zip.namelist())
        if present != sorted([MANIFEST, *(part.name for part in self.manifest.parts)]):
            raise BackupError(_DAMAGED.format("its parts are not those of its manifest"))
        for part in self.manifest.parts:
            digest, size = hashlib.sha256(), 0
            for piece in self.pieces(part.name):
                digest.update(piece)
                size += len(piece)
                if size > part.bytes:  # nobody waits for the end of what never ends
                    break
            if size != part.bytes or digest.hexdigest() != part.sha256:
                raise BackupError(_DAMAGED.format(f"{part.name} is not as it was written"))

    def pieces(self, name: str) -> Iterator[bytes]:
        with _told(), self._zip.open(name) as file:
            while piece := file.read(_PIECE):
                yield piece

    def lines(self, name: str) -> Iterator[bytes]:
        """Without their ends."""
        rest = b""
        for piece in self.pieces(name):
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
            if len(rest) > _MOST_LINE_BYTES:
                raise BackupError(_DAMAGED.format(f"{name} has a line of more than {_MOST_LINE_BYTES >> 20} MiB"))
        if rest:
            yield rest


@contextlib.contextmanager
def opened(path: Path, passphrase: str | None) -> Iterator[Archive]:
    """BackupError when it is not a backup, or can't be opened with this passphrase."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError(f"{path} can't be read: {error.strerror}") from None
    with file, _told():
        head = file.read(len(MAGIC))
        file.seek(0)
        source: IO[bytes] = file
        if head == MAGIC:
            if not passphrase:
                raise BackupError("the backup is encrypted: set DASHAPP_BACKUP_PASSPHRASE or DASHAPP_BACKUP_PASSPHRASE_FILE")  # fmt: skip
            source = io.BufferedReader(SealedReader(file, passphrase), 4 * _PIECE)
        elif not head.startswith(b"PK"):
            raise BackupError(f"{path} is not a backup of this program, or its beginning is damaged")
        elif passphrase:
            raise BackupError(
                f"{path} is not encrypted though a passphrase is set, so anybody may have written it: unset "
                "DASHAPP_BACKUP_PASSPHRASE and DASHAPP_BACKUP_PASSPHRASE_FILE to restore it all the same"
            )
        with zipfile.ZipFile(source) as archive:
            yield Archive(archive)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What zip and zlib raise for damage as one sentence of ours."""
    try:
        yield
    except _BROKEN as error:
        raise BackupError(_DAMAGED.format(str(error).splitlines()[0] if str(error) else "it ends too early")) from None

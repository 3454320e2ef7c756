"""A zip file that is handed out while it is written: nothing of it is kept."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO

_MOMENT = (1980, 1, 1, 0, 0, 0)


class _Waiting:
    """Write-only and without a way back, which makes `zipfile` write sizes behind the data."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Taken out by `taken`."""

    def taken(self) -> bytes:
        found, self._pieces = b"".join(self._pieces), []
        return found


class ZipStream:
    """`add` and `close` yield the bytes that are ready.

    `large` allows members beyond 2 GiB, in a way (ZIP64) that Excel does not read.
    """

    def __init__(self, *, large: bool, level: int = 1, moment: tuple[int, int, int, int, int, int] = _MOMENT) -> None:
        self._waiting = _Waiting()
        self._file = zipfile.ZipFile(self._waiting, "w", zipfile.ZIP_DEFLATED, compresslevel=level)  # type: ignore[call-overload]
        self._large = large
        self._level = level
        self._moment = moment

    def add(self, name: str, pieces: Iterator[bytes], *, packed: bool = True) -> Iterator[bytes]:
        """A member made of `pieces`; `packed` False where they are compressed already."""
        about = zipfile.ZipInfo(name, self._moment)
        about.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        about.external_attr = 0o644 << 16
        with _member(self._file, about, large=self._large) as member:
            for piece in pieces:
                member.write(piece)
                if ready := self._waiting.taken():
                    yield ready
        yield self._waiting.taken()

    def close(self) -> bytes:
        """The directory: without it the file is cut."""
        self._file.close()
        return self._waiting.taken()


class _member:  # noqa: N801  a context manager
    """A member that is only finished when nothing went wrong: closing a broken one would hide that it is cut."""

    def __init__(self, file: zipfile.ZipFile, about: zipfile.ZipInfo, *, large: bool) -> None:
        self._file = file
        self._opened: IO[bytes] = file.open(about, "w", force_zip64=large)

    def __enter__(self) -> IO[bytes]:
        return self._opened

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._opened.close()
        else:
            self._file.fp = None  # nothing more is written, not even when it is collected

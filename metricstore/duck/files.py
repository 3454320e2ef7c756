"""The file on disk: made whole or not at all, and recognised when it is opened again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import duckdb

from metricstore.errors import StoreUnreachable


@dataclass(frozen=True)
class FileState:
    """Which file it is (`device`, `number`), and whether it was written to since (`written` in nanoseconds, `size` in bytes)."""

    device: int
    number: int
    written: int
    size: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """StoreUnreachable where there is none."""
        try:
            found = path.stat()
        except OSError as error:
            raise StoreUnreachable(
                f"the store's file {path} is gone ({error.strerror}): bring it back, or start the program again"
            ) from None
        return cls(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)

    def require_same_file(self, path: Path) -> None:
        """StoreUnreachable where `path` is another file now, or none: what is in it is not what this program has written."""
        found = FileState.of(path)
        if (found.device, found.number) != (self.device, self.number):
            raise StoreUnreachable(
                f"the store's file {path} was replaced while the program runs: start the program again"
            )


def born_whole(path: Path) -> None:
    """Create an empty database under another name first: a kill in between leaves no half-written file behind."""
    unborn = path.with_name(f"{path.name}.{os.getpid()}.new")
    unborn.unlink(missing_ok=True)
    try:
        duckdb.connect(str(unborn)).close()
        try:
            os.link(unborn, path)
        except FileExistsError:
            pass  # another process was first, and its file is as good
        except OSError:
            unborn.rename(path)  # a file system without hard links
    finally:
        unborn.unlink(missing_ok=True)

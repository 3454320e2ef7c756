"""Whether what a file collector read before is still there.

A source that never was there is no failure: it may come yet. One that something was read from and that is gone is:
every number goes on looking right and none is news.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from collectors.base import Checkpoint
from collectors.source import Source
from collectors.tailing.files import has_copies


@dataclass(frozen=True)
class Relied:
    """What something was read from and should be there still."""

    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    """Of files that may come and go: exports are tidied away."""


@runtime_checkable
class ReadsFiles(Protocol):
    """A collector that reads files, and can tell from its checkpoint which."""

    name: str
    interval_seconds: float
    source: Source

    def relied_on(self, checkpoint: Checkpoint) -> Relied:
        """By its checkpoint and its settings, not by what is there; but where one of several files is enough, those."""


@dataclass(frozen=True)
class Absence:
    """Something that was read before and can't be now."""

    path: Path
    reason: str
    """`is gone`, for instance."""
    project: bool = False
    """Whether it is the project's folder."""
    passing: bool = False
    """Its folder is there: a log that is being rotated, or a file that is replaced, may be away for a moment."""
    has_copies: bool = False

    def sentence(self, read_at: str, collector: str) -> str:
        """What is missing, since when, and what to do. `read_at` says when something was last read of it."""
        known = f"{self.path} {self.reason}: it was there when this was last read ({read_at})"
        if self.project:
            return f"{known}; mount it again or set DASHAPP_SOURCE_DIR"
        return f"{known}; put it back, or forget it: dashapp collect {collector} --once --since -1d"


def absences(collector: ReadsFiles, checkpoint: Checkpoint) -> list[Absence]:
    """What of it is away now; the project's folder for all that was in there when that is lost."""
    relied, root = collector.relied_on(checkpoint), collector.source.root
    found = [*map(_of_folder, relied.folders), *map(_of_file, relied.files)]
    reason = _lost(root, empty=True)
    if reason and any(_inside(path, root) for path in (*relied.files, *relied.folders)):
        outside = [absence for absence in found if absence is not None and not _inside(absence.path, root)]
        found = [Absence(root, reason, project=True), *(each for each in outside if each.path not in root.parents)]
    return list({absence.path: absence for absence in found if absence is not None}.values())


def nothing_left(collector: ReadsFiles, checkpoint: Checkpoint, gone: Sequence[Absence]) -> bool:
    """Whether all folders that it relied on are lost, so that there is nothing to read."""
    relied, lost = collector.relied_on(checkpoint), [absence.path for absence in gone if not absence.passing]
    paths = [*relied.files, *relied.folders]
    return bool(paths) and all(any(_inside(path, folder) for folder in lost) for path in paths)


def _of_folder(folder: Path) -> Absence | None:
    reason = _lost(folder)
    if not reason:
        return None
    while (above := _lost(folder.parent)) and folder.parent != folder:
        folder, reason = folder.parent, above
    return Absence(folder, reason)


def _of_file(path: Path) -> Absence | None:
    absence = _of_folder(path.parent)
    if absence is None and (reason := _missing(path)):
        return Absence(path, reason, passing=True, has_copies=has_copies(path))
    return absence


def _inside(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _lost(folder: Path, *, empty: bool = False) -> str:
    """Why a folder can't be looked into; with `empty` also that nothing is in it, as where a disk is not mounted."""
    missing = _missing(folder)
    if missing:
        return missing
    try:
        with os.scandir(folder) as entries:
            return "is empty" if empty and next(entries, None) is None else ""
    except OSError as error:
        return f"can't be read ({error.strerror})"


def _missing(path: Path) -> str:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return f"is a link to {path.readlink()}, which is gone" if path.is_symlink() else "is gone"
    except OSError as error:
        return f"can't be read ({error.strerror})"
    return ""

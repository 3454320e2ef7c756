"""What is in the data folder is its owner's alone, also where the folder and its files were there before."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dashapp.settings.loading import SettingsError
from dashapp.settings.model import Settings


def make_private(settings: Settings) -> None:
    """Make the data folder, 0700, and take away from others what they may do with what is in it.

    Left alone are what belongs to another user (`doctor` says so), links, and the project that is collected from.
    """
    make_private_dir(settings.data_dir)
    project = settings.source_dir.resolve() if settings.source_dir is not None else None
    if project == settings.data_dir.resolve():
        return
    for path in (settings.data_dir, *_within(settings.data_dir, project)):
        with suppress(OSError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                path.chmod(mode & 0o700)


def make_private_dir(path: Path) -> None:
    """Create a folder for its owner alone."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"DASHAPP_DATA_DIR {path} can't be created: {error.strerror}.") from None


def write_privately() -> None:
    """What this process makes from now on is for its owner alone. For servers and collectors, which write nothing for others."""
    os.umask(0o077)


def _within(folder: Path, project: Path | None) -> Iterator[Path]:
    """Files and folders below, without links and without the project."""
    for place, folders, files in os.walk(folder):
        inside = Path(place)
        folders[:] = [
            name for name in folders if not (inside / name).is_symlink() and (inside / name).resolve() != project
        ]
        yield from (inside / name for name in folders)
        yield from (inside / name for name in files if not (inside / name).is_symlink())

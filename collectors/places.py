"""Questions about paths that never raise: what can't be looked at isn't there (`Path` says so only since Python 3.14)."""

from __future__ import annotations

import stat
from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether anything is at that path, as far as this user can see."""
    return _mode(path) is not None


def is_folder(path: Path) -> bool:
    return stat.S_ISDIR(_mode(path) or 0)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except OSError:
        return None

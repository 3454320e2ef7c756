"""How much room the disk of a folder has."""

from __future__ import annotations

import shutil
from pathlib import Path

FULL_MB = 100
"""A disk with less free than this counts as full."""


def free_mb(folder: Path) -> int:
    """Megabytes free where the folder is, or will be: it need not exist yet."""
    whole = folder.absolute()
    existing = next(path for path in (whole, *whole.parents) if path.exists())
    return shutil.disk_usage(existing).free // 1_000_000

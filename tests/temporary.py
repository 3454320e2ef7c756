"""Temporary folders of a run in memory: tests show that a write survives a killed process, for which it needs no disk.

Most of what a store costs on a disk is waiting until it has really been written, and the system's work for that.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Bytes that a container may take, what it has in memory as files included, or `max`."""
ENOUGH = 4_000_000_000
"""Bytes that must be free there, and as much memory again: a complete run takes about one."""


def in_memory() -> None:
    """Let what this process and those it starts make for a while be there, unless a folder was named (`TMPDIR`) or memory is short."""
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def _has_room() -> bool:
    if not os.access(MEMORY, os.W_OK | os.X_OK) or shutil.disk_usage(MEMORY).free < ENOUGH:
        return False
    limit = LIMIT.read_text().strip() if LIMIT.exists() else "max"
    if limit != "max" and int(limit) < 2 * ENOUGH:
        return False
    available = (line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable:"))
    return any(int(line.split()[1]) * 1024 >= 2 * ENOUGH for line in available)

"""One runner at a time over a data folder, whatever number of processes is started.

The lock is the operating system's: it goes with its process, a crash leaves none behind. It is seen by all
processes of one machine (and of machines that share the folder over a file system with working locks). What machines
agree by that share nothing but servers is in `right.py`.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout


class RunnerBusy(Exception):
    """Another process is already collecting into this data folder."""


class RunnerLock:
    """Held by the process that runs collectors; not shared with children or threads of another Runner."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._lock = FileLock(data_dir / "runner.lock", thread_local=False)
        self._owner = data_dir / "runner.owner.json"

    @property
    def held(self) -> bool:
        return bool(self._lock.is_locked)

    def acquire(self, timeout_seconds: float = 0.0) -> bool:
        """Take the lock, waiting at most so long; False when another process keeps it."""
        self._data_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=timeout_seconds, poll_interval=0.05)
        except Timeout:
            return False
        self._owner.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
        return True

    def require(self, timeout_seconds: float = 0.0) -> None:
        """Take the lock or raise RunnerBusy naming who has it."""
        if not self.acquire(timeout_seconds):
            raise RunnerBusy(
                f"{self.owner()} is already collecting into {self._data_dir}; stop it first or let it do the work"
            )

    def owner(self) -> str:
        """Who held it last, in words."""
        try:
            owner = json.loads(self._owner.read_text())
            return f"process {owner['pid']} on {owner['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def release(self) -> None:
        self._lock.release(force=True)

"""Wakes collectors when their files change, long before their interval is over.

Folders are watched rather than files: a file may vanish, be replaced or not exist yet. Where the operating system
tells nothing (some network and container mounts) the intervals still see everything, only later.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from watchfiles import watch

from collectors.base import Collector
from collectors.places import is_folder

log = logging.getLogger(__name__)

_DEBOUNCE_MS = 300
_STEP_MS = 50
_REPLAN_MS = 2_000


class Watcher:
    """A thread that calls `wake(name)` for each collector whose files changed."""

    def __init__(self, collectors: Sequence[Collector], wake: Callable[[str], None]) -> None:
        self._collectors = collectors
        self._wake = wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch-files", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        first = True
        while not self._stop.is_set():
            try:
                plan = folders_of(self._collectors)
                if not first:
                    # Between two watches something may have happened unseen.
                    self._wake_all()
                first = False
                self._watch(plan)
            except Exception:
                log.exception("watching files failed; collectors still run at their intervals")
                self._stop.wait(30.0)

    def _watch(self, plan: dict[Path, int]) -> None:
        """Until stopped, or until other folders should be watched."""
        if not plan:
            self._stop.wait(_REPLAN_MS / 1000)
            return
        for changes in watch(
            *plan, watch_filter=None, debounce=_DEBOUNCE_MS, step=_STEP_MS, rust_timeout=_REPLAN_MS,
            yield_on_timeout=True, stop_event=self._stop, recursive=False, ignore_permission_denied=True,
            raise_interrupt=False,
        ):  # fmt: skip
            changed = {Path(path) for _, path in changes}
            if changed:
                for collector in self._collectors:
                    if concerns(collector, changed):
                        self._wake(collector.name)
            if folders_of(self._collectors) != plan:
                return

    def _wake_all(self) -> None:
        for collector in self._collectors:
            self._wake(collector.name)


def folders_of(collectors: Sequence[Collector]) -> dict[Path, int]:
    """Folders to watch with their inodes: of each watched path itself when it is a folder, else its nearest one.

    A folder that was removed and made again has another inode: it must be watched anew.
    """
    found = {}
    for collector in collectors:
        for path in collector.watched():
            folder = path.absolute()
            while not is_folder(folder) and folder != folder.parent:
                folder = folder.parent
            try:
                found[folder] = folder.stat().st_ino
            except OSError:
                log.debug("folder %s has just vanished", folder)
    return found


def concerns(collector: Collector, changed: set[Path]) -> bool:
    """Whether a changed path is a watched one, lies in a watched folder, or is a rotated copy of a watched file."""
    for path in map(Path.absolute, collector.watched()):
        for change in changed:
            if change == path or change in path.parents or change.parent == path:
                return True
            if change.parent == path.parent and change.name.startswith(path.name):
                return True
    return False

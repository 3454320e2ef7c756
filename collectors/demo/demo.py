"""The demo as a whole: a year that is there, and a present that goes on."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from collectors.demo.history import TIMEZONE, Settings, catch_up, write_history
from collectors.demo.live import Live
from collectors.source import Source

log = logging.getLogger(__name__)


class Demo:
    """Owns `<data_dir>/demo/source`, a project folder of invented files that collectors read like any other.

    `watched`: whether anybody is looking at it now.
    """

    def __init__(
        self, data_dir: Path, *, seed: int = 7, days: int = 365, watched: Callable[[], bool] = lambda: True
    ) -> None:
        self.folder = data_dir / "demo" / "source"
        self._seed = seed
        self._days = days
        self._watched = watched
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def source(self) -> Source:
        """Where collectors find it, also before it has been written."""
        return Source(self.folder, TIMEZONE)

    def prepare(self) -> None:
        """Write the history, or go on with the one that is there; takes some seconds for a year."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            same = Settings.load(self.folder).seed == self._seed
        except (OSError, ValueError, KeyError):
            same = False
        if same:
            catch_up(self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
            write_history(self.folder, seed=self._seed, days=self._days)
        self._ready.set()

    def start(self, *, live: bool = True) -> None:
        """Prepare and then, with `live`, keep things happening; all in a thread."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, args=(live,), name="demo", daemon=True)
        self._thread.start()

    def wait_ready(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the history; False when it took longer."""
        return self._ready.wait(timeout_seconds)

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10.0)
            self._thread = None

    def _run(self, live: bool) -> None:
        try:
            self.prepare()
            if live:
                Live(self.folder, self._stop, watched=self._watched).run()
        except Exception:
            log.exception("the demo ended")

"""A question that nobody has to wait for: asked in a thread of its own, once at a time, its last answer kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Background(Generic[Found]):
    """`ask` must catch what may go wrong: an answer that raises counts as none."""

    def __init__(self, name: str, ask: Callable[[], Found]) -> None:
        self._name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._answered = threading.Event()
        self._begun: float | None = None
        self._last: tuple[float, Found] | None = None

    def begin(self, kept_seconds: float) -> None:
        """Ask, unless it is being asked, or was answered in the last `kept_seconds`."""
        with self._lock:
            now = time.monotonic()
            if self._begun is not None or (self._last is not None and now - self._last[0] < kept_seconds):
                return
            self._begun = now
            self._answered.clear()
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def wait(self, patience_seconds: float) -> None:
        """Until the answer is there, at most so long after it was asked."""
        begun = self._begun
        if begun is not None:
            self._answered.wait(max(0.0, begun + patience_seconds - time.monotonic()))

    def state(self) -> tuple[float | None, float | None, Found | None]:
        """(seconds since it is being asked, seconds since the last answer, that answer); None: not so."""
        with self._lock:
            now = time.monotonic()
            asked = now - self._begun if self._begun is not None else None
            return (asked, None, None) if self._last is None else (asked, now - self._last[0], self._last[1])

    def _run(self) -> None:
        last = self._last
        try:
            found = self._ask()
            last = (time.monotonic(), found)
        finally:
            with self._lock:
                self._last = last
                self._begun = None
                self._answered.set()

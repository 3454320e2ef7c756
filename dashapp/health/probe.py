"""A check that nobody has to wait for: it runs in a thread of its own, one at a time, and its last result is told."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.5
"""Nobody waits longer for an answer."""
KEPT_SECONDS = 2.0
"""Asked no more often, so that nobody can load anything from outside."""


@dataclass(frozen=True)
class Finding:
    """What a check says, in words that anybody may read, and how long ago it was found."""

    works: bool
    sentence: str
    seconds_ago: float = 0.0


class Probe:
    """`ask` finds out, however long it takes. What it raises is told in the log alone.

    `subject` begins the sentences that are said for it: "the store".
    """

    def __init__(
        self, name: str, subject: str, ask: Callable[[], Finding], kept_seconds: float | None = None
    ) -> None:  # fmt: skip
        self._name = name
        self._subject = subject
        self._ask = ask
        self._kept_seconds = kept_seconds
        self._lock = threading.Lock()
        self._answered = threading.Event()
        self._begun: float | None = None
        self._last: tuple[float, Finding] | None = None

    def begin(self) -> None:
        """Ask, unless it is being asked or was asked a moment ago."""
        kept = KEPT_SECONDS if self._kept_seconds is None else self._kept_seconds
        with self._lock:
            now = time.monotonic()
            if self._begun is not None or (self._last is not None and now - self._last[0] < kept):
                return
            self._begun = now
            self._answered.clear()
        threading.Thread(target=self._run, name=f"probe-{self._name}", daemon=True).start()

    def finding(self) -> Finding:
        """The last result, which may be about to come; after PATIENCE_SECONDS, that none came."""
        begun = self._begun
        if begun is not None:
            self._answered.wait(max(0.0, begun + PATIENCE_SECONDS - time.monotonic()))
        with self._lock:
            now = time.monotonic()
            if self._begun is not None and now - self._begun >= PATIENCE_SECONDS:
                waited = now - self._begun
                return Finding(False, f"{self._subject} has not answered for {waited:.0f} s")
            if self._last is None:
                return Finding(False, f"{self._subject} was not asked yet")
            return replace(self._last[1], seconds_ago=now - self._last[0])

    def _run(self) -> None:
        try:
            found = self._ask()
        except Exception as error:  # whatever it is, the answer is "not ready", and the log says why
            log.warning("not ready: %s: %s", self._name, error)
            found = Finding(False, f"{self._subject} can't be used; the log says why")
        with self._lock:
            self._last = (time.monotonic(), found)
            self._begun = None
            self._answered.set()

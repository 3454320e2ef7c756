"""A service that has just failed is left alone for a moment, so that not every request waits for its failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

SECONDS = 1.0


class Respite:
    """Thread safe. After a failure nobody asks for a second; then one does, and the others only when that went well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = -inf
        """On the monotonic clock; for good while the one who asks again has no answer yet."""

    def over(self) -> bool:
        """Whether to ask. Who is told so asks within `watched`."""
        with self._lock:
            if time.monotonic() < self._until:
                return False
            if self._until > -inf:
                self._until = inf
            return True

    @contextmanager
    def watched(self) -> Iterator[None]:
        """The block asks the service: its errors begin a respite, and its success ends it."""
        try:
            yield
        except BaseException:
            with self._lock:
                self._until = time.monotonic() + SECONDS
            raise
        with self._lock:
            self._until = -inf

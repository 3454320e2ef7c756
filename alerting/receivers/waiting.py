"""Ten seconds in all, whatever a receiver does: a time-out of a socket bounds each wait for a byte only."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from alerting.receivers.outcome import Failure

T = TypeVar("T")


class Deadline:
    """Shuts the watched connection when the time is up. Use as a context manager."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    @property
    def over(self) -> bool:
        return self._over or time.monotonic() >= self._end

    @property
    def failure(self) -> Failure:
        return Failure(f"no answer within {self.seconds:g} s")

    def left(self) -> float:
        """Seconds, never none. Raises Failure when the time is up."""
        rest = self._end - time.monotonic()
        if self._over or rest <= 0:
            raise self.failure
        return rest

    def watch(self, connection: socket.socket) -> None:
        """From now on this one is shut, through whatever TLS is put around it later."""
        with self._lock:
            self._forget()
            self._watched = connection.dup()
            if self._over:
                self._shut()

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            self._shut()

    def _shut(self) -> None:
        if self._watched is not None:
            with contextlib.suppress(OSError):
                self._watched.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._watched is not None:
            self._watched.close()
            self._watched = None

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._forget()


def in_time(work: Callable[[], T], seconds: float) -> T:
    """What `work` returns or raises, or TimeoutError: for calls that know no time-out. Those go on in the background."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]

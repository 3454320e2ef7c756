"""A circuit breaker: whether a store answers at all, so that nobody waits long for one that hangs.

A question may take its time while the store is alive. One that takes longer than SLOW_SECONDS makes the store be
pinged in the background. No answer to a ping, nor to any question, within PATIENCE_SECONDS opens the circuit: all who
wait get StoreUnreachable, and so does at once whoever asks. Pings go on, and the first that is answered closes it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any, TypeVar

from metricstore.errors import StoreError, StoreUnreachable

log = logging.getLogger(__name__)

SLOW_SECONDS = 0.25
PATIENCE_SECONDS = 1.25
EVERY_SECONDS = 1.0
"""Between two pings."""
LOST_SECONDS = 4.0
"""A ping without an answer for so long is not waited for alone: the network may have lost it."""
THREADS = 64
"""Questions under way at the same time, those included that hang in a store that was given up."""
T = TypeVar("T")


class Circuit:
    """Safe to use from several threads. `ping` raises StoreUnreachable when the store does not answer. `name` begins the names of its threads."""

    def __init__(self, ping: Callable[[], None], threads: int = THREADS, name: str = "store") -> None:
        self._ping = ping
        self._name = name
        self._workers = ThreadPoolExecutor(threads, f"{name}-question")
        self._lock = threading.Lock()
        self._waiting: dict[Future[Any], float] = {}
        self._answered = float("-inf")
        self._silent_since: datetime | None = None
        self._watched = False
        self._pings: dict[Future[bool], float] = {}
        self._closed = threading.Event()

    @property
    def silent_since(self) -> datetime | None:
        """Since when the store has not answered; None while it does."""
        return self._silent_since

    def ask(self, question: Callable[[], T]) -> T:
        """Its answer, which is found in another thread; StoreUnreachable while the store hangs."""
        answer: Future[T] = Future()
        with self._lock:
            if self._silent_since is not None:
                raise _refusal(self._silent_since)
            self._waiting[answer] = time.monotonic()
        try:
            task = self._workers.submit(copy_context().run, self._answer, question, answer)
            if not wait([answer], SLOW_SECONDS).done:
                self._watch()
            try:
                return answer.result()
            finally:
                task.cancel()  # where it is still in line
        finally:
            with self._lock:
                self._waiting.pop(answer, None)

    def close(self) -> None:
        """No ping goes out any more."""
        self._closed.set()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _answer(self, question: Callable[[], T], answer: Future[T]) -> None:
        """In a worker. What comes after the caller was sent away is dropped."""
        if answer.done():
            return
        found: T | None = None
        failure: BaseException | None = None
        try:
            found = question()
        except BaseException as error:
            failure = error
        with self._lock:
            if not isinstance(failure, StoreUnreachable):
                self._answered = time.monotonic()
            if answer.done():
                return
            if failure is not None:
                answer.set_exception(failure)
            else:
                answer.set_result(found)  # type: ignore[arg-type]

    def _watch(self) -> None:
        """Ping in the background, unless that is being done."""
        with self._lock:
            if self._watched or self._closed.is_set():
                return
            self._watched = True
        threading.Thread(target=self._keep_watch, name=f"{self._name}-watch", daemon=True).start()

    def _keep_watch(self) -> None:
        """Until the store answers and nobody has been waiting for long."""
        while not self._closed.is_set():
            begun = time.monotonic()
            alive = self._signs_of_life(begun)
            with self._lock:
                if not alive:
                    self._open()
                elif self._silent_since is not None:
                    self._close_again(self._silent_since)
                if alive and not self._slow(time.monotonic()):
                    self._watched = False
                    return
            self._closed.wait(max(0.0, begun + EVERY_SECONDS - time.monotonic()))

    def _slow(self, now: float) -> bool:
        return any(now - begun >= SLOW_SECONDS for begun in self._waiting.values())

    def _open(self) -> None:
        """Only under the lock."""
        if self._silent_since is None:
            self._silent_since = datetime.now(UTC)
            log.warning("the store does not answer: %d waiting questions are given up", len(self._waiting))
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(_refusal(self._silent_since))
        self._waiting.clear()

    def _close_again(self, since: datetime) -> None:
        """Only under the lock."""
        self._silent_since = None
        log.warning("the store answers again, after %.0f s", (datetime.now(UTC) - since).total_seconds())

    def _signs_of_life(self, begun: float) -> bool:
        """Whether a ping or any question is answered before the patience ends."""
        if all(begun - sent > LOST_SECONDS for sent in self._pings.values()):
            self._send_ping(begun)
        told = wait(self._pings, PATIENCE_SECONDS, FIRST_COMPLETED).done
        if any(ping.result() for ping in told):
            self._pings.clear()  # what was lost on its way says nothing any more
            return True
        for ping in told:
            del self._pings[ping]
        return self._answered > begun

    def _send_ping(self, begun: float) -> None:
        alive: Future[bool] = Future()

        def run() -> None:
            try:
                self._ping()
                alive.set_result(True)
            except Exception as error:  # one that refuses is there
                alive.set_result(isinstance(error, StoreError) and not isinstance(error, StoreUnreachable))

        self._pings[alive] = begun
        threading.Thread(target=run, name=f"{self._name}-ping", daemon=True).start()


def _refusal(since: datetime) -> StoreUnreachable:
    return StoreUnreachable(f"no answer since {since:%H:%M:%S} UTC; retrying every second")

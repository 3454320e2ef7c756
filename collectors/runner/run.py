"""One run of one collector: read, write, set aside, then remember."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from collectors.base import Batch, Checkpoint, Collector, Refused, TemporaryFailure, failures_in, warnings_in
from collectors.redaction import redact
from collectors.runner import dead_letters
from collectors.runner.checkpoints import Checkpoints, LeaseLost
from collectors.runner.dead_letters import DeadLetters
from collectors.runner.gone import Gone
from collectors.runner.keeping import Keeping
from collectors.runner.lateness import TIMEOUT_SECONDS
from collectors.runner.progress import ProgressSink
from collectors.runner.report import Outcome, RunReport
from collectors.runner.retry import WORTH_ANOTHER_TRY, Backoff, pause
from metricstore.errors import StoreError
from metricstore.point import Point, WriteResult, nanoseconds
from metricstore.retention import KEPT_FOR_EVER, Retention
from metricstore.store import Store

log = logging.getLogger(__name__)

WARNING_CHARACTERS = 1_000
STOP_SECONDS = 1.0
"""How long a batch that is being made is waited for when it is to stop."""
_LOOK_SECONDS = 0.2
"""How often a run that waits for a batch looks whether it is to stop."""


class RunStopped(Exception):
    """It was to stop and is in the middle of work, which is done again from the checkpoint the next time."""


class RunTimeout(Exception):
    """The collector delivered nothing for too long."""


@dataclass
class Run:
    """Executed once. Whatever goes wrong inside ends up in the report; nothing is raised.

    `timeout_seconds` bounds the wait for each batch, so a long first import may take its time while a source that
    hangs is given up. The thread that hangs cannot be killed: `worker` stays alive until it comes back.
    """

    collector: Collector
    store: Store
    checkpoints: Checkpoints
    dead_letters: DeadLetters
    stop: threading.Event
    backoff: Backoff = field(default_factory=Backoff)
    timeout_seconds: float | None = TIMEOUT_SECONDS
    since: datetime | None = None
    until: datetime | None = None
    goes_on: bool = False
    """With `since`: read on from the checkpoint instead of from the beginning."""
    progress: ProgressSink | None = None
    retention: Retention = KEPT_FOR_EVER
    worker: threading.Thread | None = field(default=None, init=False)
    _checkpoint: Checkpoint = field(default_factory=dict, init=False)
    """The latest that is remembered."""
    _gone: Gone = field(init=False)
    _keeping: Keeping = field(init=False)
    _records: int = field(default=0, init=False)
    _points: int = field(default=0, init=False)
    _rejected: int = field(default=0, init=False)
    _deleted: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)
    _batches: int = field(default=0, init=False)
    _ask_ahead: Callable[[], None] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._gone = Gone(self.collector, self.checkpoints)
        self._keeping = Keeping(self.collector.name, self.store, self.retention)

    def execute(self) -> RunReport:
        started, clock = time.time_ns(), time.monotonic()
        outcome, error, attempts, retry_after = self._persist()
        return RunReport(
            self.collector.name, outcome, self._records, self._points, self._rejected, time.monotonic() - clock,
            error, self._bytes, attempts, self._deleted, started, retry_after, self._warnings(),
            self._keeping.older, self._keeping.deleted,
        )  # fmt: skip

    def _warnings(self) -> tuple[str, ...]:
        """What the source's checkpoint says now, without secrets."""
        texts = (*self._gone.warnings, *warnings_in(self._checkpoint))
        return tuple(redact(text)[:WARNING_CHARACTERS] for text in texts)

    def _persist(self) -> tuple[Outcome, str | None, int, float | None]:
        """Pass after pass until one succeeds or patience ends. Progress in between restores patience."""
        attempts = row = 1
        start_over = self.since is not None and not self.goes_on and getattr(self.collector, "rereads", True)
        while True:
            before = self._batches
            try:
                if start_over:
                    self._start_over()
                    start_over = False
                self._pass()
            except WORTH_ANOTHER_TRY as failure:
                row = 1 if self._batches > before else row
                wait = self.backoff.wait_seconds(row, failure)
                log.warning("%s: %s", self.collector.name, in_words(failure))
                if wait is None or not pause(wait, self.stop):
                    return "failed", in_words(failure), attempts, getattr(failure, "retry_after", None)
                attempts, row = attempts + 1, row + 1
            except RunStopped:
                log.info(
                    "%s was stopped in the middle of work; it is done again at the next start", self.collector.name
                )
                return "ok", None, attempts, None
            except LeaseLost as failure:
                log.warning("%s: %s", self.collector.name, failure)
                return "failed", str(failure), attempts, None
            except RunTimeout as failure:
                log.error("%s: %s", self.collector.name, failure)
                return "timeout", str(failure), attempts, None
            except Exception as failure:
                log.error("%s failed: %s", self.collector.name, in_words(failure), exc_info=not _expected(failure))
                return "failed", in_words(failure), attempts, getattr(failure, "retry_after", None)
            else:
                return "ok", None, attempts, None

    def _start_over(self) -> None:
        self._gone.look_at_project(self.checkpoints.load(self.collector.name))
        self.checkpoints.start_over(self.collector.name)

    def _pass(self) -> None:
        """Collect from the checkpoint on; return at the end of the source or, between batches, when stopped."""
        self._checkpoint = self.checkpoints.load(self.collector.name)
        self._gone.look(self._checkpoint)
        batches = self.collector.collect(self._checkpoint, self.store)
        with closing(self._guarded(batches)) as guarded:
            for batch in guarded:
                self._take(batch, self._checkpoint)
                self._checkpoint = batch.checkpoint
                if self.stop.is_set():
                    return
        self._gone.tell()
        if failures := failures_in(self._checkpoint):
            raise Refused("; ".join(failures))

    def _take(self, batch: Batch, remembered: Checkpoint) -> None:
        """Store a batch; only when the store has acknowledged all of it does the checkpoint move on."""
        name = self.collector.name
        deleted, points = batch.deleted, batch.points
        if not batch.everything:
            deleted, points = self._wanted(deleted), self._wanted(points)
        deleted, points = self._keeping.removed(deleted), self._keeping.written(points)
        if deleted or points:
            self.checkpoints.require()
        if deleted:
            # Before the write: an identity in both is thereby replaced instead of removed.
            self.store.delete(deleted)
        result = self.store.write(self._handed(points)) if points else WriteResult(0)
        letters = [*batch.dead_letters, *map(dead_letters.from_rejection, result.rejected)]
        if letters:
            self.dead_letters.add(name, letters)
            self.store.write(self._keeping.written(dead_letters.points(name, letters)))
        for expiry in batch.expiries:
            if not self._keeping.expire(expiry, self.checkpoints.require, self.stop):
                raise RunStopped
        if batch.checkpoint != remembered:
            self.checkpoints.save(name, batch.checkpoint)
        self._records += batch.records
        self._points += result.written
        self._rejected += len(letters)
        self._deleted += len(deleted)
        self._bytes += batch.bytes
        self._batches += not batch.bookkeeping
        if self.progress is not None:
            self.progress(name, batch.progress, self._records)

    def _handed(self, points: list[Point]) -> Iterator[Point]:
        """When the store has read them all and waits for its disk, there is time to make the next batch."""
        yield from points
        if self._ask_ahead is not None:
            self._ask_ahead()

    def _wanted(self, points: list[Point]) -> list[Point]:
        if self.since is not None:
            first = nanoseconds(self.since)
            points = [point for point in points if point.time >= first]
        if self.until is not None:
            last = nanoseconds(self.until)
            points = [point for point in points if point.time < last]
        return points

    def _guarded(self, batches: Iterator[Batch]) -> Generator[Batch, None, None]:
        if self.timeout_seconds is None:
            return (batch for batch in batches)
        handoff = _Handoff(batches, self.collector.name, self.timeout_seconds, self.stop)
        self.worker = handoff.thread
        self._ask_ahead = handoff.ask if getattr(self.collector, "works_ahead", False) else None
        return handoff.batches()


class _Handoff:
    """Draws batches in a thread of its own, one at a time and only when asked, so that waiting can end."""

    def __init__(self, source: Iterator[Batch], name: str, timeout_seconds: float, stop: threading.Event) -> None:
        self._source = source
        self._stop = stop
        self._timeout = timeout_seconds
        self._waiting = False
        """Whether a batch was asked for that nobody has taken yet."""
        self._ended = False
        self._asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Batch | BaseException | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._draw, name=f"collect-{name}", daemon=True)

    def batches(self) -> Generator[Batch, None, None]:
        self.thread.start()
        hangs = False
        try:
            while True:
                self.ask()
                try:
                    answer = self._answer()
                except (RunTimeout, RunStopped):
                    hangs = True
                    raise
                self._waiting = False
                if answer is None:
                    return
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            self._ended = True
            self._asked.put(False)
            if not hangs:
                self.thread.join(self._timeout)

    def _answer(self) -> Batch | BaseException | None:
        """What was asked for; when it is to stop, what is nearly made is waited for and nothing else."""
        deadline, stopped = time.monotonic() + self._timeout, False
        while (left := deadline - time.monotonic()) > 0:
            try:
                return self._answers.get(timeout=min(left, _LOOK_SECONDS))
            except queue.Empty:
                if self._stop.is_set() and not stopped:
                    stopped, deadline = True, min(deadline, time.monotonic() + STOP_SECONDS)
        if stopped:
            raise RunStopped
        raise RunTimeout(f"nothing for {self._timeout:g} seconds, given up for now")

    def ask(self) -> None:
        """For the next batch, once."""
        if not self._waiting:
            self._waiting = True
            self._asked.put(True)

    def _draw(self) -> None:
        try:
            while self._asked.get() and not self._ended:
                self._answers.put(next(self._source, None))
        except BaseException as failure:  # handed over: who waits raises it
            self._answers.put(failure)
        finally:
            close = getattr(self._source, "close", None)
            if close is not None:
                close()


def _expected(failure: BaseException) -> bool:
    """Worded for people already: a traceback would only bury it."""
    return isinstance(failure, StoreError | TemporaryFailure | Refused | LeaseLost)


def in_words(failure: BaseException) -> str:
    """What went wrong, without secrets."""
    text = str(failure) if _expected(failure) else f"{type(failure).__name__}: {failure}"
    return redact(text)[:500]

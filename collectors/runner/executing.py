"""Executing one collector with what all of them share: the store, checkpoints, dead letters. What goes wrong ends up in its report."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from collectors.base import Collector, TemporaryFailure
from collectors.runner.backfill import Backfilling, Marks, Past, Span
from collectors.runner.checkpoints import Checkpoints, LeaseLost
from collectors.runner.dead_letters import DeadLetters
from collectors.runner.progress import ProgressSink
from collectors.runner.report import RunReport
from collectors.runner.retry import Backoff
from collectors.runner.right import Right
from collectors.runner.run import Run, in_words
from collectors.runner.schedule import FOLLOWS
from collectors.runner.scope import checkpoints_for
from metricstore.errors import StoreError
from metricstore.retention import KEPT_FOR_EVER, Retention
from metricstore.store import Store

_KEEPING = (StoreError, OSError, TemporaryFailure, LeaseLost)
"""What keeping checkpoints may fail with, outside of a run."""


class Executing:
    """Safe to use from several threads. `halt` ends the runs since `begin_anew` after their batch."""

    def __init__(
        self, collectors: Sequence[Collector], store: Store, data_dir: Path, right: Right, backoff: Backoff,
        timeout_seconds: float | None, retention: Retention = KEPT_FOR_EVER,
    ) -> None:  # fmt: skip
        self._collectors, self._store, self._data_dir, self._right = collectors, store, data_dir, right
        self._backoff, self._timeout_seconds, self._retention = backoff, timeout_seconds, retention
        self._dead_letters = DeadLetters(data_dir)
        self._preparing = threading.Lock()
        self._turn = threading.Lock()
        """Of those that put together what others have stored: two at once would need the memory of both."""
        self._checkpoints: Checkpoints | None = None
        self.halt = threading.Event()

    def begin_anew(self) -> None:
        """What was known of the checkpoints may be out of date: others may have collected meanwhile."""
        with self._preparing:
            self._checkpoints, self.halt = None, threading.Event()

    def age_seconds(self, name: str) -> float | None:
        """Of a collector's checkpoint; None where that isn't known, or there is none."""
        checkpoints = self._checkpoints
        return checkpoints.age_seconds(name) if checkpoints else None

    def execute(
        self, collector: Collector, since: datetime | None, progress: ProgressSink | None, span: Span | None = None
    ) -> tuple[RunReport, threading.Thread | None]:
        """With `span`: that of its past, goes on where an earlier try ended."""
        started = time.time_ns()
        try:
            checkpoints, halt = self._prepared()
            shared = (self._store, checkpoints, self._dead_letters, halt, self._backoff, self._timeout_seconds)
            if span is None:
                run = Run(collector, *shared, since, progress=progress, retention=self._retention)
                with self._turn if collector.name in FOLLOWS else nullcontext():
                    return run.execute(), run.worker
            marks = Marks(checkpoints, collector.name)
            if isinstance(collector, Backfilling):
                run = Run(Past(collector, span, marks), *shared, progress=progress, retention=self._retention)
            else:
                if not marks.begun(span):
                    # in this order: a kill in between must not leave a mark beside a checkpoint at the end
                    checkpoints.start_over(collector.name)
                    marks.keep(span, span.start.timestamp())
                run = Run(
                    collector,
                    *shared,
                    span.start,
                    span.stop,
                    goes_on=True,
                    progress=progress,
                    retention=self._retention,
                )
        except _KEEPING as failure:
            return RunReport(collector.name, "failed", error=in_words(failure), started=started), None
        report = run.execute()
        try:
            if report.outcome == "ok" and not halt.is_set():
                marks.drop()
        except _KEEPING as failure:
            report = replace(report, outcome="failed", error=in_words(failure))
        return report, run.worker

    def _prepared(self) -> tuple[Checkpoints, threading.Event]:
        with self._preparing:
            if self._checkpoints is None:
                make = self._right.checkpoints
                self._checkpoints = checkpoints_for(self._collectors, self._store, self._data_dir, make)
            return self._checkpoints, self.halt

"""What the runner remembers of each collector while it lives, and that it never runs twice at once."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from collectors.base import Collector
from collectors.runner.report import CollectorState, Reason, RunReport

_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 300.0
_FOLLOWING_SHARE = 0.1
"""Of a processor that a collector may take for following others' news; its own interval comes beside it."""


class Slot:
    """One collector's place in the runner. Safe to use from several threads."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self._mutex = threading.Lock()
        self._running = False
        self._again: Reason | None = None
        self._worker: threading.Thread | None = None
        self._last: RunReport | None = None
        self._last_success: int | None = None
        self._failures = 0
        self._not_before = 0.0
        self._announced = -1e9
        self._warned: tuple[str, ...] = ()
        """What the latest run warned of."""
        self._follow_from = 0.0

    @property
    def running(self) -> bool:
        return self._running

    @property
    def at_work(self) -> bool:
        """Whether a run is under way, or the thread of one that was given up."""
        return self._running or (self._worker is not None and self._worker.is_alive())

    @property
    def ran(self) -> bool:
        """Whether a run has ended, well or not."""
        return self._last is not None

    def ran_within(self, seconds: float) -> bool:
        return self._last is not None and time.time_ns() - self._last.started < seconds * 1e9

    def begin(self, reason: Reason) -> bool:
        """Take the place; False when a run is under way, or one that hung has not come back.

        News that arrives meanwhile is not forgotten: `end` tells to run again.
        """
        with self._mutex:
            hanging = self._worker is not None and self._worker.is_alive()
            if self._running or hanging:
                if reason != "timed" and not hanging:
                    self._again = reason
                return False
            self._running = True
            return True

    def end(self, report: RunReport | None, worker: threading.Thread | None) -> Reason | None:
        """Give the place back; the reason to run again at once, if there is one."""
        with self._mutex:
            self._running = False
            self._worker = worker
            again, self._again = self._again, None
            if report is not None:
                self._note(report)
            return again if self._failures == 0 else None

    def _note(self, report: RunReport) -> None:
        self._last = report
        self._follow_from = time.monotonic() + report.duration_seconds * (1 / _FOLLOWING_SHARE - 1)
        if report.outcome == "ok":
            self._last_success, self._failures, self._not_before = report.started, 0, 0.0
            return
        self._failures += 1
        self._not_before = time.monotonic() + self.delay_seconds(report)

    def delay_seconds(self, report: RunReport) -> float:
        """How long to leave a failing collector alone: what its source asked for, else ever longer up to its interval."""
        if report.retry_after is not None:
            return report.retry_after
        longest = min(self.collector.interval_seconds, _LONGEST_DELAY_SECONDS)
        return min(longest, _FIRST_DELAY_SECONDS * 2.0 ** min(self._failures - 1, 16))

    @property
    def resting(self) -> bool:
        """Failed lately: its next try is already planned, nothing else should start it."""
        return time.monotonic() < self._not_before

    def wake(self) -> None:
        """Forget what its rest was for."""
        with self._mutex:
            self._not_before = 0.0

    def wait_seconds(self, reason: Reason) -> float:
        """How long to leave others' news alone: what takes long is done less often, for more of them at once."""
        return max(0.0, self._follow_from - time.monotonic()) if reason == "followed" else 0.0

    def announces(self, report: RunReport, reason: Reason, every_seconds: float) -> bool:
        """Whether the run gets its `collector_run` point.

        All do, but for runs that a changed file or another collector set off and that found nothing:
        of those at most one in `every_seconds`. A file that changes all the time would fill the store with zeros.
        """
        quiet = report.empty and reason in ("watched", "followed") and report.warnings == self._warned
        self._warned = report.warnings
        if quiet and time.monotonic() - self._announced < every_seconds:
            return False
        self._announced = time.monotonic()
        return True

    def state(self, next_run: datetime | None, checkpoint_age_seconds: float | None) -> CollectorState:
        last, success = self._last, self._last_success
        return CollectorState(
            self.collector.name, self.collector.interval_seconds, self._running,
            _moment(last.started) if last else None, _moment(success) if success else None,
            last.outcome if last else None, last.error if last else None, self._failures, next_run,
            self._lag_seconds(), checkpoint_age_seconds, last.warnings if last else (),
        )  # fmt: skip

    def _lag_seconds(self) -> float:
        """Since when a watched file has been newer than the last successful run."""
        changed = []
        for path in self.collector.watched():
            try:
                changed.append(path.stat().st_mtime)
            except OSError:
                continue
        since = (self._last_success or 0) / 1e9
        waiting = [moment for moment in changed if moment > since]
        return max(0.0, time.time() - min(waiting)) if waiting else 0.0


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)

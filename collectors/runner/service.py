"""The runner: collectors once, or all the time by schedule and by changed files."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.base import Collector
from collectors.runner.backfill import Span
from collectors.runner.executing import Executing
from collectors.runner.first_runs import FirstRuns
from collectors.runner.journal import Journal
from collectors.runner.lateness import TIMEOUT_SECONDS
from collectors.runner.progress import ProgressSink
from collectors.runner.report import CollectorState, Reason, RunReport
from collectors.runner.retry import Backoff
from collectors.runner.right import Lease, Right
from collectors.runner.schedule import followers, new_scheduler, reconcile, schedule_of
from collectors.runner.slots import Slot
from metricstore.errors import UnknownName
from metricstore.retention import KEPT_FOR_EVER, Retention
from metricstore.store import Store

if TYPE_CHECKING:
    from collectors.runner.watching import Watcher

log = logging.getLogger(__name__)

_QUIET_SECONDS = 60.0
_SETTLE_SECONDS = 1.0
"""A last record is taken for complete only after a quiet moment, of which no further change tells."""
_STANDBY_SECONDS = 2.0
_AGAIN_SECONDS = 0.1
UNHURRIED_SECONDS = 300.0  # no source is late before


class Runner:
    """Runs collectors over one store. `data_dir` holds checkpoints, dead letters and the lock.

    A failing or hanging collector never disturbs another. Of several runners over one `data_dir` one works, the
    others stand by and take over when it ends; with a `lease`, of those of several machines. `unhurried` says whether
    nobody waits for news now: a collector is then started by the clock every UNHURRIED_SECONDS at most.
    """

    def __init__(
        self, collectors: Sequence[Collector], store: Store, data_dir: Path, *,
        timeout_seconds: float | None = TIMEOUT_SECONDS, backoff: Backoff | None = None, watch_files: bool = True,
        unhurried: Callable[[], bool] = lambda: False, lease: Lease | None = None, retention: Retention = KEPT_FOR_EVER,
    ) -> None:  # fmt: skip
        self._collectors = tuple(collectors)
        self._slots = {collector.name: Slot(collector) for collector in self._collectors}
        self._first_runs = FirstRuns(self._slots)
        self._entries = schedule_of(self._collectors)
        self._right = Right(data_dir, lease)
        self._executing = Executing(
            self._collectors, store, data_dir, self._right, backoff or Backoff(), timeout_seconds, retention
        )
        self._journal = Journal(store)
        self._watch_files = watch_files
        self._unhurried = unhurried
        self._stop = threading.Event()
        """Of the start that was last."""
        self._changing = threading.Lock()
        """Of whoever begins or ends collecting: nobody may begin it after the end."""
        self._scheduler: Any = None
        self._watcher: Watcher | None = None
        self._attending: threading.Thread | None = None

    def run_once(
        self, names: Sequence[str] | None = None, since: datetime | None = None,
        progress: ProgressSink | None = None,
    ) -> list[RunReport]:  # fmt: skip
        """Run collectors one after the other, all or those in `names`, in their own order; a report for each.

        With `since` everything is read again and what is dated from that moment on is written again.
        Raises UnknownName for a name it does not have, RunnerBusy while another process collects or nobody can know who does.
        """
        for name in names or ():
            if name not in self._slots:
                raise UnknownName("collector", name, tuple(self._slots))
        with self._right.borrowed(self._executing.begin_anew):
            wanted = [name for name in self._slots if not names or name in names]
            return [self._run_now(self._slots[name], since, progress) for name in wanted]

    def run_in_place(self, collector: Collector) -> RunReport:
        """Run another collector once in the place of the one of its name, which runs on afterwards. Raises UnknownName, RunnerBusy."""
        if collector.name not in self._slots:
            raise UnknownName("collector", collector.name, tuple(self._slots))
        with self._right.borrowed(self._executing.begin_anew):
            return self._run_now(self._slots[collector.name], None, None, instead=collector)

    def backfill(self, name: str, span: Span, progress: ProgressSink | None = None) -> RunReport:
        """Read `span` of a collector's past again: from a service by windows, from files by reading them over.

        Goes on where an earlier try for the same span ended. Raises UnknownName, RunnerBusy.
        """
        if name not in self._slots:
            raise UnknownName("collector", name, tuple(self._slots))
        with self._right.borrowed(self._executing.begin_anew):
            return self._run_now(self._slots[name], None, progress, span)

    def _run_now(
        self, slot: Slot, since: datetime | None, progress: ProgressSink | None, span: Span | None = None,
        instead: Collector | None = None,
    ) -> RunReport:  # fmt: skip
        started = time.time_ns()
        while not slot.begin("timed"):
            if not slot.running:
                return RunReport(slot.collector.name, "timeout", error="an earlier run still hangs", started=started)
            time.sleep(0.02)
        return self._occupied(slot, "once", since, progress, span, instead)

    @staticmethod
    def load() -> None:
        """Load what `start` needs: what stays had better be there before what comes and goes."""
        import apscheduler.executors.pool
        import apscheduler.schedulers.background  # noqa: F401

        import collectors.runner.watching  # noqa: F401

    def start(self) -> bool:
        """Begin collecting in the background; False when another process does and this one stands by."""
        self._stop = threading.Event()
        refusal = self._right.acquire()
        if refusal is None:
            self._activate()
        elif not refusal.unanswered:  # which is logged where it is noticed
            log.info("%s; standing by", refusal.words)
        if self._right.may_be_lost or refusal is not None:
            self._attending = threading.Thread(
                target=self._attend, args=(self._stop,), name="runner-standby", daemon=True
            )
            self._attending.start()
        return refusal is None

    @property
    def active(self) -> bool:
        """Whether this process is the one that collects."""
        return self._scheduler is not None

    @property
    def alive(self) -> bool:
        """Whether it collects or stands by: not before `start`, nor after `stop`, nor when its thread has died."""
        scheduler = self._scheduler
        thread = self._attending if scheduler is None else scheduler._thread
        return thread is not None and thread.is_alive()

    def stop(self, timeout_seconds: float = 20.0) -> bool:
        """Let running batches finish and be remembered, then end; False when something is still at work: what it was about is
        done again the next time."""
        deadline = time.monotonic() + timeout_seconds
        self._stop.set()
        self._executing.halt.set()
        if self._attending is not None:
            self._attending.join(timeout_seconds)
            self._attending = None
        with self._changing:
            self._deactivate()
        while any(slot.running for slot in self._slots.values()) and time.monotonic() < deadline:
            time.sleep(0.02)
        self._journal.flush()
        self._right.release()
        return not any(slot.at_work for slot in self._slots.values())

    def wake(self, name: str) -> None:
        """Run a collector now, without waiting for its interval; once more a moment later (see _SETTLE_SECONDS)."""
        self._soon(name, "watched")
        self._soon(name, "watched", _SETTLE_SECONDS, label="settle")

    def states(self) -> list[CollectorState]:
        """How each collector is doing, in their order."""
        scheduler = self._scheduler
        found = []
        for name, slot in self._slots.items():
            job = scheduler.get_job(name) if scheduler is not None else None
            next_run = job.next_run_time.astimezone(UTC) if job is not None and job.next_run_time else None
            found.append(slot.state(next_run, self._executing.age_seconds(name)))
        return found

    def _attend(self, stop: threading.Event) -> None:
        """Stand by until it is this one's turn, and again after another machine has taken over."""
        while not stop.wait(_STANDBY_SECONDS):
            if self.active and self._right.lost:
                with self._changing:
                    self._deactivate()
                self._right.release()
            elif not self.active and self._right.acquire() is None:
                self._take_over(stop)
            elif self.active and not self._right.may_be_lost:
                return

    def _take_over(self, stop: threading.Event) -> None:
        """With the right, for which a database may have been waited until after the end."""
        with self._changing:
            if not stop.is_set():
                log.info("taking over collecting")
                self._activate()
                return
        self._right.release()

    def _activate(self) -> None:
        from collectors.runner.watching import Watcher  # imported here: `--once` starts faster without

        self._executing.begin_anew()
        scheduler = new_scheduler(len(self._slots))
        reconcile(scheduler, self._entries, self._timed)
        self._scheduler = scheduler  # before its first run, which may plan a retry
        self._first_runs.start()
        scheduler.start()
        if self._watch_files:
            self._watcher = Watcher(self._collectors, self.wake)
            self._watcher.start()

    def _deactivate(self) -> None:
        """Start nothing any more; runs under way end after their batch."""
        self._executing.halt.set()
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def _timed(self, name: str) -> None:
        if not (self._unhurried() and self._slots[name].ran_within(UNHURRIED_SECONDS)):
            self._try(name, "timed")

    def _try(self, name: str, reason: Reason) -> None:
        slot = self._slots[name]
        if self._executing.halt.is_set() or slot.resting:
            return
        begun = self._first_runs.begin(name, reason)
        if begun is None:
            self._soon(name, reason, _AGAIN_SECONDS, label="early")
        if not begun:
            return
        report = self._occupied(slot, reason, None, None)
        if report.outcome != "ok":
            # Slightly later than the rest it was given, so that the try is not taken for too early.
            self._soon(name, "timed", slot.delay_seconds(report) + 0.05, label="retry")
        if report.points or report.deleted:
            for follower in followers(self._entries, name):
                self._soon(follower, "followed", self._slots[follower].wait_seconds("followed"))

    def _soon(self, name: str, reason: Reason, seconds: float = 0.0, label: str = "now") -> None:
        scheduler = self._scheduler
        if scheduler is None or self._executing.halt.is_set():
            return
        scheduler.add_job(
            self._try, "date", args=[name, reason], id=f"{name}:{label}", replace_existing=True,
            run_date=datetime.now(UTC) + timedelta(seconds=seconds), misfire_grace_time=None, max_instances=2,
        )  # fmt: skip

    def _occupied(
        self, slot: Slot, reason: Reason, since: datetime | None, progress: ProgressSink | None,
        span: Span | None = None, instead: Collector | None = None,
    ) -> RunReport:  # fmt: skip
        """Run in a place already taken, and give it back whatever happens."""
        report, worker = None, None
        try:
            report, worker = self._executing.execute(instead or slot.collector, since, progress, span)
        finally:
            again = slot.end(report, worker)
        if slot.announces(report, reason, _QUIET_SECONDS):
            self._journal.add(report)
        if again is not None:
            self._soon(slot.collector.name, again, slot.wait_seconds(again))
        return report

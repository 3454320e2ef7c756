"""What the records of a log add up to: batches, finished posts, AI requests, scheduling attempts.

Pure: it is fed record by record, gives points, and its whole state is plain data. The log has no run or batch ids,
so programs that write at the same time are told apart by i/N and order; what can't be told apart is called unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from collectors.app_log.calls import Event, calls_in
from collectors.app_log.results import (
    Origin,
    linkedin_attempts,
    result_rows,
    service_attempt,
    twitter_attempts,
)
from collectors.app_log.runs import QUIET, SECOND, Run, pace_of, run_id, seconds
from collectors.app_log.verdicts import finished_posts, posts_told_by_answers
from collectors.redaction import redact
from metricstore.catalogue import FieldValue
from metricstore.point import Point

SUSPECT = 30 * SECOND
"""A twitter_batch that logged nothing for so long after its start has crashed, which the stock program always does."""
REPEATED = 10 * SECOND
REPETITIONS = 2
"""How often the size of a completed batch is said again, by its generator and by main.py, and within what time."""
MEMORY = 24 * 3600 * SECOND
RUNS_KEPT = 40


@dataclass(slots=True)
class Record:
    """A whole record. `values` are what stands in its template's holes."""

    time: int
    event: str
    values: Mapping[str, str]
    file: str
    line: int
    text: str

    @property
    def origin(self) -> Origin:
        return Origin(self.time, self.file, self.line)


class Machine:
    """Feed it whole records in file order."""

    def __init__(self, runs: list[Run] | None = None) -> None:
        self.runs = runs or []
        self._owed: list[Point] = []
        """What batches that were given up or forgotten still have to tell."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Machine:
        return cls([Run.from_json(run) for run in data.get("runs", ())])

    def to_json(self) -> dict[str, Any]:
        return {"runs": [run.to_json() for run in self.runs]}

    def copy(self) -> Machine:
        return Machine.from_json(self.to_json())

    def feed(self, record: Record) -> list[Point]:
        handler = _HANDLERS.get(record.event)
        if handler is None:
            return []
        points = handler(self, record)
        if self._owed:
            points, self._owed = self._owed + points, []
        return points

    def expire(self, now: int) -> None:
        """Give up batches that have been quiet for too long."""
        for run in self.runs:
            if run.outcome == "running" and now - run.active > QUIET:
                self._give_up(run)

    def _replace(self, platform: str, now: int) -> None:
        """A batch begins: those that are quiet against their own pace were stopped before."""
        for run in self.runs:
            if run.outcome == "running" and now - max(run.active, run.free) > run.patience(platform):
                self._give_up(run)

    def _give_up(self, run: Run) -> None:
        run.outcome = "abandoned"
        self._owed += posts_told_by_answers(run)

    def untold(self, now: int) -> list[Point]:
        """Batches that changed since they were last written, as they look at `now` nanoseconds UTC.

        One that has been quiet until now is told as abandoned, but its records are still waited for.
        """
        return [point for run in self.runs for point in self._stands(run, now)]

    def _stands(self, run: Run, now: int) -> list[Point]:
        if run.requested is not None or run.outcome != "running" or now - run.active <= QUIET:
            return self._tell(run, now)
        likely = Run.from_json(run.to_json())
        posts = posts_told_by_answers(likely)
        told = self._tell(likely, now)
        run.told = likely.told
        return posts + told if told else []

    # Beginnings

    def _announced(self, record: Record) -> list[Point]:
        platform = _platform_of(record.event)
        self._drop(lambda run: run.announced and run.platform == platform)
        self._replace(platform, record.time)
        self._open(platform, record, announced=True)
        return []

    def _calendar_missing(self, record: Record) -> list[Point]:
        self._drop(lambda run: run.announced and run.platform == _platform_of(record.event))
        return []

    def _began(self, record: Record) -> list[Point]:
        platform = _platform_of(record.event)
        self._drop(lambda run: run.announced and run.platform == platform)
        self._replace(platform, record.time)
        run = self._open(platform, record)
        run.requested = int(record.values["size"])
        return self._tell(run)

    def _open(self, platform: str, record: Record, *, announced: bool = False) -> Run:
        self.expire(record.time)
        ended = sorted(self.runs, key=lambda run: (run.outcome == "running", run.active))
        for old, run in enumerate(ended):
            memory = {"running": None, "abandoned": MEMORY, "completed": REPEATED}[run.outcome]
            aged = memory is not None and abs(record.time - run.active) > memory
            if aged or len(ended) - old >= RUNS_KEPT:
                self._owed += self._tell(run)
                self.runs.remove(run)
        run = Run(platform, run_id(platform, record.time), record.time, record.file, record.line, announced=announced)
        run.post_ended = run.active = run.free = record.time
        self.runs.append(run)
        return run

    def _drop(self, unwanted: Callable[[Run], bool]) -> None:
        self.runs = [run for run in self.runs if not unwanted(run)]

    # AI requests

    def _alive(self, now: int) -> list[Run]:
        """Batches that a library record may belong to."""
        self.expire(now)
        alive = [run for run in self.runs if run.outcome == "running"]
        if len(alive) > 1:
            crashed = [run for run in alive if run.announced and now - run.began > SUSPECT]
            alive = [run for run in alive if run not in crashed]
        return alive

    def _request(self, record: Record) -> list[Point]:
        status = int(record.values["status"])
        owners = self._alive(record.time)
        fields: dict[str, FieldValue] = {"file": record.file, "line": record.line}
        self._attribute(owners, Event(record.time, status, 0.0, record.line), fields)
        if len(owners) == 1 and record.time >= owners[0].free:
            fields["latency_seconds"] = seconds(record.time - owners[0].free)
        for run in owners:
            run.free = run.active = record.time
        host = _host(record.values["url"])
        return [Point("ai_request", record.time, {"http_status": str(status), "provider": host}, fields)]

    def _retry(self, record: Record) -> list[Point]:
        wait = float(record.values["wait"])
        owners = self._alive(record.time)
        fields: dict[str, FieldValue] = {"wait_seconds": wait, "file": record.file, "line": record.line}
        self._attribute(owners, Event(record.time, 0, wait, record.line), fields)
        for run in owners:
            run.active = record.time
            run.free = record.time + int(wait * SECOND)
        return [Point("ai_retry", record.time, {"endpoint": _endpoint(record.values["endpoint"])}, fields)]

    def _attribute(self, owners: list[Run], event: Event, fields: dict[str, FieldValue]) -> None:
        for run in owners:
            run.note(event, shared=len(owners) > 1)
        platforms = {run.platform for run in owners}
        if len(platforms) == 1:
            fields["platform"] = platforms.pop()
        if len(owners) == 1:
            run = owners[0]
            run.announced = False
            fields["batch_id"] = run.id
            if event.status:
                run.requests += 1
            else:
                run.retries += 1
                run.waited += event.wait

    # Finished posts and batches

    def _finished(self, record: Record) -> list[Point]:
        platform = _platform_of(record.event)
        position, size = int(record.values["position"]), int(record.values["size"])
        run = self._owner(platform, position, size, record.time)
        if run is None:
            self._drop(lambda run: run.announced and run.platform == platform)
            run = self._open(platform, record)
            run.requested, run.next, run.known_start = size, position, False
        if run.outcome == "abandoned":
            self._doubt(run)
        run.revive()
        self._outlive(run, record.time)
        points = finished_posts(run, record.origin, position, topic=redact(record.values["topic"]))
        run.active = run.free = record.time
        return points

    def _owner(self, platform: str, position: int, size: int, now: int) -> Run | None:
        """The batch that says i/N: one that waits for exactly this i, else one that can have lost some records."""
        mine = [run for run in self.runs if run.platform == platform and run.requested == size and not run.announced]
        for outcome in ("running", "abandoned"):
            waiting = [run for run in mine if run.outcome == outcome and run.next == position]
            if waiting:
                return (
                    min(waiting, key=lambda run: (_overtaken(run, waiting, now), run.active))
                    if outcome == "running"
                    else waiting[-1]
                )
        behind = [run for run in mine if run.outcome == "running" and run.next < position]
        return max(behind, key=lambda run: run.next, default=None)

    def _doubt(self, risen: Run) -> None:
        """What others were thought to have been answered while this one was thought gone may have been its own."""
        for other in self.runs:
            if other is not risen and other.outcome == "running" and other.events:
                other.shared, other.alone = True, 0

    def _outlive(self, run: Run, now: int) -> None:
        """Batches that did nothing since before this one began, which alone accounts for all answers, were stopped."""
        others = [other for other in self.runs if other is not run and other.outcome == "running"]
        if not others or not run.finished or calls_in(run.events, run.calls_per_post) is None:
            return
        for other in others:
            if other.post_ended < run.began and now - other.post_ended > max(run.pace, other.pace):
                self._give_up(other)
        if all(other.outcome != "running" for other in others):
            run.shared = False

    def _completed(self, record: Record) -> list[Point]:
        platform = _platform_of(record.event)
        mine = [
            run
            for run in self.runs
            if run.platform == platform and run.requested is not None and run.outcome != "completed"
        ]
        if not mine:
            return []
        # The one with nothing left to do, and of several the one that has been done longest.
        run = min(mine, key=lambda run: (run.outcome != "running", run.left, run.active))
        run.repetitions = REPETITIONS
        return self._close(run, record)

    def _counted(self, record: Record) -> list[Point]:
        """The end of a run whose generator logs nothing itself; else a repetition of what was said just before."""
        platform, size = _platform_of(record.event), int(record.values["size"])
        mine = [run for run in self.runs if run.platform == platform]
        for run in mine:
            if run.repetitions and run.requested == size and abs(record.time - run.active) < REPEATED:
                run.repetitions -= 1
                return []
        silent = [run for run in mine if run.requested is None and run.outcome != "completed"]
        if not silent:
            return []
        run = silent[-1]
        if not size:
            self._drop(lambda other: other is run)
            return []
        points = posts_told_by_answers(run) if run.shared else []
        run.requested = size
        return points + self._close(run, record)

    def _close(self, run: Run, record: Record) -> list[Point]:
        run.revive()
        points = finished_posts(run, record.origin, run.next + run.left - 1, complete=True)
        run.outcome, run.active = "completed", record.time
        if run.known_start and record.time >= run.began:
            run.duration = seconds(record.time - run.began)
        for other in self.runs:
            # It said nothing all the while this one ran from beginning to end: it is gone.
            gone = other.outcome == "running" and other.platform == run.platform and other.post_ended < run.began
            if gone and run.finished > 1:
                self._give_up(other)
        return points + self._tell(run)

    def _tell(self, run: Run, now: int = 0) -> list[Point]:
        if not run.known_start or run.announced:
            return []
        outcome = "abandoned" if run.outcome == "running" and now - run.active > QUIET else run.outcome
        if (summary := [outcome, *run.summary()]) == run.told:
            return []
        run.told = summary
        return [run.point(outcome)]

    # Scheduling

    def _results(self, record: Record) -> list[Point]:
        rows = result_rows(record.text)
        attempts = linkedin_attempts if _platform_of(record.event) == "linkedin" else twitter_attempts
        return attempts(rows, record.origin)

    def _posted(self, record: Record) -> list[Point]:
        return [service_attempt(record.values, record.origin, accepted=True)]

    def _refused(self, record: Record) -> list[Point]:
        return [service_attempt(record.values, record.origin, accepted=False)]


def _overtaken(run: Run, others: list[Run], now: int) -> bool:
    """Whether another one has finished a post since it began and this one none, or this one is far too late for it."""
    return any(
        run.post_ended < other.began and (other.finished or now - run.post_ended > pace_of(now - other.began))
        for other in others
    )


@lru_cache(maxsize=256)
def _endpoint(path: str) -> str:
    return redact(path)


@lru_cache(maxsize=256)
def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "unknown"
    except ValueError:
        return "unknown"


@lru_cache(maxsize=64)
def _platform_of(event: str) -> str:
    return "linkedin" if event.startswith(("linkedin", "post_")) else "twitter"


_HANDLERS: dict[str, Callable[[Machine, Record], list[Point]]] = {
    "linkedin_run_started": Machine._announced,
    "twitter_run_started": Machine._announced,
    "twitter_calendar_missing": Machine._calendar_missing,
    "linkedin_nothing_generated": Machine._calendar_missing,
    "linkedin_batch_started": Machine._began,
    "twitter_batch_started": Machine._began,
    "post_generated": Machine._finished,
    "thread_generated": Machine._finished,
    "linkedin_batch_completed": Machine._completed,
    "twitter_batch_completed": Machine._completed,
    "linkedin_run_completed": Machine._counted,
    "twitter_threads_counted": Machine._counted,
    "ai_request": Machine._request,
    "ai_retry": Machine._retry,
    "linkedin_scheduling_results": Machine._results,
    "twitter_scheduling_results": Machine._results,
    "service_posted": Machine._posted,
    "service_post_failed": Machine._refused,
}

MEANT = frozenset(_HANDLERS)
"""Events that add up to something; feeding others changes nothing."""
STATEFUL = MEANT - {
    "linkedin_scheduling_results",
    "twitter_scheduling_results",
    "service_posted",
    "service_post_failed",
}
"""Events that change what later records mean."""

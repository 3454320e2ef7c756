"""What the records of a log add up to: batches, finished posts, AI requests, scheduling attempts.

Pure: it is fed record by record, gives points, and its whole state is plain data. What programs that write at the same
time did is told apart where it can be (see roster.py), and else called unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from collectors.app_log.calls import Event
from collectors.app_log.results import (
    Origin,
    linkedin_attempts,
    result_rows,
    service_attempt,
    twitter_attempts,
)
from collectors.app_log.roster import REPEATED, Roster
from collectors.app_log.runs import SECOND, Run, seconds
from collectors.app_log.verdicts import finished_posts, posts_told_by_answers
from collectors.redaction import redact
from metricstore.catalogue import FieldValue
from metricstore.point import Point

LARGEST_BATCH = 100_000
"""Posts; more than anybody generates at once, and still few enough for all of them to be told of together."""
_LONGEST_COUNT = len(str(LARGEST_BATCH))
LONGEST_WAIT = 7 * 24 * 3600.0
"""Seconds."""
REPETITIONS = 2
"""How often the size of a completed batch is said again, by its generator and by main.py."""


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

    def __init__(self, roster: Roster | None = None) -> None:
        self.roster = roster or Roster()
        self.faults: list[Exception] = []
        """What could not be used of records that otherwise could; whoever asks takes them out."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Machine:
        return cls(Roster([Run.from_json(run) for run in data.get("runs", ())]))

    def to_json(self) -> dict[str, Any]:
        return {"runs": [run.to_json() for run in self.roster.runs]}

    def copy(self) -> Machine:
        return Machine.from_json(self.to_json())

    def feed(self, record: Record) -> list[Point]:
        handler = _HANDLERS.get(record.event)
        if handler is None:
            return []
        points = handler(self, record)
        owed = self.roster.owed()
        return owed + points if owed else points

    # Beginnings

    def _announced(self, record: Record) -> list[Point]:
        self.roster.begin(_platform_of(record.event), record.origin, announced=True)
        return []

    def _calendar_missing(self, record: Record) -> list[Point]:
        self.roster.drop_announced(_platform_of(record.event))
        return []

    def _began(self, record: Record) -> list[Point]:
        size = _count(record, "size")
        run = self.roster.begin(_platform_of(record.event), record.origin)
        run.requested = size
        return self.roster.tell(run)

    # AI requests

    def _request(self, record: Record) -> list[Point]:
        status = _count(record, "status")
        owners = self.roster.alive(record.time)
        fields: dict[str, FieldValue] = {"file": record.file, "line": record.line}
        self._attribute(owners, Event(record.time, status, 0.0, record.line), fields)
        if len(owners) == 1 and record.time >= owners[0].free:
            fields["latency_seconds"] = seconds(record.time - owners[0].free)
        for run in owners:
            run.free = run.active = record.time
        return [Point("ai_request", record.time, _request_tags(status, record.values["url"]), fields)]

    def _retry(self, record: Record) -> list[Point]:
        wait = float(record.values["wait"])
        if wait > LONGEST_WAIT:
            raise ValueError("nobody waits so long")
        owners = self.roster.alive(record.time)
        fields: dict[str, FieldValue] = {"wait_seconds": wait, "file": record.file, "line": record.line}
        self._attribute(owners, Event(record.time, 0, wait, record.line), fields)
        for run in owners:
            run.active = record.time
            run.free = record.time + int(wait * SECOND)
        return [Point("ai_retry", record.time, {"endpoint": _redacted(record.values["endpoint"])}, fields)]

    def _attribute(self, owners: list[Run], event: Event, fields: dict[str, FieldValue]) -> None:
        if len(owners) != 1:
            for run in owners:
                run.note(event, shared=True)
            if len(platforms := {run.platform for run in owners}) == 1:
                fields["platform"] = platforms.pop()
            return
        run = owners[0]
        run.note(event, shared=False)
        run.announced = False
        fields["platform"], fields["batch_id"] = run.platform, run.id
        if event.status:
            run.requests += 1
        else:
            run.retries += 1
            run.waited += event.wait

    # Finished posts and batches

    def _finished(self, record: Record) -> list[Point]:
        platform = _platform_of(record.event)
        position, size = _count(record, "position"), _count(record, "size")
        run = self.roster.owner(platform, position, size, record.time)
        if run is None:
            self.roster.drop_announced(platform)
            run = self.roster.open(platform, record.origin)
            run.requested, run.next, run.known_start = size, position, False
        if run.outcome == "abandoned":
            self.roster.doubt(run)
        run.revive()
        self.roster.outlive(run, record.time)
        points = finished_posts(run, record.origin, position, topic=_redacted(record.values["topic"]))
        run.active = run.free = record.time
        return points

    def _completed(self, record: Record) -> list[Point]:
        platform = _platform_of(record.event)
        mine = [
            run
            for run in self.roster.runs
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
        platform, size = _platform_of(record.event), _count(record, "size")
        mine = [run for run in self.roster.runs if run.platform == platform]
        for run in mine:
            if run.repetitions and run.requested == size and abs(record.time - run.active) < REPEATED:
                run.repetitions -= 1
                return []
        silent = [run for run in mine if run.requested is None and run.outcome != "completed"]
        if not silent:
            return []
        run = silent[-1]
        if not size:
            self.roster.runs.remove(run)
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
        self.roster.replace_silent(run)
        return points + self.roster.tell(run)

    # Scheduling

    def _results(self, record: Record) -> list[Point]:
        rows = result_rows(record.text, self.faults)
        attempts = linkedin_attempts if _platform_of(record.event) == "linkedin" else twitter_attempts
        return attempts(rows, record.origin, self.faults)

    def _posted(self, record: Record) -> list[Point]:
        return [service_attempt(record.values, record.origin, accepted=True)]

    def _refused(self, record: Record) -> list[Point]:
        return [service_attempt(record.values, record.origin, accepted=False)]


def _count(record: Record, name: str) -> int:
    text = record.values[name]
    found = int(text) if len(text) <= _LONGEST_COUNT else LARGEST_BATCH + 1
    if found > LARGEST_BATCH:
        raise ValueError(f"{name} {text[:40]} is beyond {LARGEST_BATCH:,}")
    return found


_redacted = lru_cache(maxsize=256)(redact)
"""Topics and endpoints come again and again."""


@lru_cache(maxsize=256)
def _request_tags(status: int, url: str) -> Mapping[str, str]:
    """Shared by equal requests, as most are."""
    try:
        host = urlsplit(url).hostname or "unknown"
    except ValueError:
        host = "unknown"
    return {"http_status": str(status), "provider": host}


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

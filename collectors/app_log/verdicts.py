"""Points of finished posts and threads, and what the log says of them. Pure but for the run it brings up to date."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.app_log.calls import Call, Event, calls_in, calls_over, worked
from collectors.app_log.results import Origin
from collectors.app_log.runs import Run, seconds
from metricstore.catalogue import FieldValue
from metricstore.point import Point

ANSWERED, AMBIGUOUS = "answered", "ambiguous"


@dataclass(slots=True)
class Verdict:
    """`events` are those of this post alone; None when that is not certain."""

    outcome: str
    reason: str
    events: list[Event] | None = None


def finished_posts(
    run: Run, origin: Origin, upto: int, *, topic: str | None = None, complete: bool = False
) -> list[Point]:
    """Points of the posts `run.next`…`upto`, finished at `origin`.

    Usually one. Records in between can be missing: lost by the logger (a character its encoding lacks), or never
    written by the generator. `complete`: the record says that all are finished, not that the last one just was.
    """
    missing = upto - run.next + (1 if complete else 0)
    count = upto - run.next + 1
    verdicts = _verdicts(run, count, silent=complete)
    points = []
    for number, verdict in enumerate(verdicts):
        written = number >= missing
        if written:
            time, line = origin.time, origin.line
        elif verdict.events:
            time, line = verdict.events[-1].time, verdict.events[-1].line
        else:
            time, line = origin.time + (number + 1) * 1000, origin.line
        # Of a post without a record of its own the time is known only through its own answers.
        timed = bool(verdict.events) or (written and count == 1)
        fields = _fields(run, verdict, time, timed=timed)
        fields["position"], fields["file"], fields["line"] = run.next + number, origin.file, line
        if written and topic is not None:
            fields["topic"] = topic
        points.append(Point("generation", time, {"platform": run.platform}, fields))
        run.finished += 1
        run.failed += verdict.outcome in ("failed", "partial")
    run.next = upto + 1
    run.forget_events()
    if not complete:
        run.post_ended = origin.time
    return points


def posts_told_by_answers(run: Run) -> list[Point]:
    """Threads of a generator that logs nothing itself, as far as its answers alone tell: each ended with its only call."""
    if run.requested is not None or run.overflow:
        return []
    count, end = calls_over(run.events[: run.alone])
    if not count:
        return []
    last, rest, alone, shared = run.events[end - 1], run.events[end:], run.alone - end, run.shared
    run.events, run.shared = run.events[:end], False
    points = finished_posts(run, Origin(last.time, run.file, last.line), run.next + count - 1, complete=True)
    run.events, run.alone, run.shared = rest, alone, shared
    return points


def _fields(run: Run, verdict: Verdict, time: int, *, timed: bool) -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {
        "outcome": verdict.outcome,
        "log_outcome": verdict.outcome,
        "outcome_reason": verdict.reason,
        "batch_id": run.id,
    }
    if run.requested is not None:
        fields["batch_size"] = run.requested
    if timed and time >= run.post_ended and (run.known_start or run.finished):
        fields["duration_seconds"] = duration = seconds(time - run.post_ended)
        run.slowest = max(run.slowest, duration)
    if timed:
        run.post_ended = time
    if verdict.events is not None:
        waits = [event.wait for event in verdict.events if not event.status]
        fields["ai_requests"] = len(verdict.events) - len(waits)
        fields["ai_retries"] = len(waits)
        fields["retry_wait_seconds"] = round(sum(waits, 0.0), 6) if waits else 0.0
    return fields


def _verdicts(run: Run, count: int, *, silent: bool) -> list[Verdict]:
    if count < 1:
        return []
    certain = not run.shared and not run.overflow and (run.known_start or run.finished > 0)
    if certain and count == len(run.events) == run.calls_per_post == 1 and worked(run.events[0].status):
        return [Verdict("ok", ANSWERED, run.events)]  # as most are: one post, one call, one answer
    if certain and (run.events or not silent):
        # A generator that logs nothing itself makes one call a thread, the one that does makes three.
        for each in {run.calls_per_post, 1} if silent else {run.calls_per_post}:
            calls = calls_in(run.events, count * each)
            if calls is not None:
                return [_judged(run.events, calls[n * each : (n + 1) * each]) for n in range(count)]
    if run.events and not run.overflow and all(worked(event.status) for event in run.events):
        # Whoever made which of them: every call leaves at least one record, and none of these failed.
        return [Verdict("ok", ANSWERED)] * count
    return [Verdict("unknown", AMBIGUOUS)] * count


def _judged(events: list[Event], calls: list[Call]) -> Verdict:
    failures = [call.failure for call in calls if call.failure]
    own = events[calls[0].begin : calls[-1].end]
    if not failures:
        return Verdict("ok", ANSWERED, own)
    return Verdict("failed" if len(failures) == len(calls) else "partial", failures[0], own)

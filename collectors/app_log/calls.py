"""Which AI calls a row of HTTP and retry records was. Pure.

The client library makes up to four attempts a call. An answered attempt leaves an HTTP record, a refused or cut
connection leaves none; after a failed attempt it announces a retry, unless the status is final or tries are used up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

RETRIES = 3
NO_ANSWER = "no_answer"


@dataclass(slots=True)
class Event:
    """An HTTP record (`status`) or an announced retry (`status` 0, `wait` seconds)."""

    time: int
    status: int
    wait: float = 0.0
    line: int = 0


@dataclass(slots=True)
class Call:
    """Events [begin, end) of one call; `failure` is "" when it was answered with 2xx."""

    begin: int
    end: int
    failure: str


def worked(status: int) -> bool:
    return 200 <= status < 300


def calls_over(events: Sequence[Event]) -> tuple[int, int]:
    """How many calls were surely over, and where the last of them ends, when nobody said how many there were."""
    count = end = retries = 0
    for at, event in enumerate(events):
        if not event.status and retries == RETRIES:
            count, end, retries = count + 1, at, 1
        elif not event.status:
            retries += 1
        elif not _retried(event.status) or retries == RETRIES:
            count, end, retries = count + 1, at + 1, 0
    return count, end


def calls_in(events: Sequence[Event], expected: int) -> list[Call] | None:
    """The `expected` calls these events were, in order; None when that is not certain.

    No events at all means that every call failed before anything was logged.
    """
    if not events:
        return [Call(0, 0, NO_ANSWER)] * expected
    if len(events) == expected and all(worked(event.status) for event in events):
        return [Call(at, at + 1, "") for at in range(expected)]
    solutions = _solutions(events, expected)
    if not solutions:
        return None
    verdicts = {tuple(call.failure for call in solution) for solution in solutions}
    return solutions[0] if len(verdicts) == 1 else None


def _solutions(events: Sequence[Event], expected: int) -> list[list[Call]]:
    """Up to two ways to read the events as that many calls (two are enough to know that it is uncertain)."""
    hopeless: set[tuple[int, int]] = set()
    found: list[list[Call]] = []
    stack: list[tuple[list[Call], Iterator[Call]]] = [([], _endings(events, 0))]
    while stack and len(found) < 2:
        path, choices = stack[-1]
        call = next(choices, None)
        if call is None:
            stack.pop()
            if not found and path:
                hopeless.add((path[-1].end, len(path)))
            continue
        longer = [*path, call]
        if call.end == len(events):
            if len(longer) == expected:
                found.append(longer)
        elif len(longer) < expected and (call.end, len(longer)) not in hopeless:
            stack.append((longer, _endings(events, call.end)))
    return found


def _endings(events: Sequence[Event], begin: int) -> Iterator[Call]:
    """Every way in which the call that begins here can end."""
    at, retries = begin, 0
    while True:
        if at < len(events) and (status := events[at].status):
            if retries == RETRIES:
                # The last attempt may as well have failed unseen, and this answer be the next call's.
                yield Call(begin, at, NO_ANSWER)
            at += 1
            if worked(status):
                yield Call(begin, at, "")
                return
            if not _retried(status) or retries == RETRIES or at == len(events) or events[at].status:
                yield Call(begin, at, f"http_{status}")
                return
        elif retries == RETRIES or at == len(events):
            yield Call(begin, at, NO_ANSWER)
            return
        at, retries = at + 1, retries + 1


def _retried(status: int) -> bool:
    return status in (408, 409, 429) or status >= 500

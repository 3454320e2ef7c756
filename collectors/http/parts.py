"""Several questions to one service: one that is refused keeps none of the others from being asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collectors.base import Batch, Checkpoint, Refused, TemporaryFailure

FAILED = "failed"
"""Where a state keeps the names of the parts that failed last: they are asked last, because a service that fails again and
again is left alone for a while, and the others should have had their turn by then."""

Part = Callable[[], Iterator[Batch]]


def in_turn(state: dict[str, Any], parts: Mapping[str, Part], checkpoint: Callable[[], Checkpoint]) -> Iterator[Batch]:
    """Batches of each part. When all have had their turn, what went wrong is raised as one failure that names the parts.

    `checkpoint` gives what is to be remembered of `state`, in which FAILED is kept.
    """
    before = state.get(FAILED)
    last = [name for name in before if isinstance(name, str)] if isinstance(before, list) else []
    failures: dict[str, TemporaryFailure | Refused] = {}
    for name in sorted(parts, key=lambda name: name in last):
        try:
            yield from parts[name]()
        except (TemporaryFailure, Refused) as failure:
            failures[name] = failure
    failed = [*failures, *(name for name in last if name not in parts)]
    if failed != last:
        state[FAILED] = failed
        yield Batch(checkpoint(), bookkeeping=True)
    if failures:
        raise _together(failures, [name for name in parts if name not in failures])


def _together(failures: Mapping[str, TemporaryFailure | Refused], read: list[str]) -> TemporaryFailure | Refused:
    """One failure for all. A refusal among them is one: trying again at once would only be refused again."""
    if len(failures) == 1 and not read:
        return next(iter(failures.values()))
    refusals = [failure for failure in failures.values() if isinstance(failure, Refused)]
    waits = [failure.retry_after for failure in refusals or failures.values()]
    wait = None if None in waits else min(wait for wait in waits if wait is not None)
    if not refusals:
        return TemporaryFailure(_sentence(failures, read), wait)
    return Refused(_sentence(failures, read), refusals[0].hint, wait)


def _sentence(failures: Mapping[str, Exception], read: list[str]) -> str:
    by_text: dict[str, list[str]] = {}
    for name, failure in failures.items():
        by_text.setdefault(str(failure), []).append(name)
    if len(by_text) == 1 and not read:
        return next(iter(by_text))
    said = "; ".join(f"{' and '.join(names)}: {text}" for text, names in by_text.items())
    return f"{said} ({', '.join(read)} could be read)" if read else said

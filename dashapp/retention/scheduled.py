"""Deletion by the clock: a collector like the others, so that its runs are shown, counted and retried like theirs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.base import WARNINGS, Batch, Checkpoint, Expiry, Problem
from dashapp.retention.judging import Judgement, Memory, done, judged, memories
from dashapp.retention.standing import Standing, standings
from metricstore.coverage import left_out
from metricstore.point import Point
from metricstore.quantities import quantity
from metricstore.retention import Retention, deletion, lifting
from metricstore.store import Store

log = logging.getLogger(__name__)

NAME = "retention"
_LOOK_SECONDS = 300.0
"""Limits move at midnight in UTC; what is older by then is deleted within this time."""


class ScheduledRetention:
    """Deletes what is older than it is kept, once a day; what is not usual it announces first (see `judging`).

    Where everything is kept for ever it runs, too, and has nothing to do: what failed before is over then. `by_hand`: all of it now.
    """

    name = NAME
    interval_seconds = _LOOK_SECONDS
    rereads = False
    """What was announced and agreed to holds, whatever is read again."""

    def __init__(
        self, retention: Retention, *, by_hand: bool = False, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._retention, self._by_hand, self._now = retention, by_hand, now

    def validate(self) -> list[Problem]:
        """What doctor says of it, it finds out by itself."""
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """One batch a measurement. That a deletion was begun is remembered before it is."""
        now = self._now()
        known = memories(checkpoint)
        kept = {name: known[name] for name, _ in self._retention.days if name in known}
        sentences: list[str] = []
        for stands in standings(store, self._retention, now):
            name, before = stands.measurement, kept.get(stands.measurement, Memory())
            judgement = self._judged(stands, before, now)
            if judgement.sentence:
                sentences.append(judgement.sentence)
                _say(judgement.sentence, stands, checkpoint)
            if judgement.delete:
                limit = judgement.memory.begun or stands.limit
                yield Batch(_remembered(checkpoint, kept | {name: replace(before, begun=limit)}), bookkeeping=True)
                kept[name] = done(replace(stands, limit=limit), judgement.memory)
                expiry = Expiry(name, limit, stands.days)
                yield Batch(_remembered(checkpoint, kept), expiries=(expiry,), records=1)
            else:
                kept[name] = judgement.memory
        if lifted := list(self._lifted(store, now)):
            yield Batch(_remembered(checkpoint, kept), lifted, bookkeeping=True)
        after: Checkpoint = {"kept": {name: one.written() for name, one in kept.items()}, WARNINGS: sentences}
        if sentences or (after != checkpoint and (kept or checkpoint)):
            yield Batch(after, records=len(sentences), bookkeeping=True)

    def _lifted(self, store: Store, now: datetime) -> Iterator[Point]:
        """What was left out by a shorter policy may be read again: from then on it is known."""
        days = dict(self._retention.days)
        for name, before in left_out(store).items():
            limit = self._retention.limit(name, now)
            if limit is None:
                yield lifting(name, now)
            elif limit < before:
                yield deletion(name, days[name], limit, 0, now)

    def _judged(self, stands: Standing, memory: Memory, now: datetime) -> Judgement:
        if self._by_hand:
            return Judgement(bool(stands.older), "", done(stands, memory))
        return judged(stands, memory, now)


def _remembered(checkpoint: Checkpoint, kept: Mapping[str, Memory]) -> dict[str, Any]:
    return {**checkpoint, "kept": {name: one.written() for name, one in kept.items()}}


def _say(sentence: str, stands: Standing, checkpoint: Checkpoint) -> None:
    """In the log, when it is new; on Data health and by `dashapp doctor` as long as it holds."""
    if sentence not in checkpoint.get(WARNINGS, ()):
        log.warning("%s (%s of %s)", sentence, f"{stands.older:,}", quantity(stands.points, "points"))

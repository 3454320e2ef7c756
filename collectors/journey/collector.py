"""Puts the way of each post together from what all other collectors have stored. Reads and writes the store only."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from collectors.base import Batch, Checkpoint, Problem
from collectors.journey.comparing import Comparison
from collectors.journey.matching import matched
from collectors.journey.points import placed
from collectors.journey.reading import Reader
from collectors.journey.thresholds import DAY
from collectors.journey.trails import Trail
from collectors.source import Source
from metricstore.point import Point
from metricstore.store import Store

INPUTS = ("generation", "batch", "post", "post_transition", "scheduling_attempt", "queue_item", "delivery", "social_post",
          "social_post_stats", "social_queue", "api_quota", "engagement")  # fmt: skip
RECENT = 14 * DAY
"""Usually only posts of the last days and those ahead are put together anew…"""
FULL_SHARE = 0.025
FULL_SECONDS = (60.0, 3600.0)
"""…and, at the first run and while anything has changed, all of them: as often as takes this share of a processor, within
these limits. What arrives late, or all at once in a first import, is so put right within minutes."""
BATCH_POINTS = 500
_VERSION = 2
"""Of what is made of a post: all are put together anew when it moves on. Since 2 a date is stored as a date."""
_AHEAD = 3000 * DAY


class JourneyCollector:
    """Writes a `post_journey` for every post; see README.md beside this file."""

    name = "journey"
    interval_seconds = 30.0

    def __init__(self, source: Source, now: Callable[[], int] = time.time_ns) -> None:
        self._zone = source.zone
        self._now = now
        self._next_full = float("-inf")

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Does nothing while nothing has changed and no threshold has passed. What is stored follows from the other
        measurements and the time alone: running again changes nothing, and whatever a crash left is put right."""
        now = self._now()
        seen = [store.revision(name) for name in INPUTS]
        full = self._must_be_full(checkpoint, seen, now)
        if not full and seen == checkpoint.get("seen") and now < checkpoint.get("next", 0):
            return
        began = time.process_time()  # most of it is the store's, in threads of its own
        since = None if full else now - RECENT
        found = Comparison(store, Reader(store, self._zone).world(now), since)
        changed = False
        for batch in _batches(checkpoint, found.changes(self._placed(store, since))):
            changed = True
            yield batch
        after = _after(checkpoint, found, seen, full, now)
        if full:
            took = time.process_time() - began
            self._next_full = time.monotonic() + min(max(took / FULL_SHARE, FULL_SECONDS[0]), FULL_SECONDS[1])
        # posts that have moved are there twice for a moment rather than not at all
        nothing = not (changed or found.outdated)
        yield Batch(after, deleted=found.outdated, records=found.records, bookkeeping=nothing)

    def _placed(self, store: Store, since: int | None) -> deque[Trail]:
        return deque(placed(matched(Reader(store, self._zone).records(since))))

    def _must_be_full(self, checkpoint: Checkpoint, seen: list[str], now: int) -> bool:
        if checkpoint.get("version") != _VERSION or now >= _full_next(checkpoint, now):
            return True
        return bool(seen != checkpoint["full_seen"]) and time.monotonic() >= self._next_full


def _after(checkpoint: Checkpoint, found: Comparison, seen: list[str], full: bool, now: int) -> Checkpoint:
    """What is remembered when all is written."""
    never = now + _AHEAD
    return {
        "version": _VERSION, "seen": seen, "full_seen": seen if full else checkpoint.get("full_seen"),
        "next": min((moment for moment, _ in found.upcoming), default=never),
        "oldest": min((dated for _, dated in found.upcoming), default=never),
        "full_next": never if full else _full_next(checkpoint, now),
    }  # fmt: skip


def _full_next(checkpoint: Checkpoint, now: int) -> int:
    """When time alone changes a post that is too old by now for the usual look."""
    earliest = int(checkpoint.get("full_next", 0))
    aged = int(checkpoint.get("oldest", 0)) < now - RECENT
    return min(earliest, int(checkpoint.get("next", 0))) if aged else earliest


def _batches(checkpoint: Checkpoint, changes: Iterator[tuple[Point, bool]]) -> Iterator[Batch]:
    """A replaced point is deleted in the batch that writes it, so that it is never missing for longer than that."""
    while some := list(islice(changes, BATCH_POINTS)):
        yield Batch(checkpoint, [point for point, _ in some], [point for point, replaces in some if replaces])

"""Puts the way of each post together from what all other collectors have stored. Reads and writes the store only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from collectors.base import Batch, Checkpoint, Problem
from collectors.journey.matching import matched
from collectors.journey.points import journey_points
from collectors.journey.reading import Reader
from collectors.journey.standing import Standing
from collectors.journey.thresholds import DAY
from collectors.recall import Known, recall_named, recalled
from collectors.source import Source
from metricstore.catalogue import measurement
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
BATCH_POINTS = 5000
_AHEAD = 3000 * DAY
_PAGE = 2000
"""Stored points that are held at a time."""
_COLUMNS = measurement("post_journey").columns


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
        began = time.monotonic()
        since = None if full else now - RECENT
        points, upcoming = self._derived(store, since, now)
        changes, outdated = _differences(store, points, since)
        never = now + _AHEAD
        after: dict[str, Any] = {
            "seen": seen, "full_seen": seen if full else checkpoint.get("full_seen"),
            "next": min((moment for moment, _ in upcoming), default=never),
            "oldest": min((dated for _, dated in upcoming), default=never),
            "full_next": never if full else _full_next(checkpoint, now),
        }  # fmt: skip
        if full:
            took = time.monotonic() - began
            self._next_full = time.monotonic() + min(max(took / FULL_SHARE, FULL_SECONDS[0]), FULL_SECONDS[1])
        yield from _batches(checkpoint, after, changes, outdated, len(points))

    def _must_be_full(self, checkpoint: Checkpoint, seen: list[str], now: int) -> bool:
        if "full_seen" not in checkpoint or now >= _full_next(checkpoint, now):
            return True
        return bool(seen != checkpoint["full_seen"]) and time.monotonic() >= self._next_full

    def _derived(self, store: Store, since: int | None, now: int) -> tuple[list[Point], list[tuple[int, int]]]:
        """Points of posts dated from `since` on, and for each that time alone will change: when, and its own time."""
        reader = Reader(store, self._zone)
        made = journey_points(matched(reader.records(since)), reader.world(now))
        kept = [(point, stands) for point, stands in made if since is None or point.time >= since]
        return [point for point, _ in kept], [
            _upcoming(point, stands) for point, stands in kept if stands.next is not None
        ]


def _full_next(checkpoint: Checkpoint, now: int) -> int:
    """When time alone changes a post that is too old by now for the usual look."""
    earliest = int(checkpoint.get("full_next", 0))
    aged = int(checkpoint.get("oldest", 0)) < now - RECENT
    return min(earliest, int(checkpoint.get("next", 0))) if aged else earliest


def _upcoming(point: Point, stands: Standing) -> tuple[int, int]:
    assert stands.next is not None
    return stands.next, point.time


def _differences(store: Store, points: list[Point], since: int | None) -> tuple[list[Point], list[Point]]:
    """(what is to be written, what is to be deleted). A point that loses a field is in both: it is replaced."""
    wanted = {point.identity: point for point in points}
    span = None if since is None else (since, max([since, *(point.time for point in points)]) + _AHEAD)
    changed, outdated, here = [], [], set()
    for row in recalled(store, "post_journey", _COLUMNS, span=span, page=_PAGE):
        here.add(row.text("post_id"))
        stored = row.point
        point = wanted.pop(stored.identity, None)
        if point is None:
            outdated.append(stored)
        elif differs := _difference(point, row):
            changed.append(point)
            if differs == "less":
                outdated.append(stored)
    changed += wanted.values()
    if since is not None:
        outdated += _elsewhere(store, list(wanted.values()), here, since)
    return changed, outdated


def _difference(point: Point, row: Known) -> str:
    """Empty: none; `less`: a field is gone; else `other`."""
    if row.values.keys() - point.fields.keys() - point.tags.keys():
        return "less"
    return "other" if any(row.values.get(name) != value for name, value in point.fields.items()) else ""


def _elsewhere(store: Store, points: list[Point], here: set[str], since: int) -> list[Point]:
    """Older points of posts that have moved to a later date."""
    new = sorted({name for point in points if (name := str(point.fields["post_id"])) not in here})
    found = recall_named(store, "post_journey", "post_id", new, ("platform", "post_id"))
    return [row.point for row in found if row.time < since]


def _batches(
    checkpoint: Checkpoint, after: Checkpoint, changes: list[Point], outdated: list[Point], records: int
) -> Iterator[Batch]:  # fmt: skip
    """A replaced point is deleted in the batch that writes it, so that it is never missing for longer than that."""
    replaced = {point.identity: point for point in outdated}
    for begin in range(0, len(changes), BATCH_POINTS):
        some = changes[begin : begin + BATCH_POINTS]
        gone = [found for point in some if (found := replaced.pop(point.identity, None)) is not None]
        yield Batch(checkpoint, some, gone)
    # posts that have moved are there twice for a moment rather than not at all
    yield Batch(after, deleted=list(replaced.values()), records=records, bookkeeping=not (changes or replaced))

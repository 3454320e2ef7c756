"""From what sources told of sent posts to one point a post and its growth. Reads and writes the store only."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.base import Batch, Checkpoint, Problem
from collectors.performance.points import points_of
from collectors.performance.posts import Gathering, Told
from collectors.performance.texts import APART, Texts
from collectors.recall import FOREVER, Changes, Known, recall, recalled
from collectors.source import Source
from metricstore.catalogue.social import FIGURES
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
RECENT = 35 * _DAY
"""Usually only posts sent in the last days before the newest figures are looked at: older ones hardly change…"""
_FULL_SECONDS = 3600.0
_CALM, _BUSY = 20.0, 3.0
"""…and all of them when anything changed, after so many times as long as that took, an hour at most: sooner where more
was written meanwhile, as during a first import."""
_STEP = 5 * _DAY
"""Of so much the points are made and compared at once."""
_PAGE = 1_000
"""Rows that are read at once: the less is held for a moment, the less the process keeps for ever."""
_WRITTEN = ("post_performance", "post_growth")
_READ = ("social_post", "social_post_stats", "post")
_POSTS = ("source", "platform", "service_post_id", "status", "sent", "channel_id", "content_hash", "platform_post_id")
_READINGS = ("source", "platform", "service_post_id", "channel_id", "age_seconds", *(one.name for one in FIGURES))
_TEXTS = ("platform", "post_id", "topic", "prompt_type", "content", "tweets")


class PerformanceCollector:
    """Writes `post_performance` and `post_growth`."""

    name = "performance"
    interval_seconds = 60.0

    def __init__(self, source: Source) -> None:
        self._zone = source.zone
        self._full_due = float("-inf")

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Does nothing while neither posts nor figures nor calendars changed. What it writes follows from what is
        stored alone, so running it again changes nothing."""
        seen = [store.revision(name) for name in _READ]
        began = time.monotonic()
        full = began >= self._full_due and seen != checkpoint.get("full")
        if not full and seen == checkpoint.get("seen"):
            return
        since = None if full else _since(store)
        remembered = {"seen": seen, "full": seen if full else checkpoint.get("full")}
        count = 0
        posts = _Posts.gathered(store, since, self._zone)
        for change in self._changes(store, posts, since):
            count += len(change.points)
            if change.points:
                yield Batch(checkpoint, change.points, change.replaced, records=len(change.points))
            if change.outdated:
                yield Batch(checkpoint, deleted=change.outdated)
        if full and posts.told:  # the first posts may just be on their way
            ended = time.monotonic()
            calm = seen == [store.revision(name) for name in _READ]
            self._full_due = ended + min(_FULL_SECONDS, (_CALM if calm else _BUSY) * (ended - began))
        yield Batch(remembered, bookkeeping=not count)

    def _changes(self, store: Store, posts: _Posts, since: int | None) -> Iterator[Changes]:
        """What of the posts' points is not stored just so, and what is stored from `since` on and is no more, some
        days at a time: a post's points all lie in the second it was sent."""
        edges = [one.post.sent // _SECOND * _SECOND for one in posts.told[:1] + posts.told[-1:]]
        stored = {name: bounds for name in _WRITTEN if (bounds := store.bounds(name)) is not None}
        edges += [nanoseconds(one) // _SECOND * _SECOND for bounds in stored.values() for one in bounds]
        if not edges:
            return
        for start in range(min(edges) if since is None else since, max(edges) + _SECOND, _STEP):
            points = list(posts.points(start, start + _STEP, self._zone))
            for name in _WRITTEN:
                known = recall(store, name, span=(start, start + _STEP)) if name in stored else []
                yield _compared([point for point in points if point.measurement == name], known)


@dataclass(frozen=True)
class _Posts:
    """Sent posts by time, their figures, and the texts they were made of."""

    told: list[Told]
    found: Gathering
    texts: Texts

    @classmethod
    def gathered(cls, store: Store, since: int | None, zone: ZoneInfo) -> _Posts:
        """Those sent from `since` on, a whole second."""
        # A day more: two sources need not agree to the second when a post was sent.
        start = None if since is None else since - _DAY
        found = Gathering()
        for row in _all(store, "social_post", _POSTS, start):
            found.add_post(row)
        for row in _all(store, "social_post_stats", _READINGS, start):
            found.add_reading(row)
        texts = Texts(found.hashes, zone)
        for row in _all(store, "post", _TEXTS, None if start is None else start - APART):
            texts.add(row)
        told = (one for one in found.told() if since is None or one.post.sent >= since)
        return cls(sorted(told, key=lambda one: one.post.sent), found, texts)

    def points(self, start: int, stop: int, zone: ZoneInfo) -> Iterator[Point]:
        """Of posts sent in [start, stop)."""
        first, last = (bisect_left(self.told, edge, key=lambda one: one.post.sent) for edge in (start, stop))
        for one in self.told[first:last]:
            post = one.post
            written = self.texts.of(post.platform, post.content_hash, post.sent)
            yield from points_of(one, self.found.course(post), written, zone)


def _since(store: Store) -> int | None:
    """From when on posts are looked at, a whole second; None: from the beginning."""
    bounds = store.bounds("social_post_stats")
    return None if bounds is None else (nanoseconds(bounds[1]) - RECENT) // _SECOND * _SECOND


def _all(store: Store, name: str, columns: tuple[str, ...], since: int | None) -> Iterator[Known]:
    """Stored rows from `since` on, oldest first, a page at a time."""
    return recalled(store, name, columns, span=None if since is None else (since, FOREVER), page=_PAGE)


def _compared(points: list[Point], known: list[Known]) -> Changes:
    stored = {row.point.identity: row for row in known}
    change = Changes()
    for point in points:
        change.put(point, stored.pop(point.identity, None))
    change.outdated = [row.point for row in stored.values()]
    return change

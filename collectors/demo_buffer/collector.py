"""Reads the made-up Buffer account of a demo folder, through the parsing that real answers go through."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from collectors.base import Batch, Checkpoint, Problem
from collectors.buffer.api import WINDOWS
from collectors.buffer.parse import SOURCE, evidence, post_of, stats_of
from collectors.demo_buffer.account import ZONES, Life
from collectors.demo_buffer.queues import Queues, moments
from collectors.places import is_there
from collectors.reading import digits
from collectors.social.ledger import Ledger, renewed
from collectors.source import Source
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

FILE = "services/buffer.ndjson"
"""Where a demo folder keeps the account."""
_POSTS = 150
"""Posts in a batch."""


class DemoBufferCollector:
    """Does nothing unless there is a demo folder's account."""

    name = "demo_buffer"
    interval_seconds = 60.0

    def __init__(self, source: Source, now: Callable[[], float] = time.time) -> None:
        self._path = source.root / FILE
        self._now = now

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return [self._path]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """What became different since the last time, posts first."""
        if not is_there(self._path):
            return
        now = datetime.fromtimestamp(int(self._now()), UTC)
        since = datetime.fromtimestamp(float(checkpoint.get("until", 0)), UTC)
        for points in Ledger(store, SOURCE).reclocked(dict(checkpoint.get("zones", {})), ZONES):
            yield Batch(checkpoint, points)
        queues = Queues(since, now)
        count = 0
        for some in _batches(self._touched(queues, since, now)):
            count += len(some)
            yield from _told(store, some, since, now, checkpoint)
        yield Batch({"until": now.timestamp(), "zones": ZONES}, [*queues.points(), *_quotas(since, now)], records=count)

    def _touched(self, queues: Queues, since: datetime, now: datetime) -> Iterator[Life]:
        """Posts that became different in (since, now]; all others count for the queues only."""
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                if not line.endswith("\n"):
                    return  # half written
                life = Life.read(json.loads(line))
                queues.add(life)
                if life.changed(since, now) or any(life.refreshed(since, now)):
                    yield life


def _batches(lives: Iterator[Life]) -> Iterator[list[Life]]:
    while some := list(islice(lives, _POSTS)):
        yield some


def _told(
    store: Store, lives: list[Life], since: datetime, now: datetime, checkpoint: Checkpoint
) -> Iterator[Batch]:  # fmt: skip
    ledger = Ledger(store, SOURCE)  # of these posts only: each comes once
    posts = [post_of(life.seen(now), ZONES) for life in lives]
    changes = ledger.compare(posts)
    gone = [post.post_id for post, life in zip(posts, lives, strict=True) if life.withdrawn and life.withdrawn <= now]
    # Told anew each time they are looked at: together they are large.
    believed = evidence(raw for life in lives for raw in life.refreshed(since, now))
    found = [stats_of(raw, post, believed.get(post.channel_id, ()))
             for post, life in zip(posts, lives, strict=True) for raw in life.refreshed(since, now)]  # fmt: skip
    stats = renewed(store, [point for point in found if point is not None], SOURCE)
    points = [*changes.points, *ledger.withdrawn(gone), *stats.points]
    yield Batch(checkpoint, points, [*changes.replaced, *stats.replaced])
    if changes.outdated:
        yield Batch(checkpoint, deleted=changes.outdated)


def _quotas(since: datetime, now: datetime) -> Iterator[Point]:
    """What Buffer would say of its requests: spent through the day, anew the next."""
    for moment in moments(max(since, now - timedelta(days=60)), now):
        for window in WINDOWS:
            allowed = window.allowed or 0
            spent = digits(f"{window.name}{moment:%Y%m%d%H}", allowed // 5 + 1)
            fields = {"allowed": allowed, "remaining": allowed - spent, "reset_seconds": window.seconds // 2}
            yield Point("api_quota", nanoseconds(moment), {"service": "buffer", "window": window.name}, fields)

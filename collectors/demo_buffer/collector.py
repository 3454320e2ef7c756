"""Reads the made-up Buffer account of a demo folder, through the parsing that real answers go through."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collectors.base import Batch, Checkpoint, Problem
from collectors.buffer.api import WINDOWS
from collectors.buffer.parse import SOURCE, channel_of, evidence, post_of, stats_of
from collectors.buffer.queue import queue_point
from collectors.demo_buffer.account import Life, channels
from collectors.reading import digits
from collectors.social.ledger import Ledger, renewed
from collectors.source import Source
from metricstore.point import Point, nanoseconds
from metricstore.store import Store

FILE = "services/buffer.ndjson"
"""Where a demo folder keeps the account."""
_POSTS = 400
"""Posts in a batch."""
_HOURLY = timedelta(days=2)
"""For so long queues are told by the hour, before that by the day."""


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
        if not self._path.exists():
            return
        now = datetime.fromtimestamp(int(self._now()), UTC)
        since = datetime.fromtimestamp(float(checkpoint.get("until", 0)), UTC)
        with self._path.open(encoding="utf-8") as file:
            # the last line may be half written
            lives = [Life.read(json.loads(line)) for line in file if line.endswith("\n")]
        touched = [life for life in lives if life.changed(since, now) or any(life.refreshed(since, now))]
        ledger = Ledger(store, SOURCE, nanoseconds(now - timedelta(days=31)))
        for some in _batches(touched):
            yield from _told(store, ledger, some, since, now, checkpoint)
        yield Batch(
            {"until": now.timestamp()}, [*_queues(lives, since, now), *_quotas(since, now)], records=len(touched)
        )


def _batches(lives: list[Life]) -> Iterator[list[Life]]:
    for begin in range(0, len(lives), _POSTS):
        yield lives[begin : begin + _POSTS]


def _told(
    store: Store, ledger: Ledger, lives: list[Life], since: datetime, now: datetime, checkpoint: Checkpoint
) -> Iterator[Batch]:  # fmt: skip
    posts = [post_of(life.seen(now)) for life in lives]
    changes = ledger.compare(posts)
    gone = [post.post_id for post, life in zip(posts, lives, strict=True) if life.withdrawn and life.withdrawn <= now]
    raws = [(raw, post) for post, life in zip(posts, lives, strict=True) for raw in life.refreshed(since, now)]
    believed = evidence(raw for raw, _ in raws)
    found = [stats_of(raw, post, believed.get(post.channel_id, ())) for raw, post in raws]
    stats = renewed(store, [point for point in found if point is not None], SOURCE)
    points = [*changes.points, *ledger.withdrawn(gone), *stats.points]
    yield Batch(checkpoint, points, [*changes.replaced, *stats.replaced])
    if changes.outdated:
        yield Batch(checkpoint, deleted=changes.outdated)


def _queues(lives: list[Life], since: datetime, now: datetime) -> Iterator[Point]:
    """How many posts waited in each channel, at moments since the last time."""
    known = [channel for raw in channels() if (channel := channel_of(raw)) is not None]
    if not lives:
        return
    for moment in _moments(max(since, min(life.created for life in lives)), now):
        waiting = [post_of(life.seen(moment)) for life in lives if life.waits(moment)]
        for channel in known:
            yield queue_point(channel, waiting, 0, {}, int(moment.timestamp()))


def _moments(since: datetime, now: datetime) -> Iterator[datetime]:
    """Noon of every day, and every hour of the last two days, in (since, now]."""
    hour = since.replace(minute=0, second=0, microsecond=0)
    while (hour := hour + timedelta(hours=1)) <= now:
        if hour.hour == 12 or now - hour < _HOURLY:
            yield hour


def _quotas(since: datetime, now: datetime) -> Iterator[Point]:
    """What Buffer would say of its requests: spent through the day, anew the next."""
    for moment in _moments(max(since, now - timedelta(days=60)), now):
        for window in WINDOWS:
            allowed = window.allowed or 0
            spent = digits(f"{window.name}{moment:%Y%m%d%H}", allowed // 5 + 1)
            fields = {"allowed": allowed, "remaining": allowed - spent, "reset_seconds": window.seconds // 2}
            yield Point("api_quota", nanoseconds(moment), {"service": "buffer", "window": window.name}, fields)

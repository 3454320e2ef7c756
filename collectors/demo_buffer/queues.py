"""How many posts waited in the made-up account, at moments of the past. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from collectors.buffer.parse import channel_of, post_of
from collectors.buffer.queue import queue_point
from collectors.demo_buffer.account import ZONES, Life, channels
from collectors.social.post import SocialPost
from metricstore.point import Point

_HOUR = timedelta(hours=1)
_HOURLY = timedelta(days=2)
"""For so long queues are told by the hour, before that by the day."""


class Queues:
    """Told of every post, keeps only which of them waited at each moment in (since, now]."""

    def __init__(self, since: datetime, now: datetime) -> None:
        self._since, self._now = since, now
        self._waiting: dict[datetime, list[SocialPost]] = {}
        self._first: datetime | None = None

    def add(self, life: Life) -> None:
        if self._first is None or life.created < self._first:
            self._first = life.created
        waits = [moment for moment in moments(max(self._since, life.created - _HOUR), self._now, life.ended)
                 if life.waits(moment)]  # fmt: skip
        if waits:
            post = post_of(life.seen(waits[0]), ZONES)
            for moment in waits:
                self._waiting.setdefault(moment, []).append(post)

    def points(self) -> Iterator[Point]:
        """Both channels at each moment, from the account's first post on."""
        known = [channel for raw in channels() if (channel := channel_of(raw)) is not None]
        if self._first is None:
            return
        for moment in moments(max(self._since, self._first), self._now):
            for channel in known:
                yield queue_point(channel, self._waiting.get(moment, []), 0, {}, int(moment.timestamp()))


def moments(since: datetime, now: datetime, until: datetime | None = None) -> Iterator[datetime]:
    """Noon of every day, and every hour of the last two days before `now`, in (since, now], not after `until`."""
    hour = since.replace(minute=0, second=0, microsecond=0)
    end = now if until is None else min(now, until)
    while (hour := hour + _HOUR) <= end:
        if hour.hour == 12 or now - hour < _HOURLY:
            yield hour

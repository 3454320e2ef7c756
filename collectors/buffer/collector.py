"""Posts, queues, figures and quotas of a Buffer account."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from collectors.base import ASKED, Batch, Checkpoint, Problem
from collectors.buffer.api import PAGES, WINDOWS, BufferApi, open_client
from collectors.buffer.rounds import Round
from collectors.http import Client, in_turn, quota_points
from collectors.social.due import is_due, state_of
from collectors.source import Source
from metricstore.quantities import quantity
from metricstore.store import Store

HOUR = 3_600.0
DAY = 86_400.0
_SHARE = 0.8
"""Of the month's requests that hourly rounds may use; the rest is for daily figures and people's own use."""
_DAILY_PAGES = 10
"""Requests that must be left before a day's figures are read again."""


class BufferCollector:
    """Asks Buffer's GraphQL interface; see README.md beside this file."""

    name = "buffer"
    interval_seconds = HOUR

    def __init__(self, source: Source, now: Callable[[], float] = time.time) -> None:
        self.source = source
        self._now = now

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """An hourly round and, once a day, the figures of 30 days; nothing without a key or before it is time."""
        service = self.source.services.buffer
        if not service.given:
            return
        state = state_of(checkpoint, service, ASKED)
        client = open_client(service, checkpoint, now=self._now)
        hourly = is_due(state, "polled", max(HOUR, spacing(client, state)), self._now())
        daily = is_due(state, "figures", DAY, self._now())
        if not (hourly or daily):
            return
        rounds = self._rounds(_round(client, store, state, self._now), hourly, daily)
        yield from client.remembering({**checkpoint, **state}, rounds, lambda: quota_points("buffer", client))

    def probe(self) -> str:
        """Ask once, whatever was refused before: for `dashapp doctor --online`. Raises what is wrong."""
        with open_client(self.source.services.buffer, {}, now=self._now) as client:
            found = BufferApi(client).organizations()
        return quantity(len(found), "organisations")

    def backfill(self, start: float, stop: float, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Posts due in [start, stop) (seconds since the epoch) and their figures as they are now."""
        service = self.source.services.buffer
        if not service.given:
            return
        client = open_client(service, checkpoint, now=self._now)
        state = state_of(checkpoint, service, ASKED)
        work = _round(client, store, state, self._now)
        yield from client.remembering(
            {**checkpoint, **state}, work.backfill(start, stop), lambda: quota_points("buffer", client)
        )

    def _rounds(self, work: Round, hourly: bool, daily: bool) -> Iterator[Batch]:
        yield from work.organizations()
        parts = {"queues and outcomes": partial(self._hour, work)} if hourly else {}
        if daily:
            parts["figures"] = partial(self._figures, work)
        yield from in_turn(work.state, parts, lambda: work.checkpoint)

    def _hour(self, work: Round) -> Iterator[Batch]:
        before = work.api.client.requests
        yield from work.hour()
        work.state |= {"polled": self._now(), "cost": work.api.client.requests - before}
        yield Batch(work.checkpoint)

    def _figures(self, work: Round) -> Iterator[Batch]:
        left = work.api.client.budget.left(self._now())
        if left is None or left >= _DAILY_PAGES:
            yield from work.figures()
            work.state["figures"] = self._now()
            yield Batch(work.checkpoint)


def _round(client: Client, store: Store, state: dict[str, Any], now: Callable[[], float]) -> Round:
    page = state.get("page")
    return Round(BufferApi(client, page if page in PAGES else PAGES[0]), store, state, now)


def spacing(client: Client, state: dict[str, Any]) -> float:
    """Seconds between rounds so that rounds as long as the last one do not use up the month's requests."""
    month = client.budget.counts[WINDOWS[-1].name].limit or WINDOWS[-1].allowed or 1
    cost = state.get("cost")
    return (cost if isinstance(cost, int) else 1) * 30 * DAY / (_SHARE * month)

"""One visit to Buffer, page by page: a batch follows each request, so that nothing asked is asked in vain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from collectors.base import Batch, Checkpoint, DeadLetter
from collectors.buffer.api import BufferApi
from collectors.buffer.parse import SOURCE, Channel, channel_of, evidence, limits_of, post_of, stats_of
from collectors.buffer.queue import queue_point
from collectors.http import each, in_turn
from collectors.recall import Changes
from collectors.social.due import is_due
from collectors.social.ledger import Ledger, renewed
from collectors.social.post import SECOND, SocialPost
from metricstore.point import Point
from metricstore.store import Store

_DAY = 86_400
OUTCOME_DAYS, FIGURE_DAYS = 3, 30
_WAITING = ["draft", "needs_approval", "scheduled", "sending"]
_ENDED = ["sent", "error"]


class Round:
    """What is asked in one run. `state` is the checkpoint's content and is changed as the work goes on."""

    def __init__(self, api: BufferApi, store: Store, state: dict[str, Any], now: Callable[[], float]) -> None:
        self.api, self.state = api, state
        self._store, self._now = store, now
        self._ledger = Ledger(store, SOURCE, self._ago(FIGURE_DAYS + 1))

    @property
    def checkpoint(self) -> Checkpoint:
        return {**self.state, "page": self.api.page}

    def organizations(self) -> Iterator[Batch]:
        """Whom to ask about: the one that is set, else all of the account, looked up once a day."""
        wanted = self.api.client.service.account
        if wanted:
            self.state["organizations"] = [wanted]
        elif not self.state.get("organizations") or is_due(self.state, "organizations_at", _DAY, self._now()):
            self.state |= {"organizations": self.api.organizations(), "organizations_at": self._now()}
            yield Batch(self.checkpoint)

    def hour(self) -> Iterator[Batch]:
        """Queue, outcomes of three days, and what is gone, of each organisation."""
        yield from self._of_each(self._hour)

    def _hour(self, organization: str) -> Iterator[Batch]:
        """What is gone and how long the queues are follows from all that is asked: where a question is refused, the others
        are asked all the same, but that is left for the next time."""
        before: dict[str, list[str]] = self.state.setdefault("channels", {})
        channels: list[Channel] = []
        limits: dict[str, dict[str, int]] = {}
        waiting: list[SocialPost] = []
        ended: list[SocialPost] = []

        def overview() -> Iterator[Batch]:
            found, today = self._overview(organization)
            channels.extend(found)
            limits.update(today)
            yield from self._clocks(found)

        def known() -> tuple[set[str], set[str]]:
            mine = {channel.channel_id for channel in channels} | set(before.get(organization, []))
            return mine, {post.post_id for post in waiting}

        def outcomes() -> Iterator[Batch]:
            due = {"start": self._iso(self._outcomes_from(*known())), "end": self._iso(self._now() + _DAY)}
            yield from self._read(self.api.posts(organization, _ENDED, due), ended)

        yield from in_turn({}, {
            "channels": overview, "waiting posts": lambda: self._read(self.api.posts(organization, _WAITING, None), waiting),
            "ended posts": outcomes,
        }, lambda: self.checkpoint)  # fmt: skip
        mine, seen = known()
        gone = self._ledger.waiting(mine).keys() - seen - {post.post_id for post in ended}
        before[organization] = sorted(channel.channel_id for channel in channels)
        points = [*self._ledger.withdrawn(sorted(gone)), *self._queues(channels, limits, waiting)]
        yield Batch(self.checkpoint, points, records=len(channels))

    def figures(self) -> Iterator[Batch]:
        """Posts that were sent in the last 30 days, with their figures."""
        due = {"start": self._iso(self._now() - FIGURE_DAYS * _DAY), "end": self._iso(self._now() + _DAY)}
        yield from self._of_each(lambda organization: self._read(self.api.posts(organization, _ENDED, due), []))

    def _of_each(self, work: Callable[[str], Iterator[Batch]]) -> Iterator[Batch]:
        """The work for each organisation, also where another one's is refused."""
        parts = {f"organisation {name}": partial(work, name) for name in self.state["organizations"]}
        yield from in_turn({}, parts, lambda: self.checkpoint)

    def backfill(self, start: float, stop: float) -> Iterator[Batch]:
        """Posts due in [start, stop), in whatever state."""
        yield from self.organizations()
        due = {"start": self._iso(start), "end": self._iso(stop - 1)}

        def posts(organization: str) -> Iterator[Batch]:
            yield from self._clocks(self._overview(organization)[0])
            yield from self._read(self.api.posts(organization, [*_ENDED, *_WAITING], due), [])

        yield from self._of_each(posts)

    def _overview(self, organization: str) -> tuple[list[Channel], dict[str, dict[str, int]]]:
        """Its channels, and what today's limits are of those known before."""
        raws, raw_limits = self.api.overview(organization, self.state.get("channels", {}).get(organization, []))
        return [channel for raw in raws if (channel := channel_of(raw)) is not None], limits_of(raw_limits)

    def _clocks(self, channels: list[Channel]) -> Iterator[Batch]:
        """Posts of channels whose time zone is new get their weekday and hour anew; then the zone is remembered."""
        told = {channel.channel_id: channel.timezone for channel in channels}
        for points in self._ledger.reclocked(self.state.setdefault("zones", {}), told):
            yield Batch(self.checkpoint, points)
        yield Batch(self.checkpoint, bookkeeping=True)

    def _outcomes_from(self, channels: set[str], seen: set[str]) -> float:
        """Three days back, or further when a post that waited longer has just left the queue."""
        left = [rows[-1].time for post_id, rows in self._ledger.waiting(channels).items() if post_id not in seen]
        first = min([self._ago(OUTCOME_DAYS), *(time - _DAY * SECOND for time in left)])
        return max(first, self._ago(FIGURE_DAYS)) / SECOND

    def _read(self, pages: Iterator[list[Any]], found: list[SocialPost]) -> Iterator[Batch]:
        """A batch for each page; its posts are added to `found`."""
        for page in pages:
            posts, letters = self._parsed(page)
            found.extend(post for _, post in posts)
            self._believe(page)
            changes = self._ledger.compare(post for _, post in posts)
            stats = renewed(self._store, self._stats(posts), SOURCE)
            yield from self._written(changes, stats, letters, len(page))

    def _written(self, posts: Changes, stats: Changes, letters: list[DeadLetter], records: int) -> Iterator[Batch]:
        yield Batch(
            self.checkpoint, [*posts.points, *stats.points], [*posts.replaced, *stats.replaced], letters, records
        )  # fmt: skip
        if posts.outdated:
            # only now: a post that moved is never away from both places
            yield Batch(self.checkpoint, deleted=posts.outdated)

    def _parsed(self, page: list[Any]) -> tuple[list[tuple[dict[str, Any], SocialPost]], list[DeadLetter]]:
        zones = self.state.get("zones", {})
        return each(SOURCE, "post", page, self._now(), lambda raw: (raw, post_of(raw, zones)))

    def _believe(self, page: list[Any]) -> None:
        believed: dict[str, list[str]] = self.state.setdefault("believed", {})
        for channel, figures in evidence(page).items():
            believed[channel] = sorted({*believed.get(channel, []), *figures})

    def _stats(self, posts: list[tuple[dict[str, Any], SocialPost]]) -> list[Point]:
        believed = self.state.get("believed", {})
        points = (
            stats_of(raw, post, believed.get(post.channel_id, [])) for raw, post in posts if post.status == "sent"
        )
        return [point for point in points if point is not None]

    def _queues(
        self, channels: list[Channel], limits: dict[str, dict[str, int]], waiting: list[SocialPost]
    ) -> list[Point]:
        since = self._ago(FIGURE_DAYS)
        return [
            queue_point(channel, waiting, self._ledger.count(channel.channel_id, "failed", since),
                        limits.get(channel.channel_id, {}), int(self._now()))
            for channel in channels
        ]  # fmt: skip

    def _ago(self, days: int) -> int:
        """Nanoseconds of the moment so many days ago, to the second."""
        return (int(self._now()) - days * _DAY) * SECOND

    def _iso(self, seconds: float) -> str:
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%S.000Z}"

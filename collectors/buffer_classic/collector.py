"""Posts, figures and queues by Buffer's classic interface, until it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from collectors.base import ASKED, Batch, Checkpoint, DeadLetter, Problem, Refused
from collectors.buffer_classic.parse import SOURCE, post_of, profile_points, stats_of
from collectors.http import Client, Sheet, Window, each, follow, in_turn, listing, mapping
from collectors.http.parts import Part
from collectors.recall import Changes
from collectors.social.due import is_due, state_of
from collectors.social.ledger import Ledger, renewed
from collectors.social.post import SECOND, SocialPost
from collectors.social.texts import word
from collectors.source import Source
from metricstore.quantities import quantity
from metricstore.store import Store

NAME = "Buffer (classic)"
SETTING = "DASHAPP_BUFFER_CLASSIC_TOKEN"
RETIRED = datetime(2027, 2, 1, tzinfo=UTC)
HOUR, DAY = 3_600, 86_400
PAGE = 100
OUTCOME_DAYS, FIGURE_DAYS = 3, 30
WINDOWS = (Window("other", 60, 60),)
"""60 requests a minute; without Retry-After a minute is waited."""
_INSTEAD = "Set DASHAPP_BUFFER_API_KEY (GraphQL) instead and unset DASHAPP_BUFFER_CLASSIC_TOKEN."


class BufferClassicCollector:
    """Asks Buffer's REST interface; see README.md beside this file."""

    name = "buffer_classic"
    interval_seconds = float(HOUR)

    def __init__(self, source: Source, now: Callable[[], float] = time.time) -> None:
        self.source = source
        self._now = now

    def validate(self) -> list[Problem]:
        if not self.source.services.buffer_classic.given:
            return []
        if self._retired():
            return [
                Problem("Buffer's classic interface was retired on 2027-02-01; nothing is asked", _INSTEAD, fatal=True)
            ]
        days = (RETIRED.timestamp() - self._now()) / DAY
        return [Problem(f"Buffer's classic interface ends on 2027-02-01, in {days:.0f} days", _INSTEAD)]

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """An hourly round; nothing without a token. Refused from the day on that the interface ends."""
        service = self.source.services.buffer_classic
        if not service.given:
            return
        self._still_there()
        state = state_of(checkpoint, service, ASKED)
        if not is_due(state, "polled", HOUR, self._now()):
            return
        daily = is_due(state, "figures", DAY, self._now())
        client = self._client(checkpoint)
        days = FIGURE_DAYS if daily else OUTCOME_DAYS
        yield from client.remembering(
            {**checkpoint, **state}, self._round(client, store, state, self._now() - days * DAY, None, daily)
        )

    def backfill(self, start: float, stop: float, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Posts sent in [start, stop), seconds since the epoch, and their figures as they are now."""
        service = self.source.services.buffer_classic
        if not service.given:
            return
        self._still_there()
        client, state = self._client(checkpoint), state_of(checkpoint, service, ASKED)
        yield from client.remembering({**checkpoint, **state}, self._round(client, store, state, start, stop, False))

    def probe(self) -> str:
        """Ask once, whatever was refused before: for `dashapp doctor --online`. Raises what is wrong."""
        self._still_there()
        with self._client({}) as client:
            found = listing(NAME, client.get_json("profiles.json"))
        return f"{quantity(len(found), 'channels')}; it ends on 2027-02-01"

    def _retired(self) -> bool:
        return self._now() >= RETIRED.timestamp()

    def _still_there(self) -> None:
        """An answer after the end may be empty: that would look like zeros."""
        if self._retired():
            raise Refused("Buffer's classic interface was retired on 2027-02-01", _INSTEAD, float(DAY))

    def _client(self, checkpoint: Checkpoint) -> Client:
        service = self.source.services.buffer_classic
        return Client(NAME, service, checkpoint, setting=SETTING, windows=WINDOWS, now=self._now)

    def _round(
        self, client: Client, store: Store, state: dict[str, Any], since: float, until: float | None, daily: bool
    ) -> Iterator[Batch]:
        """Channels, what waits, and what was sent since; `until` None: also what is gone."""
        raw = listing(NAME, client.get_json("profiles.json"))
        profiles = [one for one in raw if isinstance(one, dict) and word(one.get("id"))]
        points = [point for one in profiles for point in profile_points(one, self._now())] if until is None else []
        yield Batch(dict(state), points, records=len(profiles))
        ledger = Ledger(store, SOURCE, int(self._now() - (FIGURE_DAYS + 1) * DAY) * SECOND)
        yield from _clocks(profiles, state, ledger)

        def posts(channel: str) -> Iterator[Batch]:
            seen: set[str] = set()
            asked = {"since": max(0, int(since)), "filter": "all"}
            parts: dict[str, Part] = {
                "sent": lambda: self._read(client, store, state, ledger, channel, "sent", asked, seen, until)
            }
            if until is None:
                parts = {
                    "pending": lambda: self._read(client, store, state, ledger, channel, "pending", {}, seen, None)
                } | parts
            yield from in_turn({}, parts, lambda: dict(state))
            if until is None:
                gone = ledger.waiting([channel]).keys() - seen
                yield Batch(dict(state), ledger.withdrawn(sorted(gone)))

        channels = {f"channel {one['id']}": partial(posts, str(one["id"])) for one in profiles}
        yield from in_turn(state, channels, lambda: dict(state))
        if until is None:
            state |= {"polled": self._now(), **({"figures": self._now()} if daily else {})}
        yield Batch(dict(state))

    def _read(
        self, client: Client, store: Store, state: dict[str, Any], ledger: Ledger, channel: str, kind: str,
        asked: dict[str, Any], seen: set[str], until: float | None,
    ) -> Iterator[Batch]:  # fmt: skip
        taken = 0

        def page(number: str | int | None) -> Sheet:
            nonlocal taken
            path = f"profiles/{channel}/updates/{kind}.json"
            found = mapping(NAME, client.get_json(path, {**asked, "page": number, "count": PAGE}))
            items, total = listing(NAME, found.get("updates"), "updates"), found.get("total")
            taken += len(items)
            more = len(items) >= PAGE and (not isinstance(total, int) or taken < total)
            return Sheet(items, int(number or 1) + 1 if more else None)

        for sheet in follow(NAME, page, start=1):
            # pages shift while posts are sent: one that comes twice is one
            fresh = [raw for raw in sheet.items if not (isinstance(raw, dict) and word(raw.get("id")) in seen)]
            posts, letters = self._parsed(fresh, state["zones"])
            if until is not None:
                posts = [(raw, post) for raw, post in posts if (post.sent or post.due or 0) < until * SECOND]
            seen |= {post.post_id for _, post in posts}
            changes = ledger.compare(post for _, post in posts)
            figures = [point for raw, post in posts if (point := stats_of(raw, post, self._now())) is not None]
            yield from _written(dict(state), changes, renewed(store, figures, SOURCE), letters, len(fresh))

    def _parsed(
        self, raws: list[Any], zones: Mapping[str, str]
    ) -> tuple[list[tuple[dict[str, Any], SocialPost]], list[DeadLetter]]:
        return each(SOURCE, "post", raws, self._now(), lambda raw: (raw, post_of(raw, zones)))


def _clocks(profiles: list[dict[str, Any]], state: dict[str, Any], ledger: Ledger) -> Iterator[Batch]:
    """Posts of channels whose time zone is new get their weekday and hour anew; then the zone is remembered."""
    told = {str(one["id"]): word(one.get("timezone")) for one in profiles}
    for points in ledger.reclocked(state.setdefault("zones", {}), told):
        yield Batch(dict(state), points)


def _written(
    checkpoint: Checkpoint, posts: Changes, stats: Changes, letters: list[DeadLetter], records: int
) -> Iterator[Batch]:
    yield Batch(checkpoint, [*posts.points, *stats.points], [*posts.replaced, *stats.replaced], letters, records)
    if posts.outdated:
        yield Batch(checkpoint, deleted=posts.outdated)  # only now: a post that moved is never away from both places

"""Posts of one X account and their figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from collectors.base import ASKED, Batch, Checkpoint, DeadLetter, Problem
from collectors.http import Answer, Client, Quota, Sheet, Window, each, follow, in_turn, listing, mapping, quota_points
from collectors.http.answer import unreadable
from collectors.social.due import is_due, state_of
from collectors.social.ledger import Ledger, renewed
from collectors.social.post import SECOND, SocialPost
from collectors.source import Source
from collectors.x.parse import SOURCE, post_of, rfc3339, stats_of
from metricstore.store import Store

NAME = "X"
SETTING = "DASHAPP_X_TOKEN"
HOUR, DAY = 3_600, 86_400
HISTORY_DAYS = 30
PAGE = 100
WINDOWS = (Window("15m", 900, 300),)
_PUBLIC = "created_at,public_metrics"
_OWN = f"{_PUBLIC},non_public_metrics,organic_metrics"


class XCollector:
    """Asks X's API v2; see README.md beside this file."""

    name = "x"
    interval_seconds = float(HOUR)

    def __init__(self, source: Source, now: Callable[[], float] = time.time) -> None:
        self.source = source
        self._now = now

    def validate(self) -> list[Problem]:
        service = self.source.services.x
        if service.given and service.account and not service.account.isdigit():
            return [Problem("DASHAPP_X_USER_ID isn't a number", "It is the account's id, not its name.")]
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Every six hours the posts of 30 days: X bills a post once a day, and its own figures end after 30 days."""
        service = self.source.services.x
        if not service.given:
            return
        state = state_of(checkpoint, service, ASKED)
        if not is_due(state, "polled", 6 * HOUR, self._now()):
            return
        yield from self._asked(checkpoint, store, state, self._now() - HISTORY_DAYS * DAY, self._now(), polled=True)

    def backfill(self, start: float, stop: float, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Posts made in [start, stop), seconds since the epoch, and their figures as they are now."""
        if self.source.services.x.given:
            state = state_of(checkpoint, self.source.services.x, ASKED)
            yield from self._asked(checkpoint, store, state, start, min(stop, self._now()), polled=False)

    def probe(self) -> str:
        """Ask once, whatever was refused before: for `dashapp doctor --online`. Raises what is wrong."""
        with self._client({}) as client:
            account = self.source.services.x.account
            path = f"2/users/{account}" if account else "2/users/me"
            return f"account {_data(client.get_json(path)).get('id')}"

    def _client(self, checkpoint: Checkpoint) -> Client:
        def meaning(answer: Answer) -> Exception | None:
            return _meaning(client, answer, self._now())

        client = Client(
            NAME, self.source.services.x, checkpoint, setting=SETTING, windows=WINDOWS,
            quota=lambda headers: read_quota(headers, self._now()), error=meaning, now=self._now,
        )  # fmt: skip
        return client

    def _asked(
        self, checkpoint: Checkpoint, store: Store, state: dict[str, Any], start: float, stop: float, *, polled: bool
    ) -> Iterator[Batch]:
        client = self._client(checkpoint)

        def batches() -> Iterator[Batch]:
            yield from self._account(client, state)
            # figures that are not public exist for 30 days only, and asking for older ones spoils the whole page
            edge = self._now() - HISTORY_DAYS * DAY + 600
            spans = {"older posts": (start, min(stop, edge), _PUBLIC), "posts": (max(start, edge), stop, _OWN)}
            parts = {
                name: partial(self._posts, client, store, state, begin, end, fields)
                for name, (begin, end, fields) in spans.items() if end - begin >= 1
            }  # fmt: skip
            yield from in_turn(state, parts, lambda: dict(state))
            if polled:
                state["polled"] = self._now()
            yield Batch(dict(state))

        yield from client.remembering({**checkpoint, **state}, batches(), lambda: quota_points("x", client))

    def _account(self, client: Client, state: dict[str, Any]) -> Iterator[Batch]:
        """Whose posts: the account that is set, else the one the token belongs to."""
        set_one = client.service.account
        if set_one:
            state["account"] = set_one
        elif not state.get("account"):
            found = str(_data(client.get_json("2/users/me")).get("id") or "")
            if not found.isdigit():
                raise unreadable(NAME, "data has no 'id'")
            state["account"] = found
            yield Batch(dict(state))

    def _posts(
        self, client: Client, store: Store, state: dict[str, Any], start: float, stop: float, fields: str
    ) -> Iterator[Batch]:
        account = state["account"]
        ledger = Ledger(store, SOURCE, int(start) * SECOND)
        asked = {
            "max_results": PAGE, "start_time": rfc3339(start), "end_time": rfc3339(stop - 1), "tweet.fields": fields,
        }  # fmt: skip

        def page(cursor: str | int | None) -> Sheet:
            more = {"pagination_token": cursor} if cursor else {}
            found = mapping(NAME, client.get_json(f"2/users/{account}/tweets", {**asked, **more}))
            if "data" not in found and "meta" not in found:
                raise unreadable(NAME, "it has neither data nor meta")
            meta = found.get("meta")
            return Sheet(
                listing(NAME, found.get("data") or [], "data"),
                meta.get("next_token") if isinstance(meta, dict) else None,
            )

        for sheet in follow(NAME, page):
            posts, letters = self._parsed(sheet.items, account)
            changes = ledger.compare(post for _, post in posts)
            figures = [point for raw, post in posts if (point := stats_of(raw, post, self._now())) is not None]
            stats = renewed(store, figures, SOURCE)
            deleted = [*changes.replaced, *changes.outdated, *stats.replaced]
            yield Batch(dict(state), [*changes.points, *stats.points], deleted, letters, len(sheet.items))

    def _parsed(
        self, raws: list[Any], account: str
    ) -> tuple[list[tuple[dict[str, Any], SocialPost]], list[DeadLetter]]:
        return each(SOURCE, "post", raws, self._now(), lambda raw: (raw, post_of(raw, account)))


def _data(answer: Any) -> dict[str, Any]:
    return mapping(NAME, mapping(NAME, answer).get("data"), "data")


def read_quota(headers: Mapping[str, str], now: float) -> list[Quota]:
    """The 15 minutes of `x-rate-limit-…`; `reset` is a time, not a duration."""
    allowed, remaining, reset = (
        _whole(headers.get(f"x-rate-limit-{word}")) for word in ("limit", "remaining", "reset")
    )
    if remaining is None:
        return []
    return [Quota(Window("15m", 900, allowed), remaining, None if reset is None else max(0.0, reset - now))]


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _meaning(client: Client, answer: Answer, now: float) -> Exception | None:
    told = answer.lenient if isinstance(answer.lenient, dict) else {}
    if answer.status == 429:
        if "usage-capped" in str(told.get("type") or ""):
            return client.pause(f"{NAME}'s plan is used up ({answer.says})", float(DAY))
        reset = _whole(answer.headers.get("x-rate-limit-reset"))
        if reset is not None and not answer.headers.get("retry-after"):
            return client.pause(f"{NAME} answered 429", max(1.0, reset - now))
    if answer.status == 402:
        return client.pause(f"{NAME} says that no credit is left ({answer.says})", float(DAY))
    hint = f"{SETTING} must be a user's token (OAuth 2.0 with tweet.read and users.read) of the account itself, not yet expired."
    return client.turned_away(answer, hint)

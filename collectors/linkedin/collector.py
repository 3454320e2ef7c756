"""Statistics of one LinkedIn page and of its posts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from collectors.base import ASKED, Batch, Checkpoint, Problem, Refused
from collectors.http import Answer, Client, Sheet, Window, each, follow, in_turn, listing, mapping
from collectors.http.parts import Part
from collectors.linkedin.parse import SOURCE, day_point, followers_point, post_point
from collectors.recall import recall
from collectors.social.due import is_due, state_of
from collectors.social.ledger import renewed
from collectors.social.post import SECOND
from collectors.source import Source
from metricstore.point import Point
from metricstore.quantities import quantity
from metricstore.store import Store

NAME = "LinkedIn"
SETTING = "DASHAPP_LINKEDIN_TOKEN"
HOUR, DAY = 3_600, 86_400
HISTORY_DAYS, TRAILING_DAYS = 90, 3
LONGEST_DAYS = 360
"""LinkedIn keeps a rolling year."""
PAGE, POSTS = 100, 20
WINDOWS = (Window("24h", DAY, 100),)
"""Our own bound: LinkedIn's daily limits are not published."""
_FINDER = "rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="


class LinkedInCollector:
    """Asks LinkedIn's REST API; see README.md beside this file."""

    name = "linkedin"
    interval_seconds = float(HOUR)

    def __init__(self, source: Source, now: Callable[[], float] = time.time) -> None:
        self.source = source
        self._now = now

    def validate(self) -> list[Problem]:
        service = self.source.services.linkedin
        if service.given and not service.account.isdigit():
            hint = "Set it to the number in the page's admin address (linkedin.com/company/NUMBER/admin)."
            return [Problem("DASHAPP_LINKEDIN_TOKEN is set, but DASHAPP_LINKEDIN_ORGANIZATION isn't a number", hint)]
        return []

    def watched(self) -> list[Path]:
        return []

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Once a day: days of the page, followers, and figures of posts whose LinkedIn id is known."""
        service = self.source.services.linkedin
        if not service.given or self.validate():
            return
        state = state_of(checkpoint, service, ASKED)
        if not is_due(state, "polled", DAY, self._now()):
            return
        client, now = self._client(checkpoint), self._now()
        until = state.get("until")
        known = isinstance(until, int | float) and until <= now
        start = (min(float(until or now), now) - TRAILING_DAYS * DAY) if known else now - HISTORY_DAYS * DAY
        yield from client.remembering({**checkpoint, **state}, self._round(client, store, state, start))

    def backfill(self, start: float, stop: float, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """The page's days in [start, stop), seconds since the epoch, as far back as LinkedIn keeps them."""
        service = self.source.services.linkedin
        if not service.given or self.validate():
            return
        client, state = self._client(checkpoint), state_of(checkpoint, service, ASKED)
        first = max(start, self._now() - LONGEST_DAYS * DAY)
        yield from client.remembering(
            {**checkpoint, **state}, self._days(client, store, state, first, min(stop, self._now()))
        )

    def probe(self) -> str:
        """Ask once, whatever was refused before: for `dashapp doctor --online`. Raises what is wrong."""
        for problem in self.validate():
            raise Refused(problem.text, problem.hint)
        with self._client({}) as client:
            return quantity(self._followers(client), "followers")

    def _round(self, client: Client, store: Store, state: dict[str, Any], start: float) -> Iterator[Batch]:
        """Each part once a day, also where another one is refused."""
        now = self._now()
        parts: dict[str, Part] = {
            "days": partial(self._days, client, store, state, start, now),
            "followers": partial(self._followers_now, client, store, state),
            "posts": partial(self._posts, client, store, state),
        }
        due = {name: part for name, part in parts.items() if is_due(state, f"{name}_at", DAY, now)}
        done = {name: partial(_noted, part, state, f"{name}_at", now) for name, part in due.items()}
        yield from in_turn(state, done, lambda: dict(state))
        state["polled"] = now
        yield Batch(dict(state))

    def _followers_now(self, client: Client, store: Store, state: dict[str, Any]) -> Iterator[Batch]:
        points = [followers_point(self._followers(client), client.service.account, self._now())]
        yield Batch(dict(state), renewed(store, points, SOURCE).points, records=1)

    def _days(self, client: Client, store: Store, state: dict[str, Any], start: float, stop: float) -> Iterator[Batch]:
        begin, end = int(start) // DAY * DAY, -(-int(stop) // DAY) * DAY
        if begin >= end:
            return
        # parentheses and colons as they are, addresses of things escaped: LinkedIn reads no other form
        span = f"&timeIntervals=(timeRange:(start:{begin * 1000},end:{end * 1000}),timeGranularityType:DAY)"
        yield from self._read(client, store, state, span, lambda raw: day_point(raw, client.service.account))

    def _posts(self, client: Client, store: Store, state: dict[str, Any]) -> Iterator[Batch]:
        """Posts that other sources (Buffer, say) sent in the last 30 days and know LinkedIn's id of."""
        now = self._now()
        span = (int(now - 30 * DAY) * SECOND, int(now + 60) * SECOND)
        found = {row.text("platform_post_id") for row in recall(store, "social_post", span=span)}
        parts: dict[str, Part] = {}
        for kind, name in (("share", "shares"), ("ugcPost", "ugcPosts")):
            ids = sorted(one for one in found if one.startswith(f"urn:li:{kind}:"))
            for begin in range(0, len(ids), POSTS):
                named = ",".join(quote(one, safe="") for one in ids[begin : begin + POSTS])
                parts[f"{name} from {begin + 1}"] = partial(
                    self._read, client, store, state, f"&{name}=List({named})",
                    lambda raw: post_point(raw, client.service.account, now),
                )  # fmt: skip
        yield from in_turn({}, parts, lambda: dict(state))

    def _read(
        self, client: Client, store: Store, state: dict[str, Any], which: str, point_of: Callable[[Any], Point]
    ) -> Iterator[Batch]:
        address = f"{_FINDER}{_urn(client.service.account)}{which}"

        def page(start: str | int | None) -> Sheet:
            found = mapping(NAME, client.get_json(f"{address}&start={start}&count={PAGE}"))
            items = listing(NAME, found.get("elements"), "elements")
            return Sheet(items, int(start or 0) + PAGE if len(items) >= PAGE else None)

        for sheet in follow(NAME, page, start=0):
            points, letters = each(SOURCE, "row", sheet.items, self._now(), point_of)
            changes = renewed(store, points, SOURCE)
            yield Batch(dict(state), changes.points, changes.replaced, letters, len(sheet.items))

    def _followers(self, client: Client) -> int:
        path = f"rest/networkSizes/{_urn(client.service.account)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        count = mapping(NAME, client.get_json(path)).get("firstDegreeSize")
        if isinstance(count, bool) or not isinstance(count, int):
            raise Refused(f"{NAME} does not say how many followers the page has", "It is tried again.", float(HOUR))
        return count

    def _client(self, checkpoint: Checkpoint) -> Client:
        service, version = self.source.services.linkedin, self.source.services.linkedin_version
        headers = {
            "Authorization": f"Bearer {service.key.strip()}", "LinkedIn-Version": version,
            "X-Restli-Protocol-Version": "2.0.0",
        }  # fmt: skip

        def meaning(answer: Answer) -> Exception | None:
            return _meaning(client, answer, self._now())

        client = Client(
            NAME, service, checkpoint, setting=SETTING, headers=headers, windows=WINDOWS, error=meaning, now=self._now
        )
        return client


def _noted(part: Part, state: dict[str, Any], name: str, now: float) -> Iterator[Batch]:
    """A part's batches; then `state` has when it was read."""
    yield from part()
    state[name] = now
    if name == "days_at":
        state["until"] = now
    yield Batch(dict(state))


def _urn(organization: str) -> str:
    return quote(f"urn:li:organization:{organization}", safe="")


def _meaning(client: Client, answer: Answer, now: float) -> Exception | None:
    if answer.status == 426:
        text = f"{NAME} no longer answers the version that is asked for ({answer.says})"
        return Refused(text, "Set DASHAPP_LINKEDIN_VERSION to a newer month, such as 202608.", float(HOUR))
    if answer.status == 429 and not answer.headers.get("retry-after"):
        # limits are by UTC day, and nothing says how much is left
        return client.pause(f"{NAME} answered 429 ({answer.says})", DAY - now % DAY)
    hint = f"{SETTING} must be a token with rw_organization_admin of an administrator of the page; it ends after about 60 days."
    return client.turned_away(answer, hint)

"""Buffer's GraphQL interface: questions, pages, quotas, and what its errors mean."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.base import Checkpoint
from collectors.buffer.queries import ACCOUNT, OVERVIEW, OVERVIEW_WITH_LIMITS, POSTS
from collectors.http import Answer, Client, Quota, Refused, Sheet, Window, follow, listing, mapping, member
from collectors.http.waiting import asked_wait
from collectors.services import Service

NAME = "Buffer"
WINDOWS = (Window("15m", 900, 100), Window("24h", 86_400, 250), Window("30d", 2_592_000, 3_000))
"""The smallest plan; what the answers say counts as soon as there is one."""

_NAMES = {window.seconds: window.name for window in WINDOWS}
_REFUSED = {"UNAUTHORIZED", "UNAUTHENTICATED"}
_FAULTS = {"UNEXPECTED", "INTERNAL_SERVER_ERROR"}
_SPENT = {"15m": 900.0, "24h": 86_400.0, "30d": 86_400.0}
"""Seconds to wait when a window is spent and nothing says until when."""
PAGES = (100, 50, 20)
"""Posts on a page. The largest Buffer allows is not documented: where one is refused, the next is tried."""
_ITEM = re.compile(r'"([^"]*)"((?:\s*;\s*[\w-]+=[^;,]*)*)')
_PARAMETER = re.compile(r"([\w-]+)=([^;,]*)")
_TOO_LARGE = re.compile(r"complex|\bfirst\b|too large|maximum|depth", re.I)


class BufferApi:
    """Questions about one account; every method that asks raises TemporaryFailure or Refused."""

    def __init__(self, client: Client, page: int = PAGES[0]) -> None:
        self.client = client
        self.page = page

    def organizations(self) -> list[str]:
        """Ids of the account's organisations."""
        found = listing(NAME, member(NAME, self._ask(ACCOUNT, {}), "account", "organizations"), "account.organizations")
        return [str(member(NAME, one, "id")) for one in found]

    def overview(self, organization: str, channel_ids: list[str]) -> tuple[list[Any], list[Any]]:
        """Channels of an organisation, and today's limits of those whose ids are known already; one request."""
        variables: dict[str, Any] = {"channels": {"organizationId": organization}}
        if channel_ids:
            variables["limits"] = {"channelIds": channel_ids}
        found = self._ask(OVERVIEW_WITH_LIMITS if channel_ids else OVERVIEW, variables)
        limits = found.get("dailyPostingLimits") or []
        return listing(NAME, found.get("channels"), "channels"), listing(NAME, limits, "dailyPostingLimits")

    def posts(
        self, organization: str, statuses: list[str], due: Mapping[str, str] | None, *, limit: int = 100
    ) -> Iterator[list[Any]]:
        """Posts in these states, due in `due` (`start`, `end` as ISO times, both inclusive), latest first, by pages."""
        condition: dict[str, Any] = {"status": statuses}
        if due:
            condition["dueAt"] = dict(due)
        question = {
            "organizationId": organization, "filter": condition, "sort": [{"field": "dueAt", "direction": "desc"}],
        }  # fmt: skip
        for sheet in follow(NAME, lambda cursor: self._posts(question, cursor), limit=limit):
            yield sheet.items

    def _posts(self, question: dict[str, Any], cursor: str | int | None) -> Sheet:
        found = self._page_of(question, cursor)
        posts = mapping(NAME, found.get("posts"), "posts")
        edges = listing(NAME, posts.get("edges") or [], "posts.edges")
        nodes = [mapping(NAME, edge, "posts.edges[]").get("node") for edge in edges]
        pages = mapping(NAME, posts.get("pageInfo"), "posts.pageInfo")
        cursor = pages.get("endCursor") if pages.get("hasNextPage") is True else None
        return Sheet([node for node in nodes if node is not None], cursor)

    def _page_of(self, question: dict[str, Any], cursor: str | int | None) -> dict[str, Any]:
        while True:
            try:
                return self._ask(POSTS, {"input": question, "first": self.page, "after": cursor})
            except Refused as refusal:
                smaller = [size for size in PAGES if size < self.page]
                if not smaller or not _TOO_LARGE.search(str(refusal)):
                    raise
                self.page = smaller[0]

    def _ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        answer = mapping(NAME, self.client.post_json("", {"query": query, "variables": variables}))
        if answer.get("errors"):
            raise self._meaning(listing(NAME, answer["errors"], "errors"))
        return mapping(NAME, answer.get("data"), "data")

    def _meaning(self, errors: list[Any]) -> Exception:
        code, said = code_of(errors), message_of(errors)
        if code in _REFUSED:
            return self.client.refuse(f"{NAME} refused the credential ({code}: {said})")
        if code == "FORBIDDEN":
            return self.client.deny(f"{code}: {said}", answered=True)
        if code == "RATE_LIMIT_EXCEEDED":
            return spent(self.client, errors, {})
        if code in _FAULTS:
            return self.client.failed(f"{NAME} failed: {said}")
        hint = "Check DASHAPP_BUFFER_ORGANIZATION." if code == "NOT_FOUND" else "A newer version may know how to ask."
        return Refused(f"{NAME} refused the question: {said}", hint, 3600.0)


def spent(client: Client, errors: list[Any], headers: Mapping[str, str]) -> Exception:
    """A window of requests is spent: leave Buffer alone until it begins anew, also after a restart."""
    window = str(_extensions(errors).get("window") or "")
    wait = asked_wait(headers, time.time())
    if wait is None:
        said = _extensions(errors).get("retryAfter")
        wait = float(said) if isinstance(said, int | float) and not isinstance(said, bool) and said >= 0 else None
    if wait is None and window in client.quotas:
        wait = client.quotas[window][0].reset_seconds
    name = f"{NAME}'s requests of {window or 'this window'} are spent"
    return client.pause(name, max(1.0, _SPENT.get(window, 60.0) if wait is None else wait))


def code_of(errors: Any) -> str:
    return str(_extensions(errors).get("code") or "")


def message_of(errors: Any) -> str:
    first = errors[0] if isinstance(errors, list) and errors else {}
    said = first.get("message") if isinstance(first, dict) else first
    return " ".join(str(said or "no reason given").split())[:200]


def _extensions(errors: Any) -> dict[str, Any]:
    first = errors[0] if isinstance(errors, list) and errors else None
    found = first.get("extensions") if isinstance(first, dict) else None
    return found if isinstance(found, dict) else {}


def read_quotas(headers: Mapping[str, str]) -> list[Quota]:
    """The three windows of `RateLimit` and `RateLimit-Policy`, matched by their names; else the older single one."""
    policies = dict(_items(headers.get("ratelimit-policy")))
    found = []
    for name, values in _items(headers.get("ratelimit")):
        policy = policies.get(name, {})
        seconds = int(policy.get("w") or 0)
        allowed = policy.get("q")
        window = Window(_NAMES.get(seconds, "other"), seconds or 900, None if allowed is None else int(allowed))
        remaining = values.get("r")
        found.append(Quota(window, None if remaining is None else int(remaining), values.get("t")))
    return found or _older(headers)


def _older(headers: Mapping[str, str]) -> list[Quota]:
    for prefix in ("ratelimit-", "x-ratelimit-"):
        allowed, remaining, reset = (_number(headers.get(prefix + word)) for word in ("limit", "remaining", "reset"))
        if remaining is not None:
            window = Window("other", 900, None if allowed is None else int(allowed))
            return [Quota(window, int(remaining), reset if reset is not None and reset < 1e8 else None)]
    return []


def _items(header: str | None) -> list[tuple[str, dict[str, float]]]:
    found = []
    for name, rest in _ITEM.findall(header or ""):
        values = {key: _number(value.strip()) for key, value in _PARAMETER.findall(rest)}
        found.append((name, {key: value for key, value in values.items() if value is not None}))
    return found


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def open_client(service: Service, checkpoint: Checkpoint, **more: Any) -> Client:
    """A client that knows Buffer's budget, quotas and errors."""

    def meaning(answer: Answer) -> Exception | None:
        errors = answer.lenient.get("errors") if isinstance(answer.lenient, dict) else None
        if answer.status == 429 and errors:
            return spent(client, errors, answer.headers)
        return None

    client = Client(
        NAME, service, checkpoint, setting="DASHAPP_BUFFER_API_KEY", windows=WINDOWS, quota=read_quotas,
        error=meaning, **more,
    )  # fmt: skip
    return client

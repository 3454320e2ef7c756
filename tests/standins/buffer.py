"""Buffer's GraphQL interface and its classic one, with an account in memory that tests change as they like."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graphql import build_schema, graphql_sync

from tests.standins.faults import Fault
from tests.standins.server import Call, Reply, StandIn

KEY = "buffer-key-for-the-stand-in"
WINDOWS = {"15m": (900, 100), "24h": (86_400, 250), "30d": (2_592_000, 3_000)}
_SCHEMA = build_schema((Path(__file__).parent / "buffer.graphql").read_text())


@dataclass
class Account:
    """What both interfaces tell of. `posts` and `channels` are objects as GraphQL gives them, by id."""

    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    organization: str = "org-1"

    def channel(self, channel_id: str, service: str = "linkedin", **more: Any) -> None:
        self.channels[channel_id] = {
            "id": channel_id, "name": f"{service} {channel_id}", "service": service, "type": "page",
            "timezone": "Europe/Berlin", "isDisconnected": False, "isLocked": False, "isQueuePaused": False,
            "serviceId": channel_id, **more,
        }  # fmt: skip

    def post(self, post_id: str, channel_id: str, status: str, due: float | None, **more: Any) -> dict[str, Any]:
        """Put a post, or put it anew. Times are seconds since the epoch."""
        made = (due or time.time()) - 86_400
        post: dict[str, Any] = {
            "id": post_id, "status": status, "via": "api", "channelId": channel_id,
            "channelService": self.channels[channel_id]["service"], "createdAt": stamp(made),
            "updatedAt": stamp(made), "dueAt": None if due is None else stamp(due), "sentAt": None,
            "text": f"Post {post_id} https://example.com/{post_id}", "externalLink": None, "error": None,
            "metrics": None, "metricsUpdatedAt": None, "sharedNow": False,
        }  # fmt: skip
        self.posts[post_id] = post | more
        return self.posts[post_id]

    def sent(self, post_id: str, channel_id: str, due: float, late: float = 5, **figures: float) -> dict[str, Any]:
        """A post that went out, with figures refreshed a day later."""
        refreshed = {"metrics": metrics(**figures), "metricsUpdatedAt": stamp(due + 66_000)} if figures else {}
        return self.post(post_id, channel_id, "sent", due, sentAt=stamp(due + late), **refreshed)

    def failed(self, post_id: str, channel_id: str, due: float, message: str) -> dict[str, Any]:
        return self.post(post_id, channel_id, "error", due, error={"message": message})


class BufferStandIn(StandIn):
    """The GraphQL interface at the root address: cursors, three rolling windows, a bearer key."""

    def __init__(self, port: int = 0, account: Account | None = None) -> None:
        self.account = account or Account()
        self.quotas = {name: list(window) for name, window in WINDOWS.items()}
        self.spent = dict.fromkeys(WINDOWS, 0)
        self.older_headers = False
        self.largest_page = 100
        self.before_page: Callable[[dict[str, Any]], None] = lambda variables: None
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return Reply(401, error("UNAUTHENTICATED", "Not authenticated"))
        over = next((name for name, (_, allowed) in self.quotas.items() if self.spent[name] >= allowed), None)
        if over:
            body = error("RATE_LIMIT_EXCEEDED", "Too many requests", window=over)
            return Reply(429, body, self._headers() | {"Retry-After": str(self.quotas[over][0] // 2)})
        for name in self.spent:
            self.spent[name] += 1
        asked = call.json()
        if (asked["variables"].get("first") or 0) > self.largest_page:
            return Reply(200, {"data": None, "errors": [{"message": f"first must be at most {self.largest_page}"}]})
        found = graphql_sync(_SCHEMA, asked["query"], _Root(self), variable_values=asked["variables"])
        body = {"data": found.data}
        if found.errors:
            body["errors"] = [{"message": one.message, "extensions": one.extensions or {}} for one in found.errors]
        return Reply(200, body, self._headers())

    def _headers(self) -> dict[str, str]:
        if self.older_headers:
            seconds, allowed = self.quotas["15m"]
            left = allowed - self.spent["15m"]
            return {
                "X-RateLimit-Limit": str(allowed),
                "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Reset": str(seconds),
            }
        limits, policies = [], []
        for name, (seconds, allowed) in self.quotas.items():
            title = f'"{allowed}-in-{name}"'
            limits.append(f"{title};r={max(0, allowed - self.spent[name])};t={seconds // 2}")
            policies.append(f"{title};q={allowed};w={seconds};pk=:YWJj:")
        return {"RateLimit": ", ".join(limits), "RateLimit-Policy": ", ".join(policies)}


class _Root:
    """Resolvers."""

    def __init__(self, server: BufferStandIn) -> None:
        self._server, self._known = server, server.account

    def account(self, _info: Any) -> Any:
        return {"id": "account-1", "timezone": "Europe/Berlin",
                "organizations": [{"id": self._known.organization, "name": "Ours"}]}  # fmt: skip

    def channels(self, _info: Any, input: dict[str, Any]) -> Any:
        return list(self._known.channels.values()) if input["organizationId"] == self._known.organization else []

    def dailyPostingLimits(self, _info: Any, input: dict[str, Any]) -> Any:  # noqa: N802
        def count(channel: str, status: str) -> int:
            return sum(p["channelId"] == channel and p["status"] == status for p in self._known.posts.values())

        return [
            {"channelId": one, "sent": count(one, "sent"), "scheduled": count(one, "scheduled"), "limit": 50,
             "isAtLimit": False}
            for one in input["channelIds"] if one in self._known.channels
        ]  # fmt: skip

    def post(self, _info: Any, input: dict[str, Any]) -> Any:
        return self._known.posts[input["id"]]

    def posts(self, _info: Any, input: dict[str, Any], first: int = 20, after: str | None = None) -> Any:
        self._server.before_page({"input": input, "after": after})
        wanted = input.get("filter") or {}
        found = [post for post in self._known.posts.values() if _fits(post, wanted)]
        found.sort(key=lambda post: (post["dueAt"] or "", post["id"]), reverse=True)
        start = int(base64.b64decode(after)) if after else 0
        page = found[start : start + first]
        cursors = [base64.b64encode(str(start + place + 1).encode()).decode() for place in range(len(page))]
        return {
            "edges": [{"node": post, "cursor": cursor} for post, cursor in zip(page, cursors, strict=True)],
            "pageInfo": {"startCursor": cursors[0] if cursors else None, "endCursor": cursors[-1] if cursors else None,
                         "hasNextPage": start + first < len(found), "hasPreviousPage": start > 0},
        }  # fmt: skip


def _fits(post: dict[str, Any], wanted: dict[str, Any]) -> bool:
    due = wanted.get("dueAt") or {}
    if "status" in wanted and post["status"] not in wanted["status"] and post["status"] in _STATUSES:
        return False
    if due and post["dueAt"] is None:
        return False
    return not ((due.get("start") and post["dueAt"] < due["start"]) or (due.get("end") and post["dueAt"] > due["end"]))


_STATUSES = {"draft", "needs_approval", "scheduled", "sending", "sent", "error"}


class ClassicStandIn(StandIn):
    """The classic interface: profiles, pending and sent updates in numbered pages, seconds instead of ISO times."""

    path = "/1"

    def __init__(self, port: int = 0, account: Account | None = None) -> None:
        self.account = account or Account()
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            # as recorded: no body at all, the reason in a header
            return Reply(401, b"", {"Content-Type": "text/html", "WWW-Authenticate": 'Bearer error="invalid_token"'})
        if not call.path.endswith(".json"):
            return Reply(404, {"code": 404, "error": "not found"})
        parts = call.path.removesuffix(".json").removeprefix(self.path).strip("/").split("/")
        if parts == ["profiles"]:
            return Reply(200, [self._profile(channel) for channel in self.account.channels.values()])
        if len(parts) == 4 and parts[0] == "profiles" and parts[2] == "updates":
            return self._updates(parts[1], parts[3], call)
        return Reply(404, {"code": 1003, "error": "Parameter not recognized."})

    def _profile(self, channel: dict[str, Any]) -> dict[str, Any]:
        waiting = [
            p for p in self.account.posts.values() if p["channelId"] == channel["id"] and p["status"] == "scheduled"
        ]
        return {
            "id": channel["id"], "service": channel["service"], "service_username": channel["name"],
            "timezone": channel["timezone"], "counts": {"pending": len(waiting), "sent": 0, "drafts": 0},
            "statistics": {"followers": 1234}, "disconnected": channel["isDisconnected"], "default": True,
        }  # fmt: skip

    def _updates(self, channel: str, kind: str, call: Call) -> Reply:
        if channel not in self.account.channels:
            return Reply(404, {"code": 1010, "error": "Profile could not be found."})
        wanted = {"pending": ("scheduled", "sending"), "sent": ("sent", "error")}[kind]
        found = [p for p in self.account.posts.values() if p["channelId"] == channel and p["status"] in wanted]
        found.sort(key=lambda post: post["dueAt"] or "", reverse=True)
        count, page = int(call.one("count", "10")), int(call.one("page", "1"))
        since = float(call.one("since", "0"))
        found = [post for post in found if kind == "pending" or _seconds(post["sentAt"] or post["dueAt"]) >= since]
        begin = (page - 1) * count
        return Reply(200, {"total": len(found), "updates": [_update(p) for p in found[begin : begin + count]]})


def _update(post: dict[str, Any]) -> dict[str, Any]:
    words = {"scheduled": "buffer", "sending": "buffer", "error": "error", "sent": "sent"}
    found: dict[str, Any] = {
        "id": post["id"], "created_at": _seconds(post["createdAt"]), "due_at": _seconds(post["dueAt"]),
        "day": "Sunday 15th November", "due_time": "09:00 am", "profile_id": post["channelId"],
        "profile_service": post["channelService"], "status": words.get(post["status"], post["status"]),
        "text": post["text"], "via": post["via"], "user_id": "user-1",
    }  # fmt: skip
    if post["sentAt"]:
        figures = {one["type"]: one["value"] for one in post["metrics"] or []}
        found |= {
            "sent_at": _seconds(post["sentAt"]), "service_update_id": "urn:li:share:7000000000000000001",
            "statistics": {"reach": figures.get("reach", 0), "clicks": figures.get("clicks", 0),
                           "retweets": figures.get("reposts", 0), "favorites": figures.get("reactions", 0), "mentions": 0},
        }  # fmt: skip
    if post["error"]:
        found["error"] = post["error"]["message"]
    return found


def metrics(**figures: float) -> list[dict[str, Any]]:
    """Metrics by Buffer's words; `engagementRate` in percent."""
    return [
        {"type": name, "name": name.title(), "description": name, "value": float(value),
         "unit": "percentage" if name == "engagementRate" else "count"}
        for name, value in figures.items()
    ]  # fmt: skip


def error(code: str, message: str, **more: Any) -> dict[str, Any]:
    """The body of an error answer."""
    return {"data": None, "errors": [{"message": message, "extensions": {"code": code, **more}}]}


def failure(code: str, message: str, **more: Any) -> Fault:
    """An error that comes with 200, as GraphQL's do."""
    return Fault.json(200, error(code, message, **more))


def stamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _seconds(text: str | None) -> int:
    return round(datetime.fromisoformat(text).timestamp()) if text else 0


def lively(account: Account, now: float) -> Account:
    """A month of posts on two channels in two time zones, and of a third whose zone is not told, for looking at."""
    account.channel("linkedin-page", "linkedin", name="Our company page")
    account.channel("x-profile", "twitter", name="Our profile", timezone="America/New_York")
    account.channel("paused-page", "facebook", name="Paused page", isQueuePaused=True, timezone=None)
    reasons = [
        "Your access token has expired. Please reconnect.",
        "Duplicate content",
        "The image is too large",
        "Timed out",
    ]
    for day in range(30):
        for place, channel in enumerate(("linkedin-page", "x-profile")):
            due, name = now - (day + 1) * 86_400 + place * 7_200, f"{channel}-{day}"
            if day % 9 == 4:
                account.failed(name, channel, due, reasons[day % len(reasons)])
            else:
                account.sent(name, channel, due, late=3 + day % 40, impressions=400 + 37 * day % 900, reactions=day % 23,
                             comments=day % 5, reposts=day % 4, clicks=day % 17, engagementRate=day % 7 / 2)  # fmt: skip
        if day % 7 == 0:
            account.sent(f"paused-page-{day}", "paused-page", now - (day + 1) * 86_400)
    for ahead in range(6):
        account.post(f"next-{ahead}", "linkedin-page", "scheduled", now + (ahead + 1) * 43_200)
    return account

"""X's API v2: one account's posts in pages, with figures as far as the fields asked for."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from tests.standins.server import Call, Reply, StandIn

TOKEN = "x-token-for-the-stand-in"
USER = "1001"


class XStandIn(StandIn):
    """`posts` by id, newest first in answers. `reposts` is what the count of reposts is called."""

    def __init__(self, port: int = 0) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.reposts = "retweet_count"
        self.largest_page = 100
        self.left, self.resets = 900, int(time.time()) + 900
        super().__init__(port)

    def post(self, post_id: str, made: float, own: dict[str, int] | None = None, **public: int) -> None:
        """`own`: figures only its author sees; X drops them after 30 days."""
        counts = {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0, "bookmark_count": 0,
                  "impression_count": 0, **public}  # fmt: skip
        counts[self.reposts] = counts.pop("retweet_count")
        self.posts[post_id] = {
            "id": post_id, "text": f"Post {post_id} https://t.co/{post_id}", "created_at": _iso(made),
            "edit_history_tweet_ids": [post_id], "public_metrics": counts,
            **({"non_public_metrics": own} if own is not None else {}),
        }  # fmt: skip

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(
                401, problem("about:blank", "Unauthorized", f"Unauthorized {call.headers.get('authorization')}")
            )
        self.left -= 1
        headers = {"x-rate-limit-limit": "900", "x-rate-limit-remaining": str(max(0, self.left)),
                   "x-rate-limit-reset": str(self.resets)}  # fmt: skip
        if self.left < 0:
            return Reply(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, headers)
        if call.path in ("/2/users/me", f"/2/users/{USER}"):
            return Reply(200, {"data": {"id": USER, "name": "Us", "username": "us"}}, headers)
        if call.path != f"/2/users/{USER}/tweets":
            return Reply(404, problem("resource-not-found", "Not Found Error", "no such user"), headers)
        return Reply(200, self._page(call), headers)

    def _page(self, call: Call) -> dict[str, Any]:
        start, stop = call.one("start_time", "0"), call.one("end_time", "9")
        found = [p for p in self.posts.values() if start <= p["created_at"][:19] + "Z" <= stop]
        found.sort(key=lambda post: post["created_at"], reverse=True)
        begin = int(call.one("pagination_token", "t0")[1:])
        size = min(int(call.one("max_results", "10")), self.largest_page)
        wanted = {"id", "text", "edit_history_tweet_ids", *call.one("tweet.fields").split(",")}
        data = [{name: value for name, value in post.items() if name in wanted} for post in found[begin : begin + size]]
        meta: dict[str, Any] = {"result_count": len(data)}
        if begin + size < len(found):
            meta["next_token"] = f"t{begin + size}"
        return {"data": data, "meta": meta} if data else {"meta": meta}


def problem(kind: str, title: str, detail: str) -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": f"https://api.x.com/2/problems/{kind}"}


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def lively(server: XStandIn, now: float) -> XStandIn:
    """Sixty days of posts, for looking at."""
    for day in range(60):
        seen = 400 + day * 37 % 900
        own = {
            "impression_count": seen,
            "url_link_clicks": day % 17,
            "user_profile_clicks": day % 6,
            "engagements": day % 60,
        }
        server.post(str(1_990_000_000_000_000_000 + day), now - day * 86_400 - 3_600, own if day < 30 else None,
                    like_count=day % 23, reply_count=day % 5, retweet_count=day % 4, impression_count=seen)  # fmt: skip
    return server

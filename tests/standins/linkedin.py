"""LinkedIn's statistics of one page: days, single posts and followers, in the exact form of address it takes."""

from __future__ import annotations

import re
from typing import Any

from tests.standins.server import Call, Reply, StandIn

TOKEN = "linkedin-token-for-the-stand-in"
PAGE = "123"
_URN = f"urn:li:organization:{PAGE}"
_SPAN = re.compile(r"\(timeRange:\(start:(\d+),end:(\d+)\),timeGranularityType:DAY\)")


class LinkedInStandIn(StandIn):
    """`days` by their start in seconds, `posts` by URN: objects as `totalShareStatistics` has them."""

    def __init__(self, port: int = 0) -> None:
        self.days: dict[int, Any] = {}
        self.posts: dict[str, Any] = {}
        self.followers: Any = 4321
        super().__init__(port)

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, 65600, f"Invalid access token {call.headers.get('authorization')}")
        if not re.fullmatch(r"\d{6}", call.headers.get("linkedin-version", "")):
            return refusal(400, 100, "A version must be present")
        if call.headers["linkedin-version"] < "202512":
            return refusal(426, 426, f"Requested version {call.headers['linkedin-version']}01 is not active")
        if call.path.startswith("/rest/networkSizes/"):
            return Reply(200, {"firstDegreeSize": self.followers})
        if call.path != "/rest/organizationalEntityShareStatistics" or call.one("organizationalEntity") != _URN:
            return refusal(403, 100, "Not enough permissions")
        rows = self._rows(call)
        if rows is None:
            return refusal(400, 100, "Syntax exception in path")
        start, count = int(call.one("start", "0")), int(call.one("count", "10"))
        paging = {"start": start, "count": count, "links": []}
        return Reply(200, {"paging": paging, "elements": rows[start : start + count]})

    def _rows(self, call: Call) -> list[dict[str, Any]] | None:
        for name, key in (("shares", "share"), ("ugcPosts", "ugcPost")):
            if call.one(name):
                ids = call.one(name).removeprefix("List(").removesuffix(")").split(",")
                found = ((one, self.posts[one]) for one in ids if one in self.posts)
                return [{"organizationalEntity": _URN, key: one, "totalShareStatistics": told} for one, told in found]
        span = _SPAN.fullmatch(call.one("timeIntervals"))
        if not span:
            return None
        first, last = int(span[1]) // 1000, int(span[2]) // 1000
        return [
            {"organizationalEntity": _URN, "timeRange": {"start": at * 1000, "end": (at + 86_400) * 1000},
             "totalShareStatistics": told}
            for at, told in sorted(self.days.items()) if first <= at < last
        ]  # fmt: skip


def refusal(status: int, code: int, message: str) -> Reply:
    return Reply(status, {"status": status, "serviceErrorCode": code, "message": message})


def figures(impressions: int, likes: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "impressionCount": impressions, "uniqueImpressionsCount": impressions * 2 // 3, "clickCount": 19,
        "likeCount": likes, "commentCount": 3, "shareCount": 1, "engagement": 0.0455, **more,
    }  # fmt: skip


def lively(server: LinkedInStandIn, now: float) -> LinkedInStandIn:
    """Half a year of days, for looking at."""
    today = int(now) // 86_400 * 86_400
    for place in range(180):
        server.days[today - place * 86_400] = figures(500 + place * 53 % 700, place % 31)
    server.posts["urn:li:share:7000000000000000001"] = figures(812, 14)
    return server

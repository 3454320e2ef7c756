"""Which columns make a file what it is: told by the header, never by the file's name. Data and pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Grain = Literal["post", "week", "day"]

COUNTS = {
    "impressions": ("impressions",),
    "views": ("views", "total views", "video views"),
    "reach": ("reach", "accounts reached"),
    "clicks": ("clicks", "url clicks", "link clicks"),
    "likes": ("likes", "total likes", "reactions", "favorites"),
    "comments": ("comments", "total comments", "replies"),
    "shares": ("shares", "total shares", "reposts", "retweets"),
    "saves": ("saves", "bookmarks"),
    "followers": ("followers", "total followers"),
}
"""Fields and the column names they are read from; the first that the file has counts."""

DATE = ("date", "publish date", "time", "created at", "timestamp")
RATE = ("engagement rate",)
TOPIC = ("topic", "post text", "caption", "tweet text", "post title", "title", "content")
PLATFORM = ("platform",)
NUMBER = ("post number",)
MEDIA = ("media type", "content type", "type")
IDENTITY = ("post url", "post id", "tweet id", "content id", "tweet permalink", "post link")


@dataclass(frozen=True)
class Layout:
    """A kind of export. A file is of the first layout whose `needs` it has and whose `lacks` it has not."""

    name: str
    platform: str | None
    """None: a column says it."""
    grain: Grain
    needs: frozenset[str]
    lacks: frozenset[str] = frozenset()
    rate_scale: float = 1.0
    """What its engagement rate is multiplied by to be percent."""
    counts: tuple[tuple[str, tuple[str, ...]], ...] = tuple(COUNTS.items())
    identity: tuple[str, ...] = IDENTITY


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


_X_COUNTS = tuple({**COUNTS, "shares": ("reposts", "retweets"), "saves": ("bookmarks",)}.items())

LAYOUTS = (
    Layout("metrics rows", None, "post", _of("date", "platform", "views", "likes"), identity=()),
    Layout("content performance", None, "post", _of("content id", "platform", "total views"),
           identity=("content id",)),
    Layout("X posts (classic)", "twitter", "post", _of("tweet id", "impressions"), rate_scale=100, counts=_X_COUNTS),
    Layout("X posts", "twitter", "post", _of("post id", "post text", "reposts"), counts=_X_COUNTS),
    Layout("X days (classic)", "twitter", "day", _of("date", "tweets published", "impressions"), rate_scale=100,
           counts=_X_COUNTS),
    Layout("X days", "twitter", "day", _of("date", "impressions", "reposts"), _of("post text"), counts=_X_COUNTS),
    Layout("Instagram posts", "instagram", "post", _of("date", "post url", "saves")),
    Layout("Instagram posts", "instagram", "post", _of("date", "caption", "saves")),
    Layout("Instagram weeks", "instagram", "week", _of("date", "followers", "saves")),
    Layout("LinkedIn posts", "linkedin", "post", _of("date", "impressions", "post text")),
    Layout("LinkedIn posts", "linkedin", "post", _of("date", "impressions", "post title")),
    Layout("LinkedIn weeks", "linkedin", "week", _of("date", "followers", "impressions", "clicks")),
)  # fmt: skip

METRICS_LAYOUTS = LAYOUTS[:2]


def plain_name(column: object) -> str:
    """`Engagement_Rate` and ` engagement rate (%)` are one: lower case words."""
    return " ".join(re.findall(r"[^\W_]+", str(column).lower()))


def layout_of(columns: Iterable[str], layouts: tuple[Layout, ...] = LAYOUTS) -> Layout | None:
    """The kind of file that has these columns (plain names)."""
    names = set(columns)
    return next((found for found in layouts if found.needs <= names and not found.lacks & names), None)

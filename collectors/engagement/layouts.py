"""Which columns make a file what it is: the header decides, never the file's name. Data and pure functions.

All names are plain English ones (`languages.header_of`): other languages are translated before they come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from collectors.engagement.languages import Order

Grain = Literal["post", "week", "day"]

COUNTS: Mapping[str, tuple[str, ...]] = {
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
"""Fields and the column names they are read from; the first that the row has a value in counts."""

OTHER_FIGURES = frozenset(("engagements", "engagement rate", "impressions total", "impressions organic", "clicks total",
                           "total clicks", "reactions total", "comments total", "reposts total", "click through rate ctr",
                           "profile visits", "detail expands", "new follows", "follows"))  # fmt: skip
"""Names of figures that no layout needs by itself; they show that a file is about posts."""

DATE = ("date", "publish date", "time", "created at", "timestamp")
RATE = ("engagement rate", "engagement rate total")
TOPIC = ("topic", "post text", "caption", "tweet text", "post title", "title", "content")
PLATFORM = ("platform", "network", "social network", "service", "channel type", "channel", "profile", "account type")
NUMBER = ("post number",)
MEDIA = ("media type", "content type", "type", "post type")
IDENTITY = ("post url", "post id", "tweet id", "content id", "tweet permalink", "post link")
LINKS = ("permalink", "post link", "post url", "tweet permalink", "video link", "link", "url")
"""Columns that hold a post's address."""

VALUE = "primary"
"""The column of figures in tables whose title says what they are."""

_ANY_DATE = ("publish time", "published time", "publishing time", "published date", "publication date", "creation date",
             "created date", "post publish date", "published at", "date published", "post date", "posted at",
             "sent at", "date sent", "posted", "published", "post time", "posted time", "sent time", "date and time", "date time", *DATE)  # fmt: skip
_ANY_TOPIC = (*TOPIC, "post", "text", "message", "description", "video title")
_ANY_IDENTITY = ("permalink", *IDENTITY, "update id", "video link", "link", "url")


@dataclass(frozen=True)
class Layout:
    """A kind of export. A table is of the first layout whose `needs` it has and whose `lacks` it has not."""

    name: str
    platform: str | None
    """None: a column or the post's link says it."""
    grain: Grain
    needs: frozenset[str]
    lacks: frozenset[str] = frozenset()
    rate_scale: float = 1.0
    """What its engagement rate, written without a percent sign, is multiplied by to be percent."""
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: COUNTS)
    identity: tuple[str, ...] = IDENTITY
    dates: tuple[str, ...] = DATE
    topics: tuple[str, ...] = TOPIC
    media: tuple[str, ...] = MEDIA
    order: Order | None = None
    """How the platform itself writes 03/04/2026, whatever the language; None: not declared."""
    any_of: tuple[tuple[str, ...], ...] = ()
    """Of each of these at least one."""
    figures: int = 1
    """How many of `counts` its columns must have."""
    by_link: bool = False
    """The post's link says which network it is on, where it does."""
    side_by_side: bool = False
    """Several rankings stand beside each other; a post may be in more than one."""
    only_beside: str = ""
    """Is such a table only in a file that has one of this layout, too: its columns alone do not tell."""
    titled: bool = False
    """The line above the header says the figure and the network; its column is `VALUE`."""
    figure: str = ""
    """Of a titled table: which figure it has. Rows of others for the same day are rows of their own."""
    own_total: bool = False
    """The column `engagements` counts where the parts are not given."""
    per_post_once: bool = True
    """The platform lists each post once: equal texts on one day are posts of their own."""


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


def _without(counts: Mapping[str, tuple[str, ...]], *names: str) -> dict[str, tuple[str, ...]]:
    return {name: columns for name, columns in counts.items() if name not in names}


_X_COUNTS = {**COUNTS, "shares": ("reposts", "retweets"), "saves": ("bookmarks",)}
_LINKEDIN_POST = _without(COUNTS, "followers", "saves") | {"shares": ("reposts", "shares")}
_LINKEDIN_DAYS = {
    "impressions": ("impressions total", "impressions organic"),
    "reach": ("unique impressions organic",),
    "clicks": ("clicks total", "total clicks", "clicks organic"),
    "likes": ("reactions total", "reactions organic"),
    "comments": ("comments total", "comments organic"),
    "shares": ("reposts total", "reposts organic"),
}
_META_COUNTS = _without(COUNTS, "followers") | {
    "clicks": ("total clicks", "clicks total", "link clicks", "clicks"),
    "likes": ("likes", "reactions"),
    "shares": ("shares",),
    "views": ("views", "video views", "3 second video views"),
}
_META_IDENTITY = ("permalink", "post id", "video asset id", "universal video id")
_TOP_POSTS = "LinkedIn top posts of a person"

LAYOUTS = (
    Layout("metrics rows", None, "post", _of("date", "platform", "views", "likes"), identity=(), per_post_once=False),
    Layout("content performance", None, "post", _of("content id", "platform", "total views"),
           identity=("content id",)),
    Layout("X posts (classic)", "twitter", "post", _of("tweet id", "impressions"), rate_scale=100, counts=_X_COUNTS),
    Layout("X posts", "twitter", "post", _of("post id", "post text", "reposts"), counts=_X_COUNTS),
    Layout("X days (classic)", "twitter", "day", _of("date", "tweets published", "impressions"), rate_scale=100,
           counts=_X_COUNTS),
    Layout("X days", "twitter", "day", _of("date", "impressions", "reposts"), _of("post text"),
           counts=_X_COUNTS),
    Layout("LinkedIn posts of a page", "linkedin", "post", _of("post link", "created date", "impressions"),
           rate_scale=100, counts=_LINKEDIN_POST, dates=("created date", "date"), media=("content type", "post type"), order="month"),
    Layout("LinkedIn days of a page", "linkedin", "day", _of("date", "impressions total"), rate_scale=100,
           counts=_LINKEDIN_DAYS, order="month"),
    Layout("LinkedIn days of a page", "linkedin", "day", _of("date", "impressions organic", "unique impressions organic"),
           rate_scale=100, counts=_LINKEDIN_DAYS, order="month"),
    Layout(_TOP_POSTS, "linkedin", "post", _of("post url", "post publish date"), identity=("post url",),
           dates=("post publish date",), counts={"impressions": ("impressions",)}, order="month", side_by_side=True,
           own_total=True),
    Layout("LinkedIn days of a person", "linkedin", "day", _of("date", "impressions", "engagements"),
           _of("likes", "reposts", "post text"), counts={"impressions": ("impressions",)}, order="month",
           only_beside=_TOP_POSTS, own_total=True),
    *(Layout(f"{name} posts of Meta Business Suite", name.lower(), "post", _of("publish time"), any_of=(owner,),
             counts=_META_COUNTS, identity=_META_IDENTITY, dates=("publish time",), topics=topics,
             media=("post type", "media type"), order="month", by_link=True)
      for name, owner, topics in (
          ("Facebook", ("page name", "page id"), ("title", "description", "caption")),
          ("Instagram", ("account username", "account id"), ("description", "caption", "title")))),
    Layout("days of Meta's insights", None, "day", _of("date", VALUE), counts={}, titled=True),
    Layout("Instagram posts", "instagram", "post", _of("date", "post url", "saves")),
    Layout("Instagram posts", "instagram", "post", _of("date", "caption", "saves")),
    Layout("Instagram weeks", "instagram", "week", _of("date", "followers", "saves")),
    Layout("LinkedIn posts", "linkedin", "post", _of("date", "impressions", "post text")),
    Layout("LinkedIn posts", "linkedin", "post", _of("date", "impressions", "post title")),
    Layout("LinkedIn weeks", "linkedin", "week", _of("date", "followers", "impressions", "clicks")),
    Layout("posts of several networks", None, "post", _of(), any_of=(_ANY_DATE, (*PLATFORM, *LINKS)), figures=2,
           counts=_without(COUNTS, "followers"), identity=_ANY_IDENTITY, dates=_ANY_DATE, topics=_ANY_TOPIC, by_link=True),
)  # fmt: skip

METRICS_LAYOUTS = LAYOUTS[:2]

NOT_ABOUT_POSTS = (
    ("followers", _of("organic followers")),
    ("followers", _of("date", "new followers")),
    ("followers", _of("date", "total followers")),
    ("visitors of a page", _of("total page views total")),
    ("visitors of a page", _of("total unique visitors total")),
    ("competitors", _of("page", "new followers")),
    ("an audience", _of("top demographics", "percentage")),
)
"""Exports of the same platforms that hold no figures of posts."""


def layout_of(columns: Iterable[str], layouts: tuple[Layout, ...] = LAYOUTS) -> Layout | None:
    """The kind of table that has these columns (plain English names)."""
    names = set(columns)
    return next((found for found in layouts if _fits(found, names)), None)


def _fits(layout: Layout, names: set[str]) -> bool:
    if not layout.needs <= names or layout.lacks & names or any(names.isdisjoint(some) for some in layout.any_of):
        return False
    return layout.figures < 2 or sum(not names.isdisjoint(some) for some in layout.counts.values()) >= layout.figures


def narrowed(layout: Layout, columns: Iterable[str]) -> Layout:
    """The layout without the columns that a table has not: each row asks for fewer."""
    names = set(columns)

    def there(wanted: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in wanted if name in names)

    counts = {field: there(wanted) for field, wanted in layout.counts.items() if there(wanted)}
    return replace(layout, counts=counts, identity=there(layout.identity), dates=there(layout.dates) or layout.dates[:1],
                   topics=there(layout.topics), media=there(layout.media))  # fmt: skip


def figure_names() -> frozenset[str]:
    """Every column name that is a figure of posts."""
    return OTHER_FIGURES.union(*(columns for columns in COUNTS.values()))


def figure_named(name: str) -> str | None:
    """The field that a column of this plain English name is read into."""
    return next((field for field, names in COUNTS.items() if name in names), None)


def topic_of_others(columns: Iterable[str]) -> str | None:
    """What a known export without figures of posts is about."""
    names = set(columns)
    return next((about for about, needs in NOT_ABOUT_POSTS if needs <= names), None)

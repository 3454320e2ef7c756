"""Buffer's JSON to posts, figures and channels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.platforms import platform_named
from collectors.social.figures import figure, figure_fields
from collectors.social.post import SECOND, SocialPost, named_time
from collectors.social.texts import platform_id, word
from metricstore.point import Point

SOURCE = "buffer"
_UTC = ZoneInfo("UTC")
_STATUSES = {
    "draft": "draft", "needs_approval": "approval", "scheduled": "scheduled", "sending": "sending", "sent": "sent",
    "error": "failed",
}  # fmt: skip
_FIGURES: Mapping[str, tuple[str, float]] = {
    "impressions": ("impressions", 1), "reach": ("reach", 1), "reactions": ("reactions", 1),
    "comments": ("comments", 1), "reposts": ("reposts", 1), "shares": ("shares", 1), "quotes": ("quotes", 1),
    "saves": ("saves", 1), "clicks": ("clicks", 1), "views": ("views", 1),
    "totalTimeWatched": ("watch_time_seconds", 60), "engagementRate": ("engagement_ratio", 0.01),
}  # fmt: skip
"""Buffer's word, ours, and what its unit must be multiplied with."""
_ALWAYS = frozenset({"reactions", "comments"})
_HAVE_BOTH = frozenset({"linkedin", "twitter", "instagram", "facebook", "threads", "bluesky", "mastodon", "youtube"})


@dataclass(frozen=True)
class Channel:
    channel_id: str
    platform: str
    name: str
    timezone: str
    disconnected: bool | None
    paused: bool | None


def channel_of(raw: Any) -> Channel | None:
    """None without an id."""
    if not isinstance(raw, dict) or not word(raw.get("id")):
        return None
    return Channel(
        word(raw["id"]), platform_named(raw.get("service")) or "other", word(raw.get("name"))[:200],
        word(raw.get("timezone")), _truth(raw.get("isDisconnected")), _truth(raw.get("isQueuePaused")),
    )  # fmt: skip


def post_of(raw: Any, zones: Mapping[str, str]) -> SocialPost:
    """ValueError with a sentence for what can't be a post. `zones`: time zones by channel id, as far as they are told."""
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not raw["id"]:
        raise ValueError("post has no id")
    error, channel = raw.get("error"), word(raw.get("channelId"))
    post = SocialPost(
        SOURCE, platform_named(raw.get("channelService")) or "other", raw["id"], channel,
        _STATUSES.get(word(raw.get("status")), "other"), word(raw.get("via"))[:64],
        _time(raw.get("dueAt")), _time(raw.get("sentAt")), _time(raw.get("createdAt")), _time(raw.get("updatedAt")),
        word(error.get("message")) if isinstance(error, dict) else "",
        word(raw.get("text")), platform_id(word(raw.get("externalLink"))), zones.get(channel, ""),
    )  # fmt: skip
    if post.time is None:
        raise ValueError(f"post {post.post_id} has no time")
    return post


def evidence(raws: Iterable[Any]) -> dict[str, set[str]]:
    """For each channel id the figures that posts show above 0: there a 0 means zero."""
    found: dict[str, set[str]] = {}
    for raw in raws:
        if isinstance(raw, dict):
            seen = {name for name, value in _values(raw).items() if value}
            if seen:
                found.setdefault(word(raw.get("channelId")), set()).update(seen)
    return found


def stats_of(raw: Mapping[str, Any], post: SocialPost, believed: Iterable[str]) -> Point | None:
    """The figures of a post at Buffer's last refresh; None before the first one.

    `believed`: figures whose 0 is a number in this post's channel. Any other 0 is what Buffer gives for "the network
    did not report", and becomes `not_reported`.
    """
    refreshed = _time(raw.get("metricsUpdatedAt"))
    if refreshed is None:
        return None
    real = set(believed) | (_ALWAYS if post.platform in _HAVE_BOTH else set())
    values = {name: value for name, value in _values(raw).items() if value or name in real}
    if not values:
        return None
    fields = figure_fields(values) | {"service_post_id": post.post_id, "channel_id": post.channel_id}
    if post.sent is not None and refreshed >= post.sent:
        fields["age_seconds"] = (refreshed - post.sent) // SECOND
    tags = {"source": SOURCE, "platform": post.platform}
    return Point(
        "social_post_stats", named_time(refreshed, post.post_id), tags, {k: v for k, v in fields.items() if v != ""}
    )


def limits_of(raws: Iterable[Any]) -> dict[str, dict[str, int]]:
    """For each channel id what of sent_today, scheduled_today and daily_limit is told."""
    names = {"sent": "sent_today", "scheduled": "scheduled_today", "limit": "daily_limit"}
    found = {}
    for raw in raws:
        if isinstance(raw, dict) and raw.get("channelId"):
            told = {ours: _number(raw.get(theirs)) for theirs, ours in names.items()}
            found[word(raw["channelId"])] = {name: round(value) for name, value in told.items() if value is not None}
    return found


def _values(raw: Mapping[str, Any]) -> dict[str, float]:
    """Figures by our names; words we do not know are left out."""
    metrics = raw.get("metrics")
    found = {}
    for metric in metrics if isinstance(metrics, list) else []:
        kind = metric.get("type") if isinstance(metric, dict) else None
        if isinstance(kind, str) and kind in _FIGURES:
            name, factor = _FIGURES[kind]
            value = _number(metric.get("value"))
            if value is not None:
                found[name] = value if factor == 1 else round(value * factor, 12)
    return found


def _number(value: Any) -> float | None:
    found = figure(value)
    return None if found is None else float(found)


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _time(text: Any) -> int | None:
    return local_time.moment(text, _UTC)

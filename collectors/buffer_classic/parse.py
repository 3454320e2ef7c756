"""Classic Buffer's JSON to posts, figures and channels. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.platforms import platform_named
from collectors.social.figures import figure, figure_fields
from collectors.social.post import SECOND, SocialPost, named_time
from collectors.social.texts import platform_id, word
from metricstore.catalogue import FieldValue
from metricstore.point import Point

SOURCE = "buffer_classic"
STATS_SECONDS = 6 * 3_600
_STATUSES = {"buffer": "scheduled", "sent": "sent", "error": "failed", "failed": "failed", "service": "sending"}
_FIGURES = {
    "reach": "reach", "clicks": "clicks", "retweets": "reposts", "favorites": "reactions", "likes": "reactions",
    "comments": "comments", "shares": "shares",
}  # fmt: skip
"""Classic Buffer's word and ours; `mentions` and others have no counterpart."""


def post_of(raw: Any, zones: Mapping[str, str]) -> SocialPost:
    """ValueError with a sentence for what can't be a post. `zones`: time zones by channel id, as far as they are told."""
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not raw["id"]:
        raise ValueError("post has no id")
    error, channel = raw.get("error"), word(raw.get("profile_id"))
    said = error.get("message") if isinstance(error, dict) else error
    post = SocialPost(
        SOURCE, platform_named(raw.get("profile_service")) or "other", raw["id"], channel,
        _STATUSES.get(word(raw.get("status")), "other"), word(raw.get("via"))[:64],
        _time(raw.get("due_at")), _time(raw.get("sent_at")), _time(raw.get("created_at")), None,
        word(said), word(raw.get("text")), _platform_id(raw.get("service_update_id")),
        zones.get(channel, ""),
    )  # fmt: skip
    if post.time is None:
        raise ValueError(f"post {post.post_id} has no time")
    return post


def stats_of(raw: Mapping[str, Any], post: SocialPost, now: float) -> Point | None:
    """Figures at the six hours that `now` (seconds) is in; None when there are none."""
    told = raw.get("statistics")
    values: dict[str, float] = {}
    for theirs, ours in _FIGURES.items():
        value = figure(told.get(theirs)) if isinstance(told, dict) else None
        if value is not None:
            values.setdefault(ours, value)
    if post.status != "sent" or not values:
        return None
    slot = int(now) // STATS_SECONDS * STATS_SECONDS * SECOND
    fields: dict[str, FieldValue] = {**figure_fields(values), "service_post_id": post.post_id}
    if post.channel_id:
        fields["channel_id"] = post.channel_id
    if post.sent is not None and slot >= post.sent:
        fields["age_seconds"] = (slot - post.sent) // SECOND
    return Point(
        "social_post_stats", named_time(slot, post.post_id), {"source": SOURCE, "platform": post.platform}, fields
    )


def profile_points(raw: Mapping[str, Any], now: float) -> list[Point]:
    """Queue and followers of a channel at the hour that `now` (seconds) is in."""
    channel, slot = word(raw["id"]), int(now) // 3_600 * 3_600 * SECOND
    tags = {"source": SOURCE, "platform": platform_named(raw.get("service")) or "other"}
    counts, told = raw.get("counts"), raw.get("statistics")
    pending = _count(counts.get("pending")) if isinstance(counts, dict) else None
    found: dict[str, FieldValue | None] = {
        "channel_id": channel, "channel": (word(raw.get("formatted_username")) or word(raw.get("service_username")))[:200],
        "timezone": word(raw.get("timezone")), "pending": pending,
        "disconnected": int(raw["disconnected"]) if isinstance(raw.get("disconnected"), bool) else None,
    }  # fmt: skip
    fields = {name: value for name, value in found.items() if value is not None and value != ""}
    points = [Point("social_queue", named_time(slot, channel), tags, fields)]
    followers = _count(told.get("followers", told.get("connections"))) if isinstance(told, dict) else None
    if followers is not None:
        figures: dict[str, FieldValue] = {**figure_fields({}), "channel_id": channel, "followers": followers}
        points.append(Point("social_channel_stats", named_time(slot, channel), {**tags, "bucket": "snapshot"}, figures))
    return points


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _time(value: Any) -> int | None:
    """Nanoseconds of unix seconds, a number or a text of one."""
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found * SECOND if 0 < found < 10**10 else None


def _platform_id(value: Any) -> str:
    text = word(value)
    return text if text.isdigit() else platform_id(text)

"""X's JSON to posts and figures. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.social.figures import figure, figure_fields
from collectors.social.post import SECOND, SocialPost, named_time
from collectors.social.texts import word
from metricstore.catalogue import FieldValue
from metricstore.point import Point

SOURCE, PLATFORM = "x", "twitter"
_UTC = ZoneInfo("UTC")
STATS_SECONDS = 6 * 3_600
_FIGURES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("impressions", (("non_public_metrics", "impression_count"), ("organic_metrics", "impression_count"),
                     ("public_metrics", "impression_count"))),
    ("reactions", (("public_metrics", "like_count"), ("organic_metrics", "like_count"))),
    ("comments", (("public_metrics", "reply_count"), ("organic_metrics", "reply_count"))),
    ("reposts", (("public_metrics", "retweet_count"), ("public_metrics", "repost_count"),
                 ("organic_metrics", "retweet_count"), ("organic_metrics", "repost_count"))),
    ("quotes", (("public_metrics", "quote_count"),)),
    ("saves", (("public_metrics", "bookmark_count"),)),
    ("clicks", (("non_public_metrics", "url_link_clicks"), ("organic_metrics", "url_link_clicks"))),
    ("profile_clicks", (("non_public_metrics", "user_profile_clicks"), ("organic_metrics", "user_profile_clicks"))),
)  # fmt: skip
"""Our figure and where X tells it; the first place that has it counts."""


def post_of(raw: Any, account: str) -> SocialPost:
    """ValueError with a sentence for what can't be a post."""
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not raw["id"]:
        raise ValueError("post has no id")
    made = _time(raw.get("created_at"))
    if made is None:
        raise ValueError(f"post {raw['id']} has no time")
    return SocialPost(
        SOURCE, PLATFORM, raw["id"], account, "sent", sent=made, created=made,
        text=word(raw.get("text")), platform_post_id=raw["id"],
    )  # fmt: skip


def stats_of(raw: Mapping[str, Any], post: SocialPost, now: float) -> Point | None:
    """Figures at the six hours that `now` (seconds) is in; None when X tells none."""
    values: dict[str, float] = {}
    for name, places in _FIGURES:
        found = next((value for group, word in places if (value := _number(raw.get(group), word)) is not None), None)
        if found is not None:
            values[name] = found
    engagements = _number(raw.get("non_public_metrics"), "engagements")
    if engagements is not None and values.get("impressions"):
        values["engagement_ratio"] = engagements / values["impressions"]
    if not values:
        return None
    slot = int(now) // STATS_SECONDS * STATS_SECONDS * SECOND
    fields: dict[str, FieldValue] = {
        **figure_fields(values), "service_post_id": post.post_id, "channel_id": post.channel_id,
    }  # fmt: skip
    if post.sent is not None and slot >= post.sent:
        fields["age_seconds"] = (slot - post.sent) // SECOND
    return Point("social_post_stats", named_time(slot, post.post_id), {"source": SOURCE, "platform": PLATFORM}, fields)


def _number(group: Any, word: str) -> float | None:
    value = figure(group.get(word)) if isinstance(group, dict) else None
    return value if value is not None and value >= 0 else None


def _time(text: Any) -> int | None:
    found = local_time.moment(text, _UTC)
    return None if found is None else found - found % SECOND


def rfc3339(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"

"""LinkedIn's statistics to points. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.social.figures import figure, figure_fields
from collectors.social.post import SECOND, named_time
from metricstore.catalogue import FieldValue
from metricstore.point import Point

SOURCE = "linkedin"
DAY = 86_400
_FIGURES = {
    "impressionCount": "impressions", "uniqueImpressionsCount": "reach", "likeCount": "reactions",
    "commentCount": "comments", "shareCount": "reposts", "clickCount": "clicks", "engagement": "engagement_ratio",
}  # fmt: skip
_TAGS = {"source": SOURCE, "platform": "linkedin"}


def day_point(raw: Any, organization: str) -> Point:
    """A page's day; ValueError with a sentence for what is none."""
    span = raw.get("timeRange") if isinstance(raw, dict) else None
    start = span.get("start") if isinstance(span, dict) else None
    if isinstance(start, bool) or not isinstance(start, int) or not 0 < start < 9 * 10**12:
        raise ValueError("a day without its start")
    fields: dict[str, FieldValue] = {**_fields(raw), "channel_id": organization}
    time = named_time(start // 1000 // DAY * DAY * SECOND, organization)
    return Point("social_channel_stats", time, {**_TAGS, "bucket": "day"}, fields)


def post_point(raw: Any, organization: str, now: float) -> Point:
    """A post's figures at the day that `now` (seconds) is in; ValueError with a sentence for what is none."""
    found = (
        next((raw[key] for key in ("share", "ugcPost", "post") if raw.get(key)), None)
        if isinstance(raw, dict)
        else None
    )
    if not isinstance(found, str):
        raise ValueError("figures without their post")
    slot = int(now) // DAY * DAY * SECOND
    fields: dict[str, FieldValue] = {**_fields(raw), "service_post_id": found, "channel_id": organization}
    return Point("social_post_stats", named_time(slot, found), _TAGS, fields)


def followers_point(count: Any, organization: str, now: float) -> Point:
    """Followers of a page at the day that `now` (seconds) is in; ValueError when they are no number."""
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 2**63:
        raise ValueError("followers aren't a number")
    slot = int(now) // DAY * DAY * SECOND
    fields: dict[str, FieldValue] = {**figure_fields({}), "channel_id": organization, "followers": count}
    return Point("social_channel_stats", named_time(slot, organization), {**_TAGS, "bucket": "snapshot"}, fields)


def _fields(raw: Mapping[str, Any]) -> dict[str, FieldValue]:
    """Figures as LinkedIn gives them; reactions may be negative, when more were taken back than given."""
    told = raw.get("totalShareStatistics")
    values = {
        ours: value
        for theirs, ours in _FIGURES.items()
        if isinstance(told, dict) and (value := figure(told.get(theirs))) is not None
    }
    if not values:
        raise ValueError("statistics without a figure")
    return figure_fields(values)

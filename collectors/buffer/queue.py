"""A channel's queue at a moment, as a point. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collectors.buffer.parse import SOURCE, Channel
from collectors.social.post import SECOND, SocialPost, named_time
from metricstore.catalogue import FieldValue
from metricstore.point import Point

_DAY = 86_400
_QUEUED = ("scheduled", "sending")


def queue_point(
    channel: Channel, waiting: Iterable[SocialPost], failed: int, limits: Mapping[str, int], now: int
) -> Point:
    """What waits in the channel at `now` (seconds since the epoch), dated by its hour.

    `waiting` may hold posts of other channels, too; `failed` is how many failed ones are still there.
    """
    queued = [post for post in waiting if post.channel_id == channel.channel_id and post.status in _QUEUED]
    last = max((post.due for post in queued if post.due is not None), default=None)
    found: dict[str, FieldValue | None] = {
        "channel_id": channel.channel_id, "channel": channel.name, "timezone": channel.timezone,
        "pending": len(queued), **limits, "failed": failed,
        "days_left": 0.0 if last is None else max(0.0, round((last / SECOND - now) / _DAY, 6)),
        "queue_paused": None if channel.paused is None else int(channel.paused),
        "disconnected": None if channel.disconnected is None else int(channel.disconnected),
    }  # fmt: skip
    fields = {name: value for name, value in found.items() if value is not None and value != ""}
    slot = (now - now % 3600) * SECOND
    return Point(
        "social_queue", named_time(slot, channel.channel_id), {"source": SOURCE, "platform": channel.platform}, fields
    )

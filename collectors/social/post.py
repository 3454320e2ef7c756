"""A post at a service and its point: the same for every service. Pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime

from collectors.reading import digits
from collectors.social.clocks import clock_fields
from collectors.social.failures import error_class, error_text
from collectors.social.texts import excerpt, text_hash
from metricstore.catalogue import FieldValue
from metricstore.catalogue.social import LATENESS
from metricstore.point import Point

SECOND = 1_000_000_000
_STEPS = (60, 300, 900, 3_600, 21_600)
"""Where each step of lateness ends, in seconds."""
WAITING = ("draft", "approval", "scheduled", "sending")
"""States that a post leaves again; one that is gone without having left them was withdrawn."""


@dataclass(frozen=True)
class SocialPost:
    """Times are nanoseconds UTC, None: the service does not say."""

    source: str
    platform: str
    post_id: str
    channel_id: str
    status: str
    via: str = ""
    due: int | None = None
    sent: int | None = None
    created: int | None = None
    updated: int | None = None
    error: str = ""
    text: str = ""
    """As the service has it: kept is how it begins, and a hash."""
    platform_post_id: str = ""
    timezone: str = ""
    """The channel's, as the service tells it."""

    @property
    def time(self) -> int | None:
        """Sent, else due, else changed, else made: that second, its digits made of the post's id."""
        base = next((t for t in (self.sent, self.due, self.updated, self.created) if t is not None), None)
        return None if base is None else named_time(base, self.post_id)

    @property
    def point(self) -> Point | None:
        """None for a post without any time."""
        time = self.time
        if time is None:
            return None
        found: dict[str, FieldValue | None] = {
            "service_post_id": self.post_id, "status": self.status, "channel_id": self.channel_id, "via": self.via,
            "due": iso(self.due), "sent": iso(self.sent), "created": iso(self.created),
            "content_hash": text_hash(self.text), "excerpt": excerpt(self.text), "platform_post_id": self.platform_post_id,
            **clock_fields(time, self.timezone),
        }  # fmt: skip
        if self.sent is not None and self.due is not None:
            found["late_seconds"] = (self.sent - self.due) / SECOND
            found["lateness"] = lateness((self.sent - self.due) / SECOND)
        if self.status == "failed":
            found |= {"error_class": error_class(self.error), "error_text": error_text(self.error)}
        fields = {name: value for name, value in found.items() if value is not None and value != ""}
        return Point("social_post", time, {"source": self.source, "platform": self.platform}, fields)


def lateness(late_seconds: float) -> str:
    """The step of `metricstore.catalogue.social.LATENESS` that so many seconds fall into."""
    return LATENESS[bisect_left(_STEPS, late_seconds)]


def named_time(base: int, name: str) -> int:
    """The second of `base` with digits made of `name`: two posts in one second stay two points."""
    return base - base % SECOND + digits(name, SECOND)


def iso(nanos: int | None) -> str | None:
    """UTC, to the second: `2026-11-15T09:00:05Z`."""
    return None if nanos is None else f"{datetime.fromtimestamp(nanos // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"

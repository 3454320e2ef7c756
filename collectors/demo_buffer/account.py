"""The made-up account as it looks, or looked, at a moment: posts as Buffer's GraphQL interface tells them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.demo.deliveries import CHANNELS, grown

AGES = (*(timedelta(hours=hours) for hours in (3, 6, 12)), *(timedelta(days=days) for days in (1, 2, 3, 5, 7, 14, 30)))
"""When a post's figures are refreshed."""
ZONES = {channel: "Europe/Berlin" for channel, _ in CHANNELS.values()}
"""Time zone by channel id."""
_TYPES = ("impressions", "reach", "reactions", "comments", "reposts", "quotes", "clicks")


@dataclass(frozen=True)
class Life:
    """A post from the day it came to Buffer on; times are UTC."""

    node: dict[str, Any]
    created: datetime
    due: datetime
    ended: datetime
    """Sent, else given up at its time."""
    withdrawn: datetime | None
    figures: dict[str, float]
    pace: float
    approval: bool = False
    """Whether it waits for somebody's approval until it is sent."""

    @classmethod
    def read(cls, entry: dict[str, Any]) -> Life:
        node = entry["node"]
        due, sent, gone = _moment(node["dueAt"]), node["sentAt"], entry.get("withdrawnAt")
        return cls(node, _moment(node["createdAt"]), due, _moment(sent) if sent else due,
                   _moment(gone) if gone else None, entry.get("figures", {}), entry.get("pace", 1.0),
                   bool(entry.get("approval")))  # fmt: skip

    def waits(self, now: datetime) -> bool:
        return self.created <= now < min(self.ended, self.withdrawn or self.ended)

    def changed(self, since: datetime, now: datetime) -> bool:
        """Whether anything but its figures became different in (since, now]."""
        steps = (self.created, self.withdrawn) if self.withdrawn else (self.created, self.ended)
        return any(since < step <= now for step in steps)

    def seen(self, now: datetime) -> dict[str, Any]:
        """The post as Buffer tells it at `now`; withdrawn ones as they were last."""
        if self.withdrawn is not None or now < self.ended:
            waiting = {
                "status": "needs_approval" if self.approval else "scheduled",
                "sentAt": None,
                "error": None,
                "externalLink": None,
            }
            return {**self.node, **waiting}
        return self.node

    def refreshed(self, since: datetime, now: datetime) -> Iterator[dict[str, Any]]:
        """The post with its figures, for each refresh in (since, now]."""
        if self.withdrawn is not None or not self.figures:
            return
        for age in AGES:
            moment = self.ended + age
            if since < moment <= now:
                values = grown(self.figures, self.pace, age)
                told = [{"type": name, "value": values[name]} for name in _TYPES if name in values]
                yield {**self.node, "metrics": told, "metricsUpdatedAt": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"}


def channels() -> list[dict[str, Any]]:
    """Both channels, as Buffer tells them."""
    return [
        {"id": name, "name": title, "service": platform, "timezone": ZONES[name], "isDisconnected": False,
         "isQueuePaused": False}
        for platform, (name, title) in CHANNELS.items()
    ]  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)

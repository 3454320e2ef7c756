"""What services said of their quotas, as points."""

from __future__ import annotations

from collectors.http.client import Client
from metricstore.point import Point

_SECOND = 1_000_000_000
_NAMED = ("15m", "24h", "30d")


def quota_points(service: str, client: Client) -> list[Point]:
    """A point for each window of which the service said something in this run, at the time it said it."""
    found = []
    for quota, said_at in client.quotas.values():
        fields: dict[str, float | int | str] = {}
        if quota.window.allowed is not None:
            fields["allowed"] = quota.window.allowed
        if quota.remaining is not None:
            fields["remaining"] = quota.remaining
        if quota.reset_seconds is not None:
            fields["reset_seconds"] = int(quota.reset_seconds)
        window = quota.window.name if quota.window.name in _NAMED else "other"
        if fields:
            found.append(Point("api_quota", int(said_at) * _SECOND, {"service": service, "window": window}, fields))
    return found

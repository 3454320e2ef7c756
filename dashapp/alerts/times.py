"""Moments as text that sorts like them, to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime


def precise(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

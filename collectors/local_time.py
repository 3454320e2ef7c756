"""Moments as the observed system writes them: naive local ISO times, dates, `HH:MM`."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from metricstore.point import nanoseconds

SECOND = 1_000_000_000
_EARLIEST, _LATEST = 1678, 2261
"""Years whose nanoseconds fit into 64 bits."""


def moment(text: Any, zone: ZoneInfo, *, fold: int = 0) -> int | None:
    """Nanoseconds UTC of an ISO time (without a zone: local), None when it is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return instant(found if found.tzinfo else found.replace(tzinfo=zone, fold=fold))


def instant(found: datetime) -> int | None:
    """Nanoseconds UTC of an aware time; None outside the years a store can hold."""
    return nanoseconds(found) if _EARLIEST < found.year < _LATEST else None


def moment_after(text: Any, zone: ZoneInfo, earlier: int | None) -> int | None:
    """Like `moment`; in the hour that comes twice, the second one if else time would step back behind `earlier`."""
    found = moment(text, zone)
    if found is None or earlier is None or found >= earlier:
        return found
    again = moment(text, zone, fold=1)
    return again if again is not None and again >= earlier else found


def local_moment(day: date, at: time, zone: ZoneInfo) -> int | None:
    """Nanoseconds UTC of a local date and time; None outside the years a store can hold."""
    return instant(datetime.combine(day, at, tzinfo=zone))


def iso_of(nanos: int, zone: ZoneInfo) -> str:
    """Local ISO time of nanoseconds UTC, to the second."""
    return datetime.fromtimestamp(nanos // SECOND, zone).isoformat()

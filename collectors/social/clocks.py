"""Whose wall clock a post went by: that of its channel, as the service tells its time zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from metricstore.catalogue import FieldValue
from metricstore.catalogue.social import CHANNEL_HOUR, CHANNEL_WEEKDAY
from metricstore.errors import InvalidQuestion
from metricstore.time_parts import HOURS, WEEKDAYS
from metricstore.windows import zone

_SECOND = 1_000_000_000


def clock_fields(time: int, timezone: str) -> dict[str, FieldValue]:
    """Weekday and hour of a moment (nanoseconds) on that zone's clock; nothing for a zone nobody knows."""
    place = _place(timezone)
    if place is None:
        return {}
    local = datetime.fromtimestamp(time // _SECOND, place)
    return {CHANNEL_WEEKDAY.name: WEEKDAYS[local.weekday()], CHANNEL_HOUR.name: HOURS[local.hour]}


def changed_zones(known: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """Of the zones told by channel those that are not known so. What is no zone changes nothing: the last one holds."""
    return {channel: name for channel, name in told.items() if _place(name) and known.get(channel) != name}


@lru_cache(maxsize=256)
def _place(timezone: str) -> ZoneInfo | None:
    try:
        return zone(timezone)
    except InvalidQuestion:
        return None

"""When an item is published: the one place where its date and time of day become a moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.calendars.fields import BadItem, Fields, shown
from collectors.clock_times import UNDERSTOOD, Clock, clock, day_and_clock

DATES = ("publish_date", "scheduled_date", "date")
"""Names an item's date has; the first that has one counts."""
TIME = "scheduled_time"
_MIDNIGHT = Clock(time(0))


@dataclass(frozen=True)
class Published:
    """`second`: nanoseconds UTC, whole seconds: midnight in the source's zone where the item has a date only."""

    second: int
    day: date | None
    """Its date, where no time of day is said (midnight beside a date is none)."""


def has_date(raw: Mapping[str, Any]) -> bool:
    """Whether an item says when it is published, readable or not."""
    return any(raw.get(name) not in (None, "") for name in (*DATES, TIME))


def published(fields: Fields, key_date: date | None, zone: ZoneInfo) -> Published:
    """BadItem when there is no date; `key_date` is that of the key an item without a date of its own stands under."""
    day, at = _dated(fields, key_date, zone)
    if at is not None and at.zone is None and at.at == time(0):
        at = None
    own = _time(fields, day, zone)
    if day is None:
        if own is None:
            raise BadItem(_no_date(fields))
        day, at = own
    elif own is not None:
        day, at = own if own[1].zone else (_local_day(day, at, zone), own[1])
    moment = datetime.combine(day, (at or _MIDNIGHT).at, tzinfo=(at.zone if at else None) or zone)
    found = local_time.instant(moment)
    if found is None:
        raise BadItem(f"its date {day} is outside the years 1679 to 2260")
    return Published(found - found % local_time.SECOND, None if at else day)


def _dated(fields: Fields, key_date: date | None, zone: ZoneInfo) -> tuple[date | None, Clock | None]:
    """The first date that can be read, with the time of day that stands with it; others are noted."""
    for name in DATES:
        written = fields.raw.get(name)
        if written is None or (isinstance(written, str) and not written.strip()):
            continue
        found = day_and_clock(written, zone) if isinstance(written, str) else None
        if found is not None:
            return found
        fields.note(name, f"{shown(written)} isn't a date (such as 2026-10-19)")
    return key_date, None


def _time(fields: Fields, day: date | None, zone: ZoneInfo) -> tuple[date, Clock] | None:
    """What `scheduled_time` says: a time of day on `day`, or a date and time where that is the same day."""
    written = fields.raw.get(TIME)
    if written is None or (isinstance(written, str) and not written.strip()):
        return None
    if isinstance(written, str):
        at = clock(written, day, zone) if day else None
        if day and at:
            return day, at
        whole = day_and_clock(written, zone)
        if whole and whole[1]:
            if day in (None, whole[0], _local_day(*whole, zone)):
                return whole[0], whole[1]
            fields.note(TIME, f"{shown(written)} is another day than {day}, which counts")
            return None
    fields.note(TIME, f"{shown(written)} isn't a time of day (such as {UNDERSTOOD})")
    return None


def _local_day(day: date, at: Clock | None, zone: ZoneInfo) -> date:
    """The day of a moment on the source's clock."""
    if at is None or at.zone is None or not 1 < day.year < 9999:
        return day
    return datetime.combine(day, at.at, tzinfo=at.zone).astimezone(zone).date()


def _no_date(fields: Fields) -> str:
    """Why an item can't be dated."""
    noted = [f"{name} {text}" for name, text in fields.noted.items() if name in (*DATES, TIME)]
    return noted[0] if noted else "item has no publish date"

"""Times of day and dates as people and programs write them, read only where they mean one thing. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from collectors.month_names import worded_day_and_clock
from collectors.zone_names import iana_names, offset_of

UNDERSTOOD = "09:00, 9:00 AM, 14h30, 09:00Z, 09:00+02:00"
"""Spellings of a time of day, for sentences that say what would have been understood."""

_CLOCK = re.compile(
    r"""t?(?P<hour>\d{1,2})
        (?: [:h](?P<minute>\d{2}) (?: :(?P<second>\d{2}) (?:[.,]\d+)? )? | \.(?P<dotted>\d{2})(?=\s*uhr) | (?P<bare>h)? )
        (?: \s*(?P<half>[ap])\.?\s?m(?![a-z])\.? | \s*(?P<word>uhr|hrs) )?
        (?: \s*\(?(?P<zone>[a-z]+(?:/[a-z0-9_+/-]*[a-z0-9_])?)\)? )?
        (?: \s*(?P<offset>[+-]\d{1,2}(?::?\d{2})?) )?""",
    re.I | re.X,
)
_BASIC = re.compile(r"t?\d{4}(?:\d{2})?z?", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_EITHER_FIRST = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_DATE_AND_CLOCK = re.compile(r"([\d./-]+)[Tt\s]\s*(\S.*)")


@dataclass(frozen=True)
class Clock:
    """A time of day; `zone` where the text names one, None: the reader's own."""

    at: time
    zone: tzinfo | None = None


def clock(text: str, day: date, local: ZoneInfo) -> Clock | None:
    """The time of day a text says; None where it says none, or could mean several.

    An abbreviation such as CET counts only where it is what `local` goes by on that day: most mean several zones.
    """
    text = text.strip()
    try:
        if _BASIC.fullmatch(text):
            found = time.fromisoformat(text)
            return Clock(found.replace(tzinfo=None), found.tzinfo)
        match = _CLOCK.fullmatch(text)
        if match is None or not any(match[part] for part in ("minute", "dotted", "bare", "half", "word")):
            return None  # a bare number may be anything
        hour = _hour(int(match["hour"]), (match["half"] or "").lower())
        at = time(hour, int(match["minute"] or match["dotted"] or 0), int(match["second"] or 0))
        return Clock(at, _zone(match["zone"], match["offset"], datetime.combine(day, at, tzinfo=local)))
    except ValueError:
        return None


def day_and_clock(text: str, local: ZoneInfo) -> tuple[date, Clock | None] | None:
    """The date a text says, and its time of day where it says one; None where it can't be read as a whole."""
    text = text.strip()
    day = _day(text)
    if day is not None:
        return day, None
    try:
        whole = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return whole.date(), Clock(whole.time().replace(microsecond=0), whole.tzinfo)
    if worded := worded_day_and_clock(text):
        day, rest = worded
        at = clock(rest, day, local) if rest else None
        return None if rest and at is None else (day, at)
    parts = _DATE_AND_CLOCK.fullmatch(text)
    day = _day(parts[1]) if parts else None
    at = clock(parts[2], day, local) if parts and day else None
    return (day, at) if day and at else None


def _day(text: str) -> date | None:
    try:
        if match := _YEAR_FIRST.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DAY_FIRST.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if match := _EITHER_FIRST.fullmatch(text):
            day, month = sorted((int(match[1]), int(match[3])), reverse=True)
            return date(int(match[4]), month, day) if day > 12 or day == month else None  # 03/04/2026 is two days
        return date.fromisoformat(text)
    except ValueError:
        return None


def _hour(hour: int, half: str) -> int:
    """Of 24, from one of 12 with its half of the day (`a`, `p`)."""
    if not half:
        return hour
    if hour > 12 or (half == "p" and hour == 0):
        raise ValueError("an hour that this half of the day does not have")
    return hour % 12 + (12 if half == "p" else 0)


def _zone(name: str | None, offset: str | None, local: datetime) -> tzinfo | None:
    """ValueError for a name that is no zone, or several."""
    word = (name or "").upper()
    if word in ("", "Z", "UTC", "GMT"):
        if offset is None:
            return UTC if word else None
        return offset_of(offset)
    if offset is not None:
        raise ValueError("a zone and an offset")
    if "/" in word:
        return ZoneInfo(iana_names().get(word, ""))
    if word == local.tzname():
        return None
    raise ValueError("an abbreviation of several zones")

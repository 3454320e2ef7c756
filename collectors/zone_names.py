"""Zones as people write them: offsets, names of the zone database, and abbreviations that mean one thing. Pure."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

OFFSETS = {
    "Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "WET": "+00:00", "WEST": "+01:00", "CET": "+01:00", "CEST": "+02:00",
    "EET": "+02:00", "EEST": "+03:00", "MSK": "+03:00", "JST": "+09:00", "EST": "-05:00", "EDT": "-04:00", "CDT": "-05:00",
    "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
"""Names of zones that mean one offset everywhere (`IST`, `BST` and `CST` do not)."""
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-]\d{1,2}(?::?\d{2})?)", re.I)


def zone_named(text: str) -> tzinfo | None:
    """The zone a text alone names: `CET`, `GMT+1`, `UTC−05:30`, `Europe/Berlin`; None where it names none, or several."""
    text = text.strip().replace("\u2212", "-")
    if text.upper() in OFFSETS:
        return offset_of(OFFSETS[text.upper()])
    if match := _OFFSET.fullmatch(text):
        try:
            return offset_of(match[1])
        except ValueError:
            return None
    name = iana_names().get(text.upper()) if "/" in text else None
    return ZoneInfo(name) if name else None


def offset_of(text: str) -> tzinfo:
    """`+2`, `+02:00`, `-0530`; ValueError for more than a day."""
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    found = timedelta(hours=hours, minutes=minutes)
    if found >= timedelta(hours=24):
        raise ValueError("an offset of more than a day")
    return timezone(-found if text[0] == "-" else found) if found else UTC


@lru_cache(maxsize=1)
def iana_names() -> dict[str, str]:
    """In capitals → as the zone database spells them."""
    return {name.upper(): name for name in available_timezones()}

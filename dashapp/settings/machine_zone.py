"""The machine's own time zone as an IANA name, whatever form TZ has."""

# Imports inside functions: start-up time, most commands need no such value.

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from zoneinfo import available_timezones

_FIXED = re.compile(r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)([+-]?\d{1,2})(?::?00)?")
_POSIX = re.compile(
    r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?\d{1,2}(?::\d{2})*(?:(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>).*)?"
)
_BY_RULES = {
    "WET0WEST,M3.5.0/1,M10.5.0": "WET",
    "GMT0BST,M3.5.0/1,M10.5.0": "Europe/London",
    "GMT0IST,M3.5.0/1,M10.5.0": "Europe/Dublin",
    "CET-1CEST,M3.5.0,M10.5.0/3": "CET",
    "MET-1MEST,M3.5.0,M10.5.0/3": "MET",
    "EET-2EEST,M3.5.0/3,M10.5.0/4": "EET",
    "EST5EDT,M3.2.0,M11.1.0": "EST5EDT",
    "CST6CDT,M3.2.0,M11.1.0": "CST6CDT",
    "MST7MDT,M3.2.0,M11.1.0": "MST7MDT",
    "PST8PDT,M3.2.0,M11.1.0": "PST8PDT",
    "AKST9AKDT,M3.2.0,M11.1.0": "America/Anchorage",
    "AST4ADT,M3.2.0,M11.1.0": "America/Halifax",
    "NST3:30NDT,M3.2.0,M11.1.0": "America/St_Johns",
    "AEST-10AEDT,M10.1.0,M4.1.0/3": "Australia/Sydney",
    "ACST-9:30ACDT,M10.1.0,M4.1.0/3": "Australia/Adelaide",
    "NZST-12NZDT,M9.5.0,M4.1.0/3": "Pacific/Auckland",
    "MSK-3": "Europe/Moscow",
    "JST-9": "Asia/Tokyo",
    "KST-9": "Asia/Seoul",
    "IST-5:30": "Asia/Kolkata",
}
"""POSIX rules and the zone of the IANA database that is named after them, else one that goes by them today."""


class UnclearZone(ValueError):
    """TZ says something that isn't one IANA zone; the text says what to do."""


def machine_zone(environ: Mapping[str, str] | None = None) -> str:
    """The machine's IANA zone: of TZ where that is set, else of the system; UTC where there is none. Raises UnclearZone."""
    written = (os.environ if environ is None else environ).get("TZ", "").strip()
    if written:
        return zone_of(written)
    import tzlocal

    try:
        name = tzlocal.get_localzone_name() or "UTC"
    except Exception:  # a broken /etc/localtime must not stop the start
        return "UTC"
    return name if name in available_timezones() and name != "Etc/UTC" else "UTC"


def zone_of(written: str) -> str:
    """The IANA zone that a value of TZ means. UnclearZone where it means none, or cannot be told."""
    name = written.removeprefix(":")
    if name.startswith("/"):
        name = name.partition("zoneinfo/")[2]
    if name in ("Etc/UTC", "UTC0", "GMT0", "UTC", "GMT"):
        return "UTC"
    found = _BY_RULES.get(_plain(name)) or _fixed(name)
    if found is None and name in available_timezones():
        found = name
    if found is None:
        rules = "is a POSIX rule that no known zone goes by" if _POSIX.fullmatch(name) else "isn't a valid time zone"
        raise UnclearZone(f"TZ={written} {rules}; set DASHAPP_SOURCE_TIMEZONE to one such as Europe/Berlin")
    return found


def _plain(name: str) -> str:
    """Rules without what they may leave out: a switch at 2 o'clock, seconds, a plus sign."""
    plain = re.sub(r"/0?2(?::00){0,2}(?=,|$)", "", name.replace("+", ""))
    return re.sub(r"(\d):00(?::00)?(?!\d)", r"\1", plain)


def _fixed(name: str) -> str | None:
    """`UTC-2` is two hours east of Greenwich, which IANA calls Etc/GMT-2: POSIX counts to the west, and so does it."""
    match = _FIXED.fullmatch(name)
    if match is None:
        return None
    hours = int(match[1])
    zone = "UTC" if hours == 0 else f"Etc/GMT{hours:+d}"
    return zone if zone in available_timezones() else None

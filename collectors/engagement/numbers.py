"""Numbers and dates as people and spreadsheets write them. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from collectors import local_time
from metricstore.point import nanoseconds

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+(?:[.,]0+)?")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_SPACES = re.compile(r"[\s'’\u00a0\u202f]")
_ABSENT = {"", "-", "–", "—", "n/a", "na", "null", "none", "nan"}
_DATES = ("%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%a, %b %d, %Y", "%b %d, %Y", "%d %b %Y", "%Y-%m-%d %H:%M %z")
_LARGEST = 2**63 - 1


def count(text: object) -> int | None:
    """A whole number: `1,234`, `1.234`, `1 234`, `12.0`; None when nothing is given; ValueError when it is no count."""
    plain = _bare(text)
    if plain is None:
        return None
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[.,](?=\d{3})", "", plain)
    if not _PLAIN.fullmatch(plain):
        raise ValueError(f"{text!r} is no number")
    value = float(plain.replace(",", "."))
    whole = int(plain) if plain.lstrip("+-").isdecimal() else int(value)
    if value < 0 or (whole != value and not plain.isdecimal()):
        raise ValueError(f"{text!r} is no count")
    if whole > _LARGEST:
        raise ValueError(f"{text!r} is too large")
    return whole


def percent(text: object) -> float | None:
    """A rate in percent: `5.40%`, `5,4 %`, `5.4`; None when nothing is given; ValueError when it is none."""
    plain = _bare(text)
    if plain is None:
        return None
    plain = plain.removesuffix("%")
    if "," in plain and "." in plain:
        mark = max(",", ".", key=plain.rfind)
        plain = plain.replace("." if mark == "," else ",", "")
    if not _PLAIN.fullmatch(plain):
        raise ValueError(f"{text!r} is no rate")
    return float(plain.replace(",", "."))


def moment(text: object, zone: ZoneInfo) -> int:
    """Nanoseconds UTC of a date (local midnight) or time; ValueError when it is none."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("row has no date")
    found = _parsed(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no date")
    if found.tzinfo is not None:
        found = found.astimezone(zone)
    nanos = local_time.local_moment(found.date(), time(), zone)
    if nanos is None:
        raise ValueError(f"{text!r} is outside the years 1679 to 2260")
    return nanos


def instant(text: object) -> int | None:
    """Nanoseconds UTC of a time of day with its zone, whole seconds; None for anything else."""
    found = _parsed(text.strip()) if isinstance(text, str) else None
    return None if found is None or found.tzinfo is None else nanoseconds(found.replace(microsecond=0))


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _DATES:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - a date in the source's zone
        except ValueError:
            continue
    return None


def iso_day(nanos: int, zone: ZoneInfo) -> str:
    """The local date of a moment."""
    return date.fromisoformat(local_time.iso_of(nanos, zone)[:10]).isoformat()


def _bare(text: object) -> str | None:
    if text is None or isinstance(text, bool):
        return None
    plain = _SPACES.sub("", str(text))
    return None if plain.lower() in _ABSENT else plain

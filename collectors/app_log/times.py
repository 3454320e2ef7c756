"""The time stamps logs begin with, and the moment each of them means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from collectors.app_log.clock import LocalSeconds, Moments
from collectors.zone_names import OFFSETS

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER_OF = {name: f"{number:02d}" for number, name in enumerate(_MONTHS, 1)}
_NAMES = "|".join(_MONTHS)
_NAMED = "|".join(sorted(OFFSETS, key=len, reverse=True))
_ZONE = rf" ?(?:(?:{_NAMED})(?!\w)|[+-]\d\d:?\d\d(?![\d:]))"
_HALF = r" ?[AaPp]\.?[Mm]\.?(?![\w./:-])"
"""Of the day, where hours are counted to twelve; `am/api` and `pm.worker` are names behind the time."""
_REST = rf"(?:[.,]\d{{1,9}})?(?:{_HALF})?(?:{_ZONE})?(?!\d|:\d)"

_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?"
_C = rf"{_WEEKDAY}(?:{_NAMES}) [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?(?:{_HALF})?(?: (?:{_NAMED}))? \d{{4}}(?!\d)"

STAMP = (
    rf"(?:\d{{4}}([-/.])\d\d\1\d\d[ T]\d\d:\d\d:\d\d{_REST}"
    rf"|{_WEEKDAY}\d\d?[ /-](?:{_NAMES})[ /-]\d{{4}}[ :T]\d\d:\d\d:\d\d{_REST}"
    rf"|{_C})"
)
"""A date whose order is certain (the year first, or the month's name) and a time of day.

ISO 8601, Python's logging, loguru, C's `ctime`, e-mail; with or without fractions, AM or PM, and offset. It has one group of its own."""

EPOCH = r"(?:\d{10}|\d{13}|\d{16}|\d{19})(?:[.,]\d{1,9})?(?![\w:]|[.,-]\w)"
"""Seconds, milliseconds, microseconds or nanoseconds since 1970; whether it is one, its size has to show."""

_PARTS = re.compile(
    rf"(?:(?P<year>\d{{4}})[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)"
    rf"|{_WEEKDAY}(?P<dayfirst>\d\d?)[ /-](?P<name>{_NAMES})[ /-](?P<lastyear>\d{{4}}))"
    r"(?P<middle>[ :T])(?P<clock>\d\d:\d\d:\d\d)(?:(?P<point>[.,])(?P<fraction>\d{1,9}))?"
    rf"(?P<half>{_HALF})?(?: ?(?P<zone>{_NAMED}|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_C_PARTS = re.compile(
    rf"{_WEEKDAY}(?P<name>{_NAMES}) (?P<day>[ \d]\d) (?P<clock>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{{1,9}}))?"
    rf"(?P<half>{_HALF})?(?: (?P<zone>{_NAMED}))? (?P<year>\d{{4}})",
    re.ASCII,
)
_EPOCH_PARTS = re.compile(r"(\d{10}(?:\d{3}){0,3})(?:[.,](\d{1,9}))?", re.ASCII)
_C_STYLE, _EPOCH_STYLE = "c", "ez"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 4_102_444_800
"""2100-01-01."""


_UNDATED = re.compile(rf"(?P<name>{_NAMES}) (?P<day>[ 0-3]\d) (?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{{1,9}}))?")


@dataclass(frozen=True)
class Undated:
    """A time of syslog's, which has no year: `Oct 14 09:00:01`, local."""

    stamp: str

    def moments(self, seconds: LocalSeconds) -> tuple[Moments, int] | None:
        """In the year that the log itself decides; None where none has such a day."""
        parts = _UNDATED.fullmatch(self.stamp)
        if parts is None:
            return None
        found = seconds.without_year(f"{_NUMBER_OF[parts['name']]}-{parts['day'].strip().zfill(2)} {parts['clock']}")
        return (found, int((parts["fraction"] or "")[:3].ljust(3, "0"))) if found else None


def style_of(stamp: str) -> str:
    """How a time stamp is spelled, without its digits: `-_,`, `-T.z`. Stamps of one log are spelled alike."""
    if (named := _C_PARTS.fullmatch(stamp)) is not None:
        return _C_STYLE + ("z" if named["zone"] else "")
    parts = _PARTS.fullmatch(stamp)
    if parts is None:
        return _EPOCH_STYLE if _EPOCH_PARTS.fullmatch(stamp) else "?"
    date = stamp[4] if parts["year"] else stamp[parts.end("dayfirst")] + "b"
    half, zone = "p" if parts["half"] else "", "z" if parts["zone"] else ""
    return f"{date}{parts['middle'].replace(' ', '_')}{parts['point'] or ''}{half}{zone}"


def pattern_of(style: str) -> str:
    """The regular expression of stamps of one style."""
    if style == _EPOCH_STYLE:
        return EPOCH
    if style.startswith(_C_STYLE):
        return _C
    named, middle = style[1:2] == "b", style[2] if style[1:2] == "b" else style[1]
    sign, rest = re.escape(style[0]), style[3 if named else 2 :]
    date = rf"{_WEEKDAY}\d\d?{sign}(?:{_NAMES}){sign}\d{{4}}" if named else rf"\d{{4}}{sign}\d\d{sign}\d\d"
    fraction = rf"{re.escape(rest[0])}\d{{1,9}}" if rest[:1] in (".", ",") and rest[:1] else ""
    # A layout kept from before halves of the day were read must not go on reading them as a field.
    half, zone = _HALF if "p" in rest else rf"(?!{_HALF})", _ZONE if rest.endswith("z") else ""
    return rf"{date}{middle.replace('_', ' ')}\d\d:\d\d:\d\d{fraction}{half}{zone}(?![\d:.,]\d)"


def moments_of(stamp: str, seconds: LocalSeconds) -> tuple[Moments, int] | None:
    """The second and millisecond a stamp means: an instant where it has an offset or counts since 1970, else a local time.

    None where there is no such date or time.
    """
    if (count := _EPOCH_PARTS.fullmatch(stamp)) is not None:
        return epoch_moments(Decimal(f"{count[1]}.{count[2] or 0}"))
    parts = _PARTS.fullmatch(stamp) or _C_PARTS.fullmatch(stamp)
    if parts is None:
        return None
    part = parts.groupdict().get
    year, month = part("year") or part("lastyear"), part("month") or _NUMBER_OF[parts["name"]]
    day = (part("day") or part("dayfirst", "")).strip().zfill(2)
    clock = _of_24(parts["clock"], parts["half"])
    second = f"{year}-{month}-{day} {clock}"
    millisecond = int((parts["fraction"] or "")[:3].ljust(3, "0"))
    if clock is None:
        return None
    if (zone := parts["zone"]) is None:
        moments = seconds(second)
    else:
        moments = _instant(second + OFFSETS.get(zone, zone))
    return (moments, millisecond) if moments else None


def _of_24(clock: str, half: str | None) -> str | None:
    """`02:00:01` and `PM` as `14:00:01`; None where that half of the day has no such hour."""
    if half is None:
        return clock
    hour, afternoon = int(clock[:2]), "p" in half.lower()
    if 1 <= hour <= 12:
        hour = hour % 12 + 12 * afternoon
    return f"{hour:02d}{clock[2:]}" if (hour >= 12) == afternoon else None


def _instant(text: str) -> Moments | None:
    try:
        moment = int((datetime.fromisoformat(text) - _EPOCH).total_seconds()) * 1000
    except (ValueError, OverflowError):
        return None
    return (moment, moment)


def epoch_moments(number: float | Decimal) -> tuple[Moments, int] | None:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size (2001 to 2099)."""
    for scale in (1, 1_000, 1_000_000, 1_000_000_000):
        if 10**9 * scale <= number < _LAST_SECOND * scale:
            milliseconds = round(Decimal(str(number)) * 1000 / scale)
            second = milliseconds // 1000 * 1000
            return (second, second), milliseconds - second
    return None


def told_by(outer: Moments, inner: Moments, millisecond: int) -> Moments:
    """The instant of a local time that stands behind an instant (when a container's output was received): that instant
    shows which zone the local time is of. Offsets are whole quarters of an hour; a difference that is none changes nothing."""
    quarter = 15 * 60 * 1000
    off = inner[0] + millisecond - outer[0]
    offset = round(off / quarter) * quarter
    if abs(off - offset) > 60_000 or abs(offset) > 26 * 4 * quarter:
        return inner
    return (inner[0] - offset, inner[0] - offset)

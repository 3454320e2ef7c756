"""How the values of settings are written: lengths of time, lists, zones, rates. Each ValueError says what was wrong."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BeforeValidator

from metricstore.assumptions import USUAL, Assumed
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.retention import Retention

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)")
ORIGIN = re.compile(
    r"https?://(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:([1-9][0-9]{0,4}|\*))?"
)
"""A scheme, a host (its first part may be `*`) and perhaps a port: what `frame-ancestors` takes, and nothing else."""
READY_CHECKS = ("store", "accounts", "disk", "collector", "backup", "dead_letters")
"""What `/readyz` looks at, in the order it is listed; `dashapp.health.checks` has each."""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def duration(value: Any) -> timedelta:
    """`30m`, `12h`, `30d`; a bare number is seconds. ValueError says what was wrong."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    match = _DURATION.fullmatch(text if not text.isdigit() else f"{text}s")
    if not match or int(match[1]) == 0:
        raise ValueError(f"{text!r} isn't a length of time; write 30m, 12h or 30d")
    try:
        return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    except OverflowError:
        raise ValueError(f"{text!r} is too long") from None


def _paths(value: Any) -> Any:
    """Lists stay; text is split the way PATH is, or at commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in re.split(rf"[{re.escape(os.pathsep)},]", value) if part.strip())
    return value


def _words(value: Any) -> tuple[Any, ...]:
    """Lists stay; text is split at blanks and commas."""
    return tuple(part for part in re.split(r"[\s,]+", value) if part) if isinstance(value, str) else tuple(value)


def _origins(value: Any) -> Any:
    """As `_words`. ValueError names what is no origin."""
    value = _words(value)
    for origin in value:
        if not ORIGIN.fullmatch(str(origin)):
            raise ValueError(f"{origin!r} isn't an origin; write one such as https://wiki.example")
    return value


def _rate(value: Any) -> Any:
    """`600/minute`. ValueError says what was wrong."""
    if not re.fullmatch(r"[1-9][0-9]{0,6} ?(/|per) ?(second|minute|hour|day)", str(value)):
        raise ValueError(f"{value!r} isn't a rate; write one such as 600/minute")
    return value


@cache
def _zone_names() -> frozenset[str]:
    """Those this machine has; read from many files, so once."""
    return frozenset(available_timezones())


def _known_zone(value: Any) -> Any:
    if value not in _zone_names():
        raise ValueError(f"{value!r} isn't a valid time zone; say one such as Europe/Berlin or UTC")
    return value


def _code_page(value: Any) -> Any:
    """`cp1251`, `iso-8859-15`, `shift_jis`. ValueError says what was wrong."""
    plain = bytes(range(0x20, 0x7F)).replace(b"\\", b"").replace(b"~", b"") + b"\r\n\t"
    try:
        suits = plain.decode(str(value)).encode("ascii") == plain
    except (LookupError, UnicodeError):
        suits = False
    if not suits:
        raise ValueError(
            f"{value!r} isn't an encoding of text that begins with ASCII; say one such as cp1251 or shift_jis"
        )
    return value


def _assumed(value: Any) -> Any:
    """`hourly_rate:60,manual_minutes:30`, or a table of TOML. ValueError says what was wrong."""
    try:
        if isinstance(value, str):
            return USUAL.with_words(value)
        return USUAL.with_values(value) if isinstance(value, dict) else value
    except InvalidQuestion as error:
        raise ValueError(error.reason) from None


def _checks(value: Any) -> Any:
    """As `_words`. ValueError names what is not a check."""
    value = _words(value)
    for name in value:
        if name not in READY_CHECKS:
            raise ValueError(f"{name!r} isn't a check; there are {', '.join(READY_CHECKS)}")
    return value


def _time_of_day(value: Any) -> Any:
    """`03:30`. ValueError says what was wrong."""
    if value is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value)):
        raise ValueError(f"{value!r} isn't a time of day; write one such as 03:30")
    return value


def _bind(value: Any) -> Any:
    """`127.0.0.1:9464`. ValueError says what was wrong."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([1-9][0-9]{0,4})", str(value))
    if value is not None and (found is None or int(found[2]) > 65_535):
        raise ValueError(f"{value!r} isn't an address with a port; write one such as 127.0.0.1:9464")
    return value


def _retention(value: Any) -> Any:
    """`log_record:90d,generation:730d`, or a table of TOML. ValueError says what was wrong."""
    if isinstance(value, Retention):
        return value
    if isinstance(value, str):
        pairs = [
            (name.strip(), length.strip())
            for name, _, length in (word.partition(":") for word in value.split(",") if word.strip())
        ]
    elif isinstance(value, dict):
        pairs = [(str(name), str(length)) for name, length in value.items()]
    else:
        raise ValueError("write measurements and how long they are kept, such as log_record:90d,generation:730d")
    twice = next((name for place, (name, _) in enumerate(pairs) if name in dict(pairs[:place])), None)
    if twice is not None:
        raise ValueError(f"{twice} is named twice")
    try:
        return Retention.of({name: _days(name, length) for name, length in pairs})
    except UnknownName as error:
        meant = f"did you mean {error.meant}?" if error.meant else "docs/reference/measurements.md lists all"
        raise ValueError(f"{error.name!r} isn't a measurement ({meant})") from None
    except InvalidQuestion as error:
        raise ValueError(error.reason) from None


def _days(name: str, text: str) -> int:
    match = re.fullmatch(r"([1-9][0-9]{0,4})\s*([dw])", text)
    if match is None:
        raise ValueError(f"{name}: {text!r} isn't a number of days or weeks; write one such as 90d or 12w")
    return int(match[1]) * (7 if match[2] == "w" else 1)


Kept = Annotated[Retention, BeforeValidator(_retention)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_paths)]
Origins = Annotated[tuple[str, ...], BeforeValidator(_origins)]
Checks = Annotated[tuple[str, ...], BeforeValidator(_checks)]
Zone = Annotated[str, BeforeValidator(_known_zone)]
CodePage = Annotated[str, BeforeValidator(_code_page)]
Rate = Annotated[str, BeforeValidator(_rate)]
TimeOfDay = Annotated[str | None, BeforeValidator(_time_of_day)]
Bind = Annotated[str | None, BeforeValidator(_bind)]
Assumptions = Annotated[Assumed, BeforeValidator(_assumed)]

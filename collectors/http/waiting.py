"""How long a service asks to be left alone: every form of `Retry-After`. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 31 * 86_400.0
"""No quota lasts longer than a month; more than that is a mistake of the sender."""


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by `retry-after-ms` or `Retry-After` (seconds or an HTTP date); None: not said, or not readable.

    A date is measured against the answer's own `Date`, so that a wrong clock here does not matter.
    `headers` finds names in any case; `now` is in seconds since the epoch.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    said = headers.get("retry-after")
    seconds = _number(said)
    if seconds is not None:
        return _bounded(seconds)
    moment = _date(said)
    if moment is None:
        return None
    return _bounded(moment - (_date(headers.get("date")) or now))


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`, `2.1 days`: for sentences."""
    if seconds < 90:
        return f"{max(1, math.ceil(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 129_600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} days"


def _bounded(seconds: float) -> float:
    return min(LONGEST, max(0.0, seconds))


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _date(text: str | None) -> float | None:
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def moment(seconds: float) -> str:
    """A time of `time.time()` as people read it, UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"

"""The words of a rule file: each parser gives a value, or a ValueError with a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from urllib.parse import parse_qsl

from alerting.limits import Limit
from alerting.rule import Needs, Span
from metricstore.errors import InvalidQuestion
from metricstore.selection import Selection
from metricstore.vocabulary import canonical
from metricstore.windows import zone

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DURATION = re.compile(r"(\d{1,4})\s*([mhd])")
_SPAN = re.compile(r"(\d{1,3}) of (\d{1,3})")
_NEEDS = re.compile(r"(\w+)\s+((?:>|<).*)")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_MOST_LOOKS = 100


def rule_id(text: str) -> str:
    """Small letters, digits and hyphens."""
    if not _ID.fullmatch(text):
        raise ValueError(f"{text!r} is not an id: use small letters, digits and hyphens, at most 64")
    return text


def duration(text: str) -> timedelta:
    """`30m`, `12h`, `2d`."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a length of time: write 30m, 12h or 2d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def span(text: str) -> Span:
    """`2 of 3`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]) <= _MOST_LOOKS:
        raise ValueError(f"{text!r}: write '2 of 3' for two of the last three windows that had data")
    return Span(int(match[1]), int(match[2]))


def needs(text: str) -> Needs:
    """A metric and a limit: `ai_requests >= 5`."""
    match = _NEEDS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r}: write a metric and a limit, such as 'ai_requests >= 5'")
    return Needs(match[1], Limit.parse(match[2]))


def where(text: str) -> Mapping[str, tuple[str, ...]]:
    """Filters as in the address of a page: `platform=linkedin&outcome=!ok`; declared values in any case, as there."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True) if text else []
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a filter is named twice; write its values behind each other: platform=linkedin,twitter")
        return canonical(Selection.from_params(dict(pairs))).where
    except InvalidQuestion as error:
        raise ValueError(str(error)) from None


def clock(text: str) -> time:
    """`22:00`."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time of day: write 22:00")
    return time(int(match[1]), int(match[2]))


def zone_name(text: str) -> str:
    """`Europe/Berlin`."""
    try:
        zone(text)
    except InvalidQuestion as error:
        raise ValueError(error.reason) from None
    return text

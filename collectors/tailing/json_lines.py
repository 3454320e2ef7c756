"""A line of NDJSON and its values, each read strictly. Pure: what can't be used is a `BadLine` that says why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from collectors.isolation import shown
from collectors.json_places import NotJson, document
from collectors.reading import digits
from collectors.redaction import redact
from metricstore.point import nanoseconds

LONGEST_TEXT = 200
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=1)
_DECODER = json.JSONDecoder(parse_float=Decimal)
_MILLISECOND = 1_000_000


class BadLine(ValueError):
    """A line, or a value of one, that can't be used; the text says why."""


def object_of(text: str) -> dict[str, Any]:
    """The line's object; its fractions are Decimal."""
    try:
        found = document(text, _DECODER).value
    except NotJson as error:
        raise BadLine(f"no JSON: {error.reason}") from None
    if not isinstance(found, dict):
        raise BadLine("no JSON object")
    return found


def moment_of(
    found: Mapping[str, Any], zone: ZoneInfo, now: datetime, names: Iterable[str] = ("time",), of: str = "record"
) -> datetime:
    """The first of `names` that is there, in UTC: ISO 8601, in `zone` without an offset, or seconds since 1970.

    `of` says whose time it is. A moment before 2000 or more than a day after `now` is a mistake.
    """
    names = tuple(names)
    name = next((name for name in names if found.get(name) is not None), None)
    if name is None:
        raise BadLine(f"{names[0]} is missing: the end of the {of}, ISO 8601 or seconds since 1970")
    value = found[name]
    try:
        moment = datetime.fromtimestamp(float(value), UTC) if is_number(value) else datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        raise BadLine(f"{name} is {brief(value)}: neither ISO 8601 nor seconds since 1970") from None
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    if not _EARLIEST <= moment <= now + _LATEST:
        raise BadLine(f"{name} is {brief(value)}: that is not when a {of} can have ended")
    return moment


def point_time(moment: datetime, identity: str) -> int:
    """Nanoseconds of `moment`, to the millisecond; its last digits come from what makes the record itself, so that the
    same line is the same point and two of one millisecond are two."""
    return nanoseconds(moment) // _MILLISECOND * _MILLISECOND + digits(identity, _MILLISECOND)


def whole_number(name: str, value: Any) -> int | None:
    """None where there is none."""
    if value is None:
        return None
    if not is_number(value) or not 0 <= value < 2**53 or value != int(value):
        raise BadLine(f"{name} is {brief(value)}, not a whole number of 0 or more")
    return int(value)


def seconds(name: str, value: Any) -> float | None:
    """None where there are none."""
    if value is None:
        return None
    if not is_number(value) or not 0 <= value < 10**7:
        raise BadLine(f"{name} is {brief(value)}, not a number of seconds")
    return float(value)


def word(found: Mapping[str, Any], name: str) -> str:
    """A short text without secrets; "" where there is none."""
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise BadLine(f"{name} is {brief(value)}, not a word")
    return redact(str(value).strip())[:LONGEST_TEXT]


def is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()


def brief(value: Any) -> str:
    """A value as reasons quote it."""
    return redact(shown(str(value) if isinstance(value, Decimal) else value)[:200])[:60]

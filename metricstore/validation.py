"""What every store checks and tidies before it writes, so that all of them hold the same.

Tidied, because InfluxDB could not give it back as it was written: control characters in tags become spaces,
backslashes at the end of a tag go, an empty tag is no tag, line ends in texts become newlines, and half
surrogate pairs become the replacement character. Refused: whatever the catalogue does not know.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from metricstore.catalogue import MEASUREMENTS, FieldValue, Measurement
from metricstore.point import Point, Rejection

MIN_TIME = -(2**63) + 3
"""Nanoseconds; within the range of times InfluxDB can hold (1677 to 2262)."""
MAX_TIME = 2**63 - 4
MAX_TAG_CHARACTERS = 1_024
MAX_TEXT_BYTES = 64 * 1024

_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n?")


def validated(points: Iterable[Point]) -> tuple[list[Point], list[Rejection]]:
    """Points fit to be written, tidied, and those refused with a sentence each; both in the order given."""
    accepted: list[Point] = []
    rejected: list[Rejection] = []
    for point in points:
        declared = MEASUREMENTS.get(point.measurement)
        if declared is None:
            rejected.append(Rejection(point, f"unknown measurement {point.measurement!r}"))
            continue
        tags = _tidy_tags(point.tags)
        fields, reason = _tidy_fields(declared, point.fields)
        reason = _fault_of_tags(declared, tags) or reason or _fault_of_time(point)
        if reason:
            rejected.append(Rejection(point, reason))
        elif tags is point.tags and fields is point.fields:
            accepted.append(point)
        else:
            accepted.append(Point(point.measurement, point.time, tags, fields))
    return accepted, rejected


def tidy_identity(point: Point) -> Point:
    """`point` with its tags as they are stored: what deleting by identity has to look for."""
    tags = _tidy_tags(point.tags)
    return point if tags is point.tags else Point(point.measurement, point.time, tags, point.fields)


@lru_cache(maxsize=4096)
def tag_text(text: str) -> str:
    """A tag's value as it is stored."""
    if text.isprintable() and not text.endswith("\\"):
        return text
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).rstrip("\\")


def field_text(text: str) -> str:
    """A text field's value as it is stored."""
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def type_conflict(measurement: str, field: str, expected: str, given: str) -> str:
    """The sentence for a value of the wrong type, whoever finds it."""
    return f"{measurement}.{field} is {expected}, but the point has {given}"


def _tidy_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    for value in tags.values():
        if type(value) is not str or not value or tag_text(value) != value:
            break
    else:
        return tags
    tidied = {name: tag_text(value) if isinstance(value, str) else value for name, value in tags.items()}
    return {name: value for name, value in tidied.items() if value != ""}


def _fault_of_tags(declared: Measurement, tags: Mapping[str, str]) -> str | None:
    known = declared.tag_names
    for name, value in tags.items():
        if name not in known:
            return f"{declared.name} has no tag {name!r}"
        if type(value) is not str:
            return f"tag {declared.name}.{name} is string, but the point has {_type_name(value)}"
        if len(value) > MAX_TAG_CHARACTERS:
            return f"tag {declared.name}.{name} is longer than {MAX_TAG_CHARACTERS:,} characters"
    return None


def _fault_of_time(point: Point) -> str | None:
    if type(point.time) is not int:
        return f"the time of a {point.measurement} is {_type_name(point.time)}, not whole nanoseconds"
    if not MIN_TIME <= point.time <= MAX_TIME:
        return f"the time of a {point.measurement} is outside the years 1677 to 2262"
    return None


def _tidy_fields(
    declared: Measurement, fields: Mapping[str, FieldValue]
) -> tuple[Mapping[str, FieldValue], str | None]:
    """Fields with values as the catalogue wants them, and what is wrong with the first that can't be stored."""
    if not fields:
        return fields, f"a {declared.name} without any field can't be stored"
    changed: dict[str, FieldValue] = {}
    kinds = declared.kinds
    for name, value in fields.items():
        kind = kinds.get(name)
        if kind is None:
            return fields, f"{declared.name} has no field {name!r}"
        # Millions of points pass here when a large log is imported: what is fine as it is takes no further call.
        if kind == "string" and type(value) is str:
            text = value if value.isascii() and "\r" not in value else field_text(value)
            if len(text) > MAX_TEXT_BYTES // 4 and len(text.encode()) > MAX_TEXT_BYTES:
                return fields, f"{declared.name}.{name} is longer than {MAX_TEXT_BYTES:,} bytes"
            if text is not value:
                changed[name] = text
        elif not (kind == "int" and type(value) is int and _MIN_INTEGER <= value <= _MAX_INTEGER):
            number, reason = _number(declared.name, name, kind, value)
            if reason is not None:
                return fields, reason
            if number is not value:
                changed[name] = number
    return ({**fields, **changed} if changed else fields), None


def _number(measurement: str, name: str, kind: str, value: object) -> tuple[FieldValue, str | None]:
    """`value` as the number its field holds, or why it can't be."""
    if kind == "float" and type(value) is int:
        value = float(value) if abs(value) < 1 << 1023 else math.inf
    if kind == "float" and isinstance(value, float):
        if math.isfinite(value):
            return (value if type(value) is float else float(value)), None
        return 0.0, f"{measurement}.{name} isn't a finite number"
    if kind == "int" and type(value) is int:
        if _MIN_INTEGER <= value <= _MAX_INTEGER:
            return value, None
        return 0, f"{measurement}.{name} does not fit into 64 bits"
    return 0, type_conflict(measurement, name, kind, _type_name(value))


def _type_name(value: object) -> str:
    """A value's type in the catalogue's words."""
    names = {str: "string", bool: "boolean", int: "int", float: "float", type(None): "nothing"}
    return names.get(type(value), type(value).__name__)

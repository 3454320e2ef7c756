"""JSON Schema of what the API takes and gives, put together from few words. Used by routes, reference and OpenAPI alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
WHEN: Schema = {"type": "string", "description": "ISO 8601 with offset"}
TEXTS: Schema = {"type": "array", "items": TEXT}


ZONE: Schema = {"type": "string", "format": "iana-time-zone", "examples": ["UTC", "Europe/Berlin"]}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def matching(pattern: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": pattern, **({"examples": list(examples)} if examples else {})}


def listed(values: Iterable[str], *, least: int = 0) -> Schema:
    """Some of `values`, separated by commas in the address."""
    return {"type": "array", "items": one_of(values), "uniqueItems": True, **({"minItems": least} if least else {})}


def some(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def record(**properties: Schema) -> Schema:
    """An object that has all of these."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def data_of(**properties: Schema) -> Schema:
    """`{data: [...]}`."""
    return record(data=some(record(**properties)))


PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457: what is wrong, and which parameter it is",
    "properties": {
        "type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "instance": TEXT, "parameter": TEXT,
        "known": TEXTS,
    },
    "required": ["type", "title", "status", "detail", "instance"],
}  # fmt: skip

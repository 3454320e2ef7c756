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


NAME = "x-schema-name"
"""Key of a schema's name: under it the OpenAPI document lists the schema once, and refers to it."""


def named(name: str, schema: Schema) -> Schema:
    return {**schema, NAME: name}


def one_of(name: str, values: Iterable[str]) -> Schema:
    """A closed set of texts."""
    return named(name, {"type": "string", "enum": list(values)})


def matching(pattern: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": pattern, **({"examples": list(examples)} if examples else {})}


def listed(item: Schema) -> Schema:
    """Some of a closed set, separated by commas in the address."""
    return {"type": "array", "items": item, "uniqueItems": True}


def some(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def record(name: str, /, **properties: Schema) -> Schema:
    """An object that has all of these."""
    return named(name, {"type": "object", "properties": dict(properties), "required": list(properties)})


def data_of(item: Schema) -> Schema:
    """`{data: [...]}`, called `<item>List`."""
    return record(f"{item[NAME]}List", data=some(item))


PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457: what is wrong, and which parameter it is",
    "properties": {
        "type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "instance": TEXT, "parameter": TEXT,
        "known": TEXTS,
    },
    "required": ["type", "title", "status", "detail", "instance"],
}  # fmt: skip

PROOF = {
    **record(
        "Proof", file=TEXT, format=TEXT, complete=TRUTH, title=TEXT, question=TEXT, filters=TEXTS, start=WHEN, stop=WHEN, window=TEXT,
        timezone=TEXT, data_as_of=WHEN, units={"type": "object", "additionalProperties": TEXT}, columns=TEXTS, rows=WHOLE,
        sums={"type": "object", "additionalProperties": maybe(NUMBER)}, sha256=TEXT,
        checksum=record("RowChecksums", any_order=TEXT, in_order=TEXT, last_row=TEXT),
    ),
    "description": "what proves a CSV or NDJSON file, by `proof=file`",
}  # fmt: skip

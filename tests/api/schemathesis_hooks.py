"""What no schema can say, so that what is meant to be valid is: a range in order, and columns of the very name in the path.

Values that are meant to be wrong are left as they are.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import schemathesis
from hypothesis import strategies

from dashapp.embeds.model import RANGE, columns_of, target
from layouts.pages import CHARTS, TABLES
from layouts.tile_values import tiles_of
from metricstore.catalogue import MEASUREMENTS, Measurement
from metricstore.errors import StoreError
from metricstore.metrics import METRICS
from metricstore.selection import Selection

WORDS = {
    "start",
    "stop",
    "every",
    "by",
    "agg",
    "tz",
    "compare",
    "assume",
    "format",
    "limit",
    "order",
    "cursor",
    "columns",
    "total",
    "proof",
    "guard",
}


schemathesis.openapi.format(
    "iana-time-zone", strategies.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
)


ALIKE = 3
"""Properties of one kind that a body's schema keeps."""


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Of a body's hundreds of columns with the same schema a few are tried: one piece of code reads them all.

    What answers may hold stays whole.
    """
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                _fewer(raw_schema["components"]["schemas"].get(name, content["schema"]))


def _fewer(schema: Any) -> None:
    if isinstance(schema, list):
        for part in schema:
            _fewer(part)
    if isinstance(schema, dict):
        properties = schema.get("properties", {})
        met: Counter[str] = Counter()
        for name in list(properties):
            kind = _kind(properties[name])
            met[kind] += 1
            if met[kind] > ALIKE and name not in schema.get("required", ()):
                del properties[name]
        for part in schema.values():
            _fewer(part)


def _kind(schema: dict[str, Any]) -> str:
    """The same for what is read alike: one word of any set, any text, any number."""
    about = {key: part for key, part in schema.items() if key not in ("title", "description", "examples")}
    if about.get("pattern", "").startswith("^!?("):
        about["pattern"] = "one of a set"
    return json.dumps(about, sort_keys=True)


@schemathesis.hook
def map_case(context: Any, case: Any) -> Any:
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    if isinstance(case.query, dict):
        _ordered(case.query)
        _of_the_name(case.operation.path, case.path_parameters or {}, case.query)
    if case.operation.path == "/api/v1/embeds" and isinstance(case.body, dict):
        _embed(case.body)
    return case


def _ordered(query: dict[str, Any]) -> None:
    """`start` before `stop`, and no more windows than anybody can look at."""
    words = {key: str(query[key]) for key in ("start", "stop", "tz") if key in query}
    try:
        start, stop = Selection.from_params(words).range(datetime.now(UTC))
    except StoreError:
        query.pop("start", None)
        query.pop("stop", None)
        start = stop = datetime.now(UTC)
    if (stop - start).days > 3:
        query.pop("every", None)


def _of_the_name(path: str, places: dict[str, Any], query: dict[str, Any]) -> None:
    columns, numbers = _columns(path, places)
    query.pop("cursor", None)  # only an answer can tell one
    if query.get("proof") == "file" and query.get("format") not in ("csv", "ndjson"):
        del query["proof"]  # the other formats hold their proof themselves
    inner = query.get("filters")
    if isinstance(inner, dict):
        query["filters"] = {name: text for name, text in inner.items() if name in columns and name not in numbers}
    for name in [name for name in query if name not in WORDS and name != "filters"]:
        if name not in columns or (name in numbers and not str(query[name]).startswith(("<=", ">="))):
            del query[name]
    source = _listed(path, places)
    if source is not None:
        wanted = query.get("columns")
        told = wanted if isinstance(wanted, list) else str(wanted or "").split(",")
        query["columns"] = [name for name in dict.fromkeys(told) if name in source.columns]
        if str(query.get("order", "")).removeprefix("-") not in (*source.columns, "time"):
            query.pop("order", None)
    if "metrics" in path and places.get("name") in METRICS:
        metric = METRICS[places["name"]]
        if "by" in query:
            asked = query["by"] if isinstance(query["by"], list) else str(query["by"]).split(",")
            query["by"] = list(dict.fromkeys(name for name in asked if name in metric.dimensions))
        if query.get("agg") not in (None, *metric.aggregates):
            del query["agg"]


def _listed(path: str, places: dict[str, Any]) -> Measurement | None:
    """Of what records are listed there."""
    if "/tables" in path:
        return next((one.source for tables in TABLES.values() for one in tables if one.id == places.get("name")), None)
    return MEASUREMENTS.get(places.get("measurement", "")) if "/records" in path else None


def _columns(path: str, places: dict[str, Any]) -> tuple[set[str], set[str]]:
    """(columns that can be filtered by, those of them that hold numbers)."""
    name = places.get("name")
    source = _listed(path, places) or MEASUREMENTS.get(places.get("measurement", ""))
    if source is not None:
        return {*source.columns}, {field.name for field in source.fields if field.type != "string"}
    if "/metrics" in path and name in METRICS:
        metrics = [METRICS[name]]
    elif "/charts" in path and name in CHARTS:
        metrics = [CHARTS[name].declared]
    elif "/pages" in path and name:
        metrics = tiles_of(name)
    else:
        return set(), set()
    numbers = {field.name for metric in metrics for field in metric.source.fields if field.type != "string"}
    return {column for metric in metrics for column in metric.filterable}, numbers


def _embed(body: dict[str, Any]) -> None:
    try:
        known = (RANGE, *columns_of(*target(str(body["what"]))))
    except Exception:
        return
    if isinstance(body.get("narrow"), list):
        body["narrow"] = [name for name in body["narrow"] if name in known]
    if isinstance(body.get("where"), dict):
        _ordered(body["where"])

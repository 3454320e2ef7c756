"""Scheduling results and service posts: one point for each thing sent to Buffer. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.platforms import platform_named
from collectors.redaction import redact
from metricstore.catalogue import FieldValue
from metricstore.point import Point

_DIGITS = 18
"""Numbers with more do not fit into 64 bits."""
_TEXT = 8 << 10
"""Characters kept of a text."""
_STATUS = re.compile(r"\b([45]\d\d) (?:Client|Server) Error\b")
_SERVICE_ID = re.compile(r"(?P<platform>.+)_(?P<number>\d+)_\d+")
_ROW = "\n  {"
"""How main.py indents rows."""
_BETWEEN_ROWS = re.compile(r"\s*(?:,\s*)?(?:(?=\{)|\]|\Z)")
_UNREACHED = ("ConnectionPool", "Max retries", "Connection aborted", "timed out", "Connection refused", "ConnectionError",
              "Read timed", "NewConnectionError", "SSLError", "ProxyError", "Failed to resolve")  # fmt: skip
_NO_JSON = ("Expecting value", "Expecting property", "Extra data", "Unterminated string", "JSONDecodeError")
_OWN_FAULT = re.compile(r"^'[^']*'$|has no attribute|not subscriptable|indices must be|unexpected keyword|^\w+Error\b")


@dataclass(slots=True)
class Origin:
    """Where the record stands, and its timestamp. Nobody changes one; freezing it makes it three times as slow to make."""

    time: int
    file: str
    line: int


def error_kind(error: str | None) -> str:
    """The error by kind; a refusal is Buffer's own answer, with or without a reason."""
    if not error:
        return "refused"
    if status := _STATUS.search(error):
        return f"http_{status[1]}"
    if any(sign in error for sign in _UNREACHED):
        return "connection"
    if any(sign in error for sign in _NO_JSON):
        return "not_json"
    return "other" if _OWN_FAULT.search(error) else "refused"


def result_rows(text: str, faults: list[Exception]) -> list[Mapping[str, Any]]:
    """The rows of a results record; of a cut one those that can still be read.

    A row nobody can read (brackets too deep, a number of thousands of digits, no object) is left out and its failure
    added to `faults`.
    """
    body = text[text.find("[") :]
    try:
        rows, _ = json.JSONDecoder().raw_decode(body)
    except (ValueError, RecursionError):
        rows = list(_readable(body, faults))
    return _objects(rows, "row", faults)


def _readable(body: str, faults: list[Exception]) -> Iterator[Any]:
    decoder, whole = json.JSONDecoder(), "\n]" in body
    at = end = 1
    while at >= 0:
        failure: Exception | None = None
        if (between := _BETWEEN_ROWS.match(body, end)) is None:
            failure = ValueError("a row is not an object")
        elif between[0].endswith("]"):
            return
        elif (at := body.find("{", end)) >= 0:
            try:
                row, end = decoder.raw_decode(body, at)
            except (ValueError, RecursionError) as error:
                failure = error
            else:
                yield row
        if failure is not None:
            end = body.find(_ROW, max(at, end))
            at = end
            if whole or at >= 0:  # else it is the one that was cut
                faults.append(failure)


def _objects(values: object, what: str, faults: list[Exception]) -> list[Mapping[str, Any]]:
    """Those that are objects; the others are faults."""
    if not isinstance(values, list):
        faults.append(ValueError(f"the {what}s are not a list"))
        return []
    faults += [
        ValueError(f"{what} {number} is {type(value).__name__}, not an object")
        for number, value in enumerate(values, 1)
        if not isinstance(value, dict)
    ]
    return [value for value in values if isinstance(value, dict)]


def linkedin_attempts(rows: list[Mapping[str, Any]], origin: Origin, _: list[Exception]) -> list[Point]:
    return [_attempt("linkedin", row, row, _row_origin(origin, number)) for number, row in enumerate(rows)]


def twitter_attempts(rows: list[Mapping[str, Any]], origin: Origin, faults: list[Exception]) -> list[Point]:
    """A tweet that is no object is added to `faults`."""
    tweets = [
        (row, tweet) for row in rows for tweet in _objects(row.get("thread_schedule_results", []), "tweet", faults)
    ]
    return [_attempt("twitter", row, tweet, _row_origin(origin, number)) for number, (row, tweet) in enumerate(tweets)]


def service_attempt(values: Mapping[str, str], origin: Origin, *, accepted: bool) -> Point:
    """The service's post `id`; `error` as it was logged."""
    found = _SERVICE_ID.fullmatch(values["id"])
    fields: dict[str, FieldValue] = {"file": origin.file, "line": origin.line, "item_id": values["id"]}
    if found and len(found["number"]) < _DIGITS:
        fields["post_number"] = int(found["number"])
    if not accepted:
        error = None if values["error"] == "Unknown error" else values["error"]
        fields |= {"error_kind": error_kind(error), "error": redact(values["error"][:_TEXT])}
    platform = service_platform(values.get("platform") or (found["platform"] if found else "unknown"))
    outcome = "ok" if accepted else "failed"
    return Point(
        "scheduling_attempt", origin.time, {"platform": platform, "outcome": outcome, "program": "service"}, fields
    )


def service_platform(name: str) -> str:
    """The network behind the service's platform, which is often a calendar's path: `outputs/content` is LinkedIn's."""
    return platform_named(name) or "unknown"


def _row_origin(origin: Origin, number: int) -> Origin:
    """Rows of one record are told apart in the digits otherwise used for segments."""
    return Origin(origin.time + number * 1000, origin.file, origin.line)


def _attempt(platform: str, post: Mapping[str, Any], result: Mapping[str, Any], origin: Origin) -> Point:
    accepted = bool(result.get("scheduled"))
    error = result.get("error")
    fields: dict[str, FieldValue] = {"file": origin.file, "line": origin.line}
    if isinstance(post.get("topic"), str):
        fields["topic"] = redact(post["topic"][:_TEXT])
    for name, value in (("post_number", post.get("post_number")), ("tweet_number", result.get("tweet_number"))):
        if type(value) is int and abs(value) < 10**_DIGITS:
            fields[name] = value
    if result.get("buffer_id") is not None:
        fields["buffer_id"] = str(result["buffer_id"])[:_TEXT]
    if not accepted:
        fields["error_kind"] = error_kind(str(error) if error else None)
    if error:
        fields["error"] = redact(str(error)[:_TEXT])
    tags = {"platform": platform, "outcome": "ok" if accepted else "failed", "program": "main"}
    return Point("scheduling_attempt", origin.time, tags, fields)

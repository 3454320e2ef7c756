"""Records written as one JSON object a line: python-json-logger, structlog, loguru's `serialize`, Docker's json-file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.json_places import NotJson, document

_TIMES = ("asctime", "timestamp", "@timestamp", "time", "ts", "datetime", "when")
_LEVELS = ("levelname", "level", "severity", "log.level", "levelName", "lvl", "at")
_MESSAGES = ("message", "event", "msg")
_TRACES = ("exc_info", "exception", "stack_info")
LONGEST = 1 << 20


def record_of(text: str) -> tuple[str | float, str, str] | None:
    """Time (text, or seconds since 1970), level and message as they are written; None when it is no such record.

    A traceback it has with it is added to the message as further lines.
    """
    entry = _object(text)
    if entry is None:
        return None
    return chosen(_loguru(entry))


def chosen(entry: Mapping[str, Any]) -> tuple[str | float, str, str] | None:
    """As `record_of`, from the fields of a record by whatever names programs give them."""
    time, level = _first(entry, _TIMES, (str, float, int)), _first(entry, _LEVELS, (str,))
    message = _first(entry, _MESSAGES, (str,))
    if time is None or level is None or message is None:
        return None
    trace = _first(entry, _TRACES, (str,))
    return time, level, f"{message}\n{trace}" if trace else message


def unwrapped(text: str) -> tuple[str, str] | None:
    """The line a program wrote and when, from an entry of Docker's json-file; None when it is none."""
    if not text.startswith('{"log":'):
        return None
    entry = _object(text)
    if entry is None or not isinstance(entry.get("log"), str) or not isinstance(entry.get("time"), str):
        return None
    return entry["log"].rstrip("\r\n"), entry["time"]


def _object(text: str) -> Mapping[str, Any] | None:
    if len(text) > LONGEST or not text.rstrip().endswith("}"):
        return None
    try:
        entry = document(text).value
    except NotJson:
        return None
    return entry if isinstance(entry, dict) else None


def _loguru(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    record = entry.get("record")
    if not isinstance(record, dict):
        return entry
    level, time = record.get("level"), record.get("time")
    if not isinstance(level, dict) or not isinstance(time, dict):
        return entry
    return {"message": record.get("message"), "level": level.get("name"), "timestamp": time.get("timestamp")}


def _first(entry: Mapping[str, Any], names: tuple[str, ...], types: tuple[type, ...]) -> Any:
    return next((entry[name] for name in names if type(entry.get(name)) in types), None)

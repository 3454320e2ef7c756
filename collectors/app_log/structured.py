"""Records written as one JSON object a line: python-json-logger, structlog, loguru's `serialize`, Docker's json-file,
`journalctl -o json`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.json_places import NotJson, document
from collectors.tailing.encodings import decoded

_TIMES = ("asctime", "timestamp", "@timestamp", "time", "ts", "datetime", "when")
_LEVELS = ("levelname", "level", "severity", "log.level", "levelName", "lvl", "at")
_MESSAGES = ("message", "event", "msg")
_TRACES = ("exc_info", "exception", "stack_info")
_LINES = ("log", "line", "textPayload")
_HOLDS_A_LINE = re.compile(rf'[{{,]\s*"(?:{"|".join(_LINES)})"\s*:\s*"')
_PRIORITIES = ("CRITICAL", "CRITICAL", "CRITICAL", "ERROR", "WARNING", "INFO", "INFO", "DEBUG")
"""Syslog's, from 0 on."""
_SENT_WITH_PRIORITY = ("journal", "syslog")
"""How a record reaches the journal with a level of its own; lines of standard output all have the same."""
LONGEST = 1 << 20


@dataclass(frozen=True)
class Entry:
    """What Docker or the journal, say, made of a program's line. `time` and `level` are empty where they don't know it."""

    line: str
    time: str
    level: str = ""


def record_of(text: str) -> tuple[str | float, str, str] | None:
    """Time (text, or seconds since 1970), level and message as they are written; None when it is no such record.

    A traceback it has with it is added to the message as further lines.
    """
    entry = _object(text)
    if entry is None:
        return None
    return chosen(_flat(entry))


def chosen(entry: Mapping[str, Any]) -> tuple[str | float, str, str] | None:
    """As `record_of`, from the fields of a record by whatever names programs give them."""
    time, level = _first(entry, _TIMES, (str, float, int)), _first(entry, _LEVELS, (str,))
    message = _first(entry, _MESSAGES, (str,))
    if time is None or level is None or message is None:
        return None
    trace = _first(entry, _TRACES, (str,))
    return time, level, f"{message}\n{trace}" if trace else message


def unwrapped(text: str) -> Entry | None:
    """The line a program wrote and when, from what Docker, the journal, Loki, Fluentd or a cloud made of it; None when it is none."""
    if '"__REALTIME_TIMESTAMP"' in text and (entry := _object(text)) is not None:
        line, time = _journal_message(entry.get("MESSAGE", "")), entry.get("__REALTIME_TIMESTAMP")
        if line is not None and isinstance(time, str):
            return Entry(line, time, _journal_level(entry))
    elif _HOLDS_A_LINE.search(text) and (entry := _object(text)) is not None:
        line, time = _first(entry, _LINES, (str,)), _first(entry, _TIMES, (str,))
        if line is not None:
            return Entry(line.rstrip("\r\n"), time or "")
    return None


TOO_LONG = "(a message of more than 4,096 bytes: journalctl leaves it out unless it is called with --all)"


def _journal_message(message: object) -> str | None:
    """Of bytes that aren't UTF-8 journalctl makes a list, of a field that stands there twice a list of texts, of a long one null."""
    if message is None:
        return TOO_LONG
    if isinstance(message, list) and all(type(byte) is int and 0 <= byte < 256 for byte in message):
        return decoded(bytes(message))
    if isinstance(message, list) and all(isinstance(text, str) for text in message):
        return "\n".join(message)
    return message if isinstance(message, str) else None


def _journal_level(entry: Mapping[str, Any]) -> str:
    priority = entry.get("PRIORITY")
    if entry.get("_TRANSPORT") not in _SENT_WITH_PRIORITY or priority not in tuple("01234567"):
        return ""
    return _PRIORITIES[int(priority)]


def _object(text: str) -> Mapping[str, Any] | None:
    if len(text) > LONGEST or not text.rstrip().endswith("}"):
        return None
    try:
        entry = document(text).value
    except NotJson:
        return None
    return entry if isinstance(entry, dict) else None


def _flat(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    record, log = entry.get("record"), entry.get("log")
    if isinstance(log, dict):  # Elastic's, nested
        return {"log.level": log.get("level"), **entry}
    if not isinstance(record, dict):
        return entry
    level, time = record.get("level"), record.get("time")
    if not isinstance(level, dict) or not isinstance(time, dict):
        return entry
    return {"message": record.get("message"), "level": level.get("name"), "timestamp": time.get("timestamp")}


def _first(entry: Mapping[str, Any], names: tuple[str, ...], types: tuple[type, ...]) -> Any:
    return next((entry[name] for name in names if type(entry.get(name)) in types), None)

"""Records written as `key=value` pairs: Go's slog, logfmter, structlog's LogfmtRenderer. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from collectors.app_log.structured import LONGEST, chosen

_BEGINNING = re.compile(r"[A-Za-z_@][\w.@-]{0,63}=")
_PAIR = re.compile(r'([A-Za-z_@][\w.@-]{0,63})=(?:"((?:[^"\\]|\\.)*+)"|([^\s"]*))(?:[ \t]+|$)')
_BARE = re.compile(r"[A-Za-z_@][\w.@-]{0,63}(?:[ \t]+|$)")
"""A key without a value."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


def begins(text: str) -> bool:
    """Whether the line may be such a record."""
    return _BEGINNING.match(text) is not None


def record_of(text: str) -> tuple[str | float, str, str] | None:
    """Time (text, or seconds since 1970), level and message as they are written; None when it is no such record."""
    entry = _pairs(text)
    return None if entry is None else chosen(entry)


def _pairs(text: str) -> Mapping[str, str | float] | None:
    """None where something else than pairs stands in the line."""
    text, at = text.rstrip(), 0
    entry: dict[str, str | float] = {}
    if len(text) > LONGEST:
        return None
    while at < len(text):
        if match := _PAIR.match(text, at):
            key, quoted, plain = match.groups()
            if quoted is not None:
                entry.setdefault(key, _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), quoted))
            else:
                entry.setdefault(key, float(plain) if _NUMBER.fullmatch(plain) and len(plain) < 40 else plain)
        elif not (match := _BARE.match(text, at)):
            return None
        at = match.end()
    return entry

"""The fields of one item, each read on its own: one that can't be read costs itself and is noted. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.json_places import Unreadable
from collectors.numbers import whole_number
from collectors.platforms import platform_named
from collectors.redaction import redact

_TEXT_KEYS = ("text", "content", "body", "tweet", "value")
"""Where an object that stands for a text has it."""
_LABELS = frozenset({"id", "type", "role"})
_FAILURE = re.compile(
    r"\s*(?:\d+/\d+\s+)?Error: Could not (?:generate content for prompt:|convert LinkedIn post to Twitter thread)"
)


class BadItem(ValueError):
    """An item that can't be a post; says why."""


class Fields:
    """An item's fields; `noted` says by name what was wrong with those that were left out."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.noted: dict[str, str] = {}

    def note(self, name: str, reason: str) -> None:
        self.noted.setdefault(name, reason)

    @property
    def remark(self) -> str:
        """What was left out, in a sentence; empty when nothing was."""
        return "; ".join(f"kept without its {name}: {reason}" for name, reason in self.noted.items())

    def text(self, *names: str) -> str | None:
        """The first of these that holds a text; numbers are written out."""
        for name in names:
            value = self.raw.get(name)
            if isinstance(value, str):
                if value:
                    return _without_halves(value)
                continue
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15:
                return str(value)
            if value is not None:
                self.note(name, f"is {kind_of(value)}, not text")
        return None

    def number(self, name: str) -> int | None:
        """A whole number of 0 or more, however it is written: 9, 9.0, "9"."""
        value = self.raw.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        found = whole_number(value)
        if found is None:
            self.note(name, f"{shown(value)} isn't a whole number of 0 or more")
        return found

    def moment(self, zone: ZoneInfo, *names: str) -> int | None:
        """Nanoseconds UTC of the first of these that is a time."""
        for name in names:
            value = self.raw.get(name)
            found = local_time.moment(value, zone)
            if found is not None:
                return found
            if value is not None and value != "":
                self.note(name, f"{shown(value)} isn't a time (such as 2026-10-19T09:00:00)")
        return None

    def platform(self, otherwise: str | None) -> str | None:
        """The network the item names, several of them as they are written; `otherwise` when it names none."""
        value = self.raw.get("platform")
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            value = ", ".join(value)
        found = platform_named(value)
        if found is None and value not in (None, ""):
            self.note("platform", f"is {kind_of(value)}, not a network's name")
        return found or otherwise

    def content(self) -> tuple[tuple[str, ...], str, str]:
        """Texts, what state they are in, and what stands for them in the identity."""
        name = "tweets" if self.raw.get("content") is None and "tweets" in self.raw else "content"
        content = self.raw.get(name)
        if content is None:
            return (), "null", "\0null"
        parts = [_plain(part) for part in (content if isinstance(content, list) else [content])]
        wrong = next((part for part in parts if part is not None and not isinstance(part, str)), None)
        if wrong is not None:
            self.note(name, f"holds {kind_of(wrong)}, not text")
        texts = tuple(part for part in parts if isinstance(part, str))
        return texts, _whole_state([_state(part) for part in parts]), "\n\n".join(map(_standing_for, parts))


def _without_halves(text: str) -> str:
    """Half surrogate pairs become what the store makes of them, so that the text is known again."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def kind_of(value: Any) -> str:
    """What kind of value JSON has there, for people."""
    if isinstance(value, Unreadable):
        return f"a value that {value.reason}"
    kinds = {type(None): "null", dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return kinds.get(type(value), "a number")


def shown(value: Any) -> str:
    """A value as people find it again: itself when it is short and plain, else what kind it is."""
    if isinstance(value, str | int | float) and len(text := repr(value)) <= 60:
        return redact(text)
    return redact(f"{value[:40]!r}…") if isinstance(value, str) else kind_of(value)


def _plain(part: Any) -> Any:
    """A text, also one that stands in an object of its own: `{"text": …}`, `{"id": 1, "tweet": …}`."""
    if not isinstance(part, dict):
        return part
    texts = {key: value for key, value in part.items() if isinstance(value, str) and key not in _LABELS}
    return next(iter(texts.values())) if len(texts) == 1 and next(iter(texts)) in _TEXT_KEYS else part


def _standing_for(part: Any) -> str:
    if isinstance(part, str):
        return part
    if part is None:
        return "\0null"
    try:
        return "\0" + json.dumps(part, sort_keys=True, default=repr)
    except (RecursionError, ValueError, TypeError):
        return "\0unreadable"


def _state(part: Any) -> str:
    if part is None:
        return "null"
    if not isinstance(part, str):
        return "unreadable"
    if not part.strip():
        return "empty"
    return "failed" if _FAILURE.match(part) else "ok"


def _whole_state(states: list[str]) -> str:
    kinds = set(states)
    if not kinds:
        return "empty"
    if len(kinds) == 1:
        return states[0]
    if "failed" in kinds:
        return "partial"
    if "ok" in kinds:
        return "incomplete"
    return "unreadable" if "unreadable" in kinds else "empty"

"""A calendar file's text to items. Pure; every shape of the observed system."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.json_places import Placed, document, elements
from collectors.platforms import platform_named, platform_of_file
from collectors.reading import short_hash
from collectors.redaction import redact
from collectors.time_kinds import stored_date
from metricstore.catalogue.model import DATE, INSTANT

TOPIC_CHARACTERS = 500
CONTENT_BYTES = 32 * 1024
_FAILURE = re.compile(
    r"\s*(?:\d+/\d+\s+)?Error: Could not (?:generate content for prompt:|convert LinkedIn post to Twitter thread)"
)
READABLE = ("ok", "partial", "incomplete")
"""States of a content that holds a text worth counting."""
_QUICK = "Quick scheduled content about "
_STATUS_TIMES = {
    "completed": ("completed_at",),
    "deleted": ("deleted_at",),
    "published": ("published_at",),
    "posted": ("posted_at", "published_at"),
}
_MADE = ("generated_at", "created_at")
_LARGEST = 2**63 - 1


class NoCalendar(ValueError):
    """Complete JSON, but no list of items: some other file."""


class BadItem(ValueError):
    """An item that can't be a post; says why."""


@dataclass(frozen=True)
class Rejected:
    line: int
    reason: str
    excerpt: str


@dataclass(frozen=True)
class Item:
    """One entry of a calendar."""

    platform: str
    topic: str
    second: int
    """Nanoseconds UTC of its publish date (midnight) or scheduled time, whole seconds."""
    status: str
    content_state: str
    texts: tuple[str, ...]
    content_hash: str
    prompt_type: str | None
    method: str
    post_number: int | None
    position: int
    line: int
    status_time: int | None
    """When the status it has now began, by the key that belongs to that status."""
    made_time: int | None
    updated_time: int | None
    date: date | None = None
    """Its publish date, where no time of day is given."""

    @property
    def time_kind(self) -> str:
        return INSTANT if self.date is None else DATE

    @property
    def stored_second(self) -> int:
        """What its point's time begins with."""
        return self.second if self.date is None else stored_date(self.date)

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What it is, while nobody edits it."""
        return (self.platform, self.second, self.topic, self.content_hash)

    @property
    def slot(self) -> tuple[str, int, int]:
        """Where it stands."""
        return (self.platform, self.second, self.post_number or -self.position)

    def natural_id(self, occurrence: int) -> str:
        return short_hash(json.dumps([*self.key, occurrence]))


@dataclass(frozen=True)
class Calendar:
    items: tuple[Item, ...]
    rejected: tuple[Rejected, ...]


def parse_calendar(text: str, name: str, zone: ZoneInfo) -> Calendar:
    """Items of the file called `name`; NotJson for a cut file, NoCalendar for another kind of file."""
    root = document(text)
    if not isinstance(root.value, list):
        raise NoCalendar(f"is no calendar: holds {_kind(root.value)}, not a list of items")
    items: list[Item] = []
    rejected: list[Rejected] = []
    for position, placed in enumerate(elements(text, root), 1):
        try:
            items.append(_item(placed, position, name, zone))
        except BadItem as bad:
            rejected.append(Rejected(placed.line, str(bad), text[placed.start : placed.end][:500]))
    return Calendar(tuple(items), tuple(rejected))


def _item(placed: Placed, position: int, name: str, zone: ZoneInfo) -> Item:
    raw = placed.value
    if not isinstance(raw, dict):
        raise BadItem(f"item is {_kind(raw)}, not an object")
    platform = platform_named(raw["platform"]) if raw.get("platform") else platform_of_file(name)
    if platform is None:
        raise BadItem("item names no platform")
    topic = _text(raw, "topic") or ""
    texts, state, joined = _content(raw)
    status = _text(raw, "status")
    word = status.strip().lower()[:40] if status and status.strip() else "unknown"
    second, day = _second(raw, zone)
    return Item(
        platform, topic_text(topic), second, word, state, texts, short_hash(joined),
        _text(raw, "prompt_type") or _text(raw, "style"), _method(raw, joined), _number(raw), position, placed.line,
        _first_time(raw, _STATUS_TIMES.get(word, ()), zone), _first_time(raw, _MADE, zone),
        local_time.moment(raw.get("updated_at"), zone), day,
    )  # fmt: skip


def topic_text(topic: str) -> str:
    """A topic as it is stored."""
    return redact(topic.replace("\r\n", "\n").replace("\r", "\n"))[:TOPIC_CHARACTERS]


def content_text(texts: tuple[str, ...]) -> str:
    """A content as it is stored: tweets joined by a blank line, secrets masked, cut at 32 KiB."""
    whole = redact("\n\n".join(texts))
    return whole.encode("utf-8", "replace")[:CONTENT_BYTES].decode("utf-8", "ignore")


def _content(raw: Mapping[str, Any]) -> tuple[tuple[str, ...], str, str]:
    """Texts, what state they are in, and what stands for them in the identity."""
    content = raw.get("content")
    if content is None and "tweets" in raw:
        content = raw["tweets"]
    if content is None:
        return (), "null", "\0null"
    parts = content if isinstance(content, list) else [content]
    wrong = next((part for part in parts if part is not None and not isinstance(part, str)), None)
    if wrong is not None:
        raise BadItem(f"content holds {_kind(wrong)}, not text")
    states = [_state(part) for part in parts]
    texts = tuple(part for part in parts if isinstance(part, str))
    return texts, _whole_state(states), "\n\n".join("\0null" if part is None else part for part in parts)


def _state(part: str | None) -> str:
    if part is None:
        return "null"
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
    return "incomplete" if "ok" in kinds else "empty"


def _second(raw: Mapping[str, Any], zone: ZoneInfo) -> tuple[int, date | None]:
    """Publish date as nanoseconds, with the scheduled time of day where one is given; else the date, too."""
    name = next((key for key in ("publish_date", "scheduled_date", "date") if raw.get(key) is not None), None)
    if name is None:
        raise BadItem("item has no publish date")
    written = raw[name]
    try:
        if not isinstance(written, str):
            raise TypeError
        whole = datetime.fromisoformat(written.strip())
    except (TypeError, ValueError):
        raise BadItem(f"{name} {written!r} is no date") from None
    dated = whole.tzinfo is None and whole.time() == time()
    if whole.tzinfo is not None:
        whole = whole.astimezone(zone).replace(tzinfo=None)
    at = _time_of_day(raw, whole)
    found = local_time.local_moment(whole.date(), whole.time() if at is None else at, zone)
    if found is None:
        raise BadItem(f"{name} {written!r} is outside the years 1679 to 2260")
    return found - found % local_time.SECOND, whole.date() if dated and at is None else None


def _time_of_day(raw: Mapping[str, Any], whole: datetime) -> time | None:
    """None where none is scheduled."""
    written = raw.get("scheduled_time")
    if written is None:
        return None
    try:
        if "T" in written:
            full = datetime.fromisoformat(written.strip())
            return full.time() if full.date() == whole.date() else None
        return time.fromisoformat(written.strip().zfill(5))
    except (TypeError, ValueError):
        raise BadItem(f"scheduled_time {written!r} is no time") from None


def _first_time(raw: Mapping[str, Any], keys: tuple[str, ...], zone: ZoneInfo) -> int | None:
    return next((found for key in keys if (found := local_time.moment(raw.get(key), zone)) is not None), None)


def _method(raw: Mapping[str, Any], content: str) -> str:
    given = raw.get("generation_method")
    if isinstance(given, str) and given:
        return given[:40]
    if str(raw.get("id", "")).startswith("demo_"):
        return "demo"
    if "day" in raw and "date" in raw:
        return "production"
    return "manual" if content.startswith(_QUICK) else "batch"


def _number(raw: Mapping[str, Any]) -> int | None:
    number = raw.get("post_number")
    if number is None:
        return None
    if isinstance(number, str) and number.strip().isdecimal():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _LARGEST:
        raise BadItem(f"post_number {number!r} is no number of a post")
    return number


def _text(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise BadItem(f"{key} is {_kind(value)}, not text")
    return value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {dict: "an object", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number"}
    return kinds.get(type(value), type(value).__name__)

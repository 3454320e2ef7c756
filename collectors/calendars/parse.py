"""A calendar file's text to items. Pure; every shape of the observed system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from collectors.base import DeadLetter
from collectors.calendars.containers import Entry, NoCalendar, entries
from collectors.calendars.fields import BadItem, Fields, kind_of
from collectors.calendars.publish_times import published
from collectors.isolation import Place, isolated
from collectors.platforms import identity_name, platform_of_file
from collectors.reading import short_hash
from collectors.redaction import redact
from collectors.time_kinds import stored_date
from metricstore.catalogue.model import DATE, INSTANT

TOPIC_CHARACTERS = 500
CONTENT_BYTES = 32 * 1024
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


@dataclass(frozen=True)
class Rejected:
    """An item that can't be used, or (`kept`) one that is kept without some field."""

    line: int
    reason: str
    excerpt: str
    kept: bool = False


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
    day: date | None = None
    """Its publish date, where no time of day is given."""

    @property
    def time_kind(self) -> str:
        return INSTANT if self.day is None else DATE

    @property
    def stored_second(self) -> int:
        """What its point's time begins with."""
        return self.second if self.day is None else stored_date(self.day)

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What it is, while nobody edits it."""
        return (identity_name(self.platform), self.second, self.topic, self.content_hash)

    @property
    def slot(self) -> tuple[str, int, int]:
        """Where it stands."""
        return (identity_name(self.platform), self.second, self.post_number or -self.position)

    def natural_id(self, occurrence: int) -> str:
        return short_hash(json.dumps([*self.key, occurrence]))


@dataclass(frozen=True)
class Calendar:
    items: tuple[Item, ...]
    rejected: tuple[Rejected, ...]


def parse_calendar(text: str, name: str, zone: ZoneInfo, *, finished: bool = False) -> Calendar:
    """Items of the file called `name`; NotJson for a cut file, NoCalendar for another kind of file.

    `finished`: nobody is still writing it.
    """
    items: list[Item] = []
    rejected: list[Rejected] = []
    for position, entry in enumerate(entries(text, finished=finished), 1):
        placed = entry.placed
        excerpt = text[placed.start : min(placed.end, placed.start + 500)]
        letters: list[DeadLetter] = []
        with isolated(letters, Place(name, placed.line, 0, excerpt)):
            try:
                item, remark = _item(entry, position, name, zone)
                items.append(item)
                if remark:
                    rejected.append(Rejected(placed.line, remark, excerpt, kept=True))
            except BadItem as bad:
                rejected.append(Rejected(placed.line, str(bad), excerpt))
        rejected += [Rejected(letter.line, letter.reason, excerpt) for letter in letters]
    return Calendar(tuple(items), tuple(rejected))


def _item(entry: Entry, position: int, name: str, zone: ZoneInfo) -> tuple[Item, str]:
    """The item, and what was left out of it. Required are an object, a date and a network; BadItem says which is missing."""
    raw = entry.placed.value
    if not isinstance(raw, dict):
        raise BadItem(f"item is {kind_of(raw)}, not an object")
    fields = Fields(raw)
    platform = fields.platform(entry.platform or platform_of_file(name))
    if platform is None:
        raise BadItem("item names no platform")
    topic = fields.text("topic") or ""
    texts, state, joined = fields.content()
    word = (fields.text("status") or "").strip().lower()[:40] or "unknown"
    when = published(fields, entry.date, zone)
    item = Item(
        platform, topic_text(topic), when.second, word, state, texts, short_hash(joined),
        (fields.text("prompt_type", "style") or "")[:TOPIC_CHARACTERS] or None, _method(raw, joined), fields.number("post_number"), position,
        entry.placed.line, fields.moment(zone, *_STATUS_TIMES.get(word, ())), fields.moment(zone, *_MADE),
        fields.moment(zone, "updated_at"), when.day,
    )  # fmt: skip
    return item, fields.remark


def topic_text(topic: str) -> str:
    """A topic as it is stored."""
    return redact(topic.replace("\r\n", "\n").replace("\r", "\n"))[:TOPIC_CHARACTERS]


def content_text(texts: tuple[str, ...]) -> str:
    """A content as it is stored: tweets joined by a blank line, secrets masked, cut at 32 KiB."""
    whole = redact("\n\n".join(texts))
    return whole.encode("utf-8", "replace")[:CONTENT_BYTES].decode("utf-8", "ignore")


def _method(raw: Mapping[str, Any], content: str) -> str:
    given = raw.get("generation_method")
    if isinstance(given, str) and given:
        return given[:40]
    name = raw.get("id")
    if isinstance(name, str) and name.startswith("demo_"):
        return "demo"
    if "day" in raw and "date" in raw:
        return "production"
    return "manual" if content.startswith(_QUICK) else "batch"


__all__ = [
    "READABLE", "Calendar", "Item", "NoCalendar", "Rejected", "content_text", "parse_calendar", "topic_text",
]  # fmt: skip

"""The production scheduler's state file to queue items and deliveries. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.json_places import NotJson, Placed, document, elements, members
from collectors.platforms import platform_named
from collectors.redaction import redact

TOPIC_CHARACTERS = 500
SERVICE_HOUR = time(9)
"""The service makes every post due at this local time; retries move the time in the state file on."""

OUTCOMES = {"success": "ok", "failed": "failed"}


@dataclass(frozen=True)
class Rejected:
    line: int
    reason: str
    excerpt: str


@dataclass(frozen=True)
class QueueItem:
    item_id: str
    platform: str
    due: int
    """Nanoseconds UTC of the next (or last) try."""
    first_due: int
    """Of the first try."""
    status: str
    retry_count: int | None
    topic: str
    post_number: int | None
    line: int


@dataclass(frozen=True)
class HistoryEntry:
    item_id: str
    platform: str
    posted: int
    outcome: str
    retry_count: int | None
    late_seconds: float | None
    topic: str
    line: int


@dataclass(frozen=True)
class State:
    items: tuple[QueueItem, ...]
    history: tuple[HistoryEntry, ...]
    rejected: tuple[Rejected, ...]
    unusable: frozenset[str] = frozenset()
    """Ids of rejected queue items."""


class NoState(ValueError):
    """Complete JSON, but no scheduler state."""


class _Bad(ValueError):
    pass


def parse_state(text: str, zone: ZoneInfo) -> State:
    """NotJson for a cut file, NoState for another kind of file; parts that can't be used are in `rejected`."""
    root = document(text)
    if not isinstance(root.value, dict):
        raise NoState("is no scheduler state: not an object")
    parts = dict(members(text, root))
    rejected: list[Rejected] = []
    items: dict[str, QueueItem] = {}
    unusable: set[str] = set()
    queue = _part(parts, "scheduled_posts", dict, rejected)
    for key, placed in members(text, queue) if queue else ():
        try:
            items[key] = _item(key, placed, zone)
        except _Bad as bad:
            unusable.add(key)
            rejected.append(Rejected(placed.line, str(bad), f"{key}: {text[placed.start : placed.end][:400]}"))
    history: list[HistoryEntry] = []
    entries = _part(parts, "post_history", list, rejected)
    for placed in elements(text, entries) if entries else ():
        try:
            history.append(_entry(placed, zone, items, history[-1].posted if history else None))
        except _Bad as bad:
            rejected.append(Rejected(placed.line, str(bad), text[placed.start : placed.end][:400]))
    return State(tuple(items.values()), tuple(history), tuple(rejected), frozenset(unusable))


def _part(parts: Mapping[str, Placed], name: str, kind: type, rejected: list[Rejected]) -> Placed | None:
    placed = parts.get(name)
    if placed is None or isinstance(placed.value, kind):
        return placed
    rejected.append(Rejected(placed.line, f"{name} is not {'an object' if kind is dict else 'a list'}", ""))
    return None


def _item(key: str, placed: Placed, zone: ZoneInfo) -> QueueItem:
    raw = placed.value
    if not isinstance(raw, dict):
        raise _Bad("queue item is not an object")
    due = local_time.moment(raw.get("scheduled_time"), zone)
    if due is None:
        raise _Bad(f"scheduled_time {raw.get('scheduled_time')!r} is no time")
    about = raw.get("post_metadata")
    metadata = about if isinstance(about, dict) else {}
    platform = platform_named(metadata.get("platform")) or platform_named(raw.get("platform")) or _platform_of_id(key)
    if platform is None:
        raise _Bad("queue item names no platform")
    retries = _count(raw.get("retry_count"))
    status = raw.get("status")
    if not isinstance(status, str) or not status:
        raise _Bad(f"status {status!r} is no status")
    return QueueItem(
        key, platform, due, _first_due(metadata, zone, due) if retries else due, status.lower()[:40], retries,
        _topic(metadata), _count(metadata.get("post_number")), placed.line,
    )  # fmt: skip


def _first_due(metadata: Mapping[str, Any], zone: ZoneInfo, due: int) -> int:
    """When the first try was due: the state keeps only the last one's time, so it is worked out as the service does."""
    try:
        day = date.fromisoformat(metadata["publish_date"])
    except (KeyError, TypeError, ValueError):
        return due
    found = local_time.local_moment(day, SERVICE_HOUR, zone)
    return found if found is not None and found <= due else due


def _entry(placed: Placed, zone: ZoneInfo, items: Mapping[str, QueueItem], before: int | None) -> HistoryEntry:
    raw = placed.value
    if not isinstance(raw, dict):
        raise _Bad("history entry is not an object")
    name = raw.get("post_id")
    if not isinstance(name, str) or not name:
        raise _Bad("history entry names no post")
    posted = local_time.moment_after(raw.get("posted_at"), zone, before)
    if posted is None:
        raise _Bad(f"posted_at {raw.get('posted_at')!r} is no time")
    status = raw.get("status")
    outcome = OUTCOMES.get(status) if isinstance(status, str) else None
    if outcome is None:
        raise _Bad(f"status {status!r} is neither success nor failed")
    item = items.get(name)
    platform = item.platform if item else platform_named(raw.get("platform")) or _platform_of_id(name)
    if platform is None:
        raise _Bad("history entry names no platform")
    retries = _count(raw.get("retry_count"))
    if retries is None and item is not None:
        retries = item.retry_count
    late = (posted - item.first_due) / local_time.SECOND if item else None
    return HistoryEntry(name, platform, posted, outcome, retries, late, item.topic if item else "", placed.line)


def _platform_of_id(name: str) -> str | None:
    """`linkedin_3_1793646000`, `outputs/twitter_1_1793646000`."""
    return platform_named("_".join(name.split("_")[:-2]))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _topic(metadata: Mapping[str, Any]) -> str:
    topic = metadata.get("topic")
    return redact(topic)[:TOPIC_CHARACTERS] if isinstance(topic, str) else ""


__all__ = ["HistoryEntry", "NoState", "NotJson", "QueueItem", "Rejected", "State", "parse_state"]

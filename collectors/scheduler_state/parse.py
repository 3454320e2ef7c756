"""The production scheduler's state file to queue items and deliveries. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from collectors import local_time
from collectors.base import DeadLetter
from collectors.isolation import Place, isolated, shown
from collectors.json_places import NotJson, Placed, document, elements, members
from collectors.numbers import whole_number
from collectors.platforms import platform_named
from collectors.redaction import redact

TOPIC_CHARACTERS = 500
ID_CHARACTERS = 500
SERVICE_HOUR = time(9)
"""The service makes every post due at this local time; retries move the time in the state file on."""

OUTCOMES = {"success": "ok", "failed": "failed"}


@dataclass(frozen=True)
class Rejected:
    """A part that can't be used, or (`kept`) one that is kept without some field."""

    line: int
    reason: str
    excerpt: str
    kept: bool = False


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


_PARTS = ("scheduled_posts", "post_history")
UNDERSTOOD = "an object with scheduled_posts (items by their ids) and post_history (a list)"
UNKNOWN = "unknown"
"""Status of an item that says none that can be read."""


def parse_state(text: str, zone: ZoneInfo) -> State:
    """NotJson for a cut file, NoState for another kind of file; parts that can't be used are in `rejected`.

    An item needs its id, when it is due and its network; an entry of the history its post, when and how it ended.
    """
    parts = dict(members(text, _state(text, document(text))))
    rejected: list[Rejected] = []
    items: dict[str, QueueItem] = {}
    unusable: set[str] = set()
    queue = _part(parts, "scheduled_posts", (dict, list), rejected)
    for key, placed in _queued(text, queue):
        with _handled(text, placed, rejected, key) as notes:
            unusable.add(key)
            items[key] = _item(key, placed, zone, notes)
            unusable.discard(key)
    history: list[HistoryEntry] = []
    entries = _part(parts, "post_history", (list,), rejected)
    for placed in elements(text, entries) if entries else ():
        with _handled(text, placed, rejected) as notes:
            history.append(_entry(placed, zone, items, history[-1].posted if history else None, notes))
    return State(tuple(items.values()), tuple(history), tuple(rejected), frozenset(unusable - {""}))


def _state(text: str, root: Placed) -> Placed:
    """The object that has the state's parts: the whole, or the only one in it (`{"state": {…}}`)."""
    places = [root]
    for _ in range(3):
        found = [
            place for place in places if isinstance(place.value, dict) and any(part in place.value for part in _PARTS)
        ]
        if len(found) == 1:
            return found[0]
        places = [part for place in places if isinstance(place.value, dict) for _, part in members(text, place)]
    keys = ", ".join(repr(key[:40]) for key in list(root.value)[:6]) if isinstance(root.value, dict) else ""
    what = (
        f"an object with {keys}" if keys else "an empty object" if root.value == {} else "something else than an object"
    )
    raise NoState(f"holds {what}, which isn't a scheduler's state")


def _queued(text: str, queue: Placed | None) -> Iterator[tuple[str, Placed]]:
    """Items by their ids; in a list each says its own."""
    if queue is None:
        return
    if isinstance(queue.value, dict):
        yield from members(text, queue)
        return
    for placed in elements(text, queue):
        name = placed.value.get("id") if isinstance(placed.value, dict) else None
        yield (name if isinstance(name, str) else ""), placed


@contextmanager
def _handled(text: str, placed: Placed, rejected: list[Rejected], key: str = "") -> Iterator[list[str]]:
    """Handle one part; when it can't be used, or not in whole, that is noted and the next one is read."""
    excerpt = f"{key}: " * bool(key) + text[placed.start : min(placed.end, placed.start + 400)]
    bad: list[DeadLetter] = []
    notes: list[str] = []
    with isolated(bad, Place("", placed.line, 0)):
        try:
            yield notes
            rejected += (
                [Rejected(placed.line, f"kept without its {'; '.join(notes)}", excerpt, kept=True)] if notes else []
            )
        except _Bad as reason:
            rejected.append(Rejected(placed.line, str(reason), excerpt))
    rejected += [Rejected(letter.line, letter.reason, excerpt) for letter in bad]


def _part(parts: Mapping[str, Placed], name: str, kinds: tuple[type, ...], rejected: list[Rejected]) -> Placed | None:
    placed = parts.get(name)
    if placed is None or isinstance(placed.value, kinds):
        return placed
    rejected.append(Rejected(placed.line, f"{name} is not {'an object' if dict in kinds else 'a list'}", ""))
    return None


def _item(key: str, placed: Placed, zone: ZoneInfo, notes: list[str]) -> QueueItem:
    raw = placed.value
    if not isinstance(raw, dict):
        raise _Bad("queue item is not an object")
    if not key:
        raise _Bad("queue item has no id")
    if len(key) > ID_CHARACTERS:
        raise _Bad("queue item has an id that is too long")
    due = local_time.moment(raw.get("scheduled_time"), zone)
    if due is None:
        raise _Bad(f"scheduled_time {shown(raw.get('scheduled_time'))[:60]} isn't a time")
    about = raw.get("post_metadata")
    metadata = about if isinstance(about, dict) else {}
    platform = platform_named(metadata.get("platform")) or platform_named(raw.get("platform")) or _platform_of_id(key)
    if platform is None:
        raise _Bad("queue item names no platform")
    retries = _count(raw, "retry_count", notes)
    status = raw.get("status")
    if not isinstance(status, str) or not status.strip():
        notes.append(f"status: {shown(status)[:60]} isn't a status")
        status = UNKNOWN
    return QueueItem(
        key, platform, due, _first_due(metadata, zone, due) if retries else due, status.strip().lower()[:40], retries,
        _topic(metadata, notes), _count(metadata, "post_number", notes), placed.line,
    )  # fmt: skip


def _first_due(metadata: Mapping[str, Any], zone: ZoneInfo, due: int) -> int:
    """When the first try was due: the state keeps only the last one's time, so it is worked out as the service does."""
    try:
        day = date.fromisoformat(metadata["publish_date"])
    except (KeyError, TypeError, ValueError):
        return due
    found = local_time.local_moment(day, SERVICE_HOUR, zone)
    return found if found is not None and found <= due else due


def _entry(
    placed: Placed, zone: ZoneInfo, items: Mapping[str, QueueItem], before: int | None, notes: list[str]
) -> HistoryEntry:
    raw = placed.value
    if not isinstance(raw, dict):
        raise _Bad("history entry is not an object")
    name = raw.get("post_id")
    if not isinstance(name, str) or not 0 < len(name) <= ID_CHARACTERS:
        raise _Bad("history entry names no post")
    posted = local_time.moment_after(raw.get("posted_at"), zone, before)
    if posted is None:
        raise _Bad(f"posted_at {shown(raw.get('posted_at'))[:60]} isn't a time")
    status = raw.get("status")
    outcome = OUTCOMES.get(status) if isinstance(status, str) else None
    if outcome is None:
        raise _Bad(f"status {shown(status)[:60]} is neither success nor failed")
    item = items.get(name)
    platform = item.platform if item else platform_named(raw.get("platform")) or _platform_of_id(name)
    if platform is None:
        raise _Bad("history entry names no platform")
    retries = _count(raw, "retry_count", notes)
    if retries is None and item is not None:
        retries = item.retry_count
    late = (posted - item.first_due) / local_time.SECOND if item else None
    return HistoryEntry(name, platform, posted, outcome, retries, late, item.topic if item else "", placed.line)


def _platform_of_id(name: str) -> str | None:
    """`linkedin_3_1793646000`, `outputs/twitter_1_1793646000`."""
    return platform_named("_".join(name.split("_")[:-2]))


def _count(raw: Mapping[str, Any], name: str, notes: list[str]) -> int | None:
    value = raw.get(name)
    found = whole_number(value)
    if found is None and value not in (None, ""):
        notes.append(f"{name}: {shown(value)[:60]} isn't a whole number of 0 or more")
    return found


def _topic(metadata: Mapping[str, Any], notes: list[str]) -> str:
    topic = metadata.get("topic")
    if topic is not None and not isinstance(topic, str):
        notes.append("topic: it isn't a text")
    return redact(topic)[:TOPIC_CHARACTERS] if isinstance(topic, str) else ""


__all__ = ["HistoryEntry", "NoState", "NotJson", "QueueItem", "Rejected", "State", "parse_state"]

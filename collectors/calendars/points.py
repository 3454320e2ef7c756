"""Items to `post` and `post_transition` points. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collectors.calendars.facts import facts
from collectors.calendars.parse import READABLE, Item, content_text
from collectors.local_time import SECOND
from collectors.platform_moves import Kind
from collectors.recall import Known
from collectors.slots import Slots
from metricstore.catalogue import FieldValue
from metricstore.point import Point

_MILLISECOND = 1_000_000
_NUMBERS = ("characters", "words", "tweets", "longest_tweet_characters", "hashtags", "emoji", "links", "questions",
            "placeholders", "over_limit")  # fmt: skip
_FIRST_SEEN = ("calendar_size", "revision", "revision_time", "first_seen")
"""Fields that keep the value they got at first sight."""


POSTS = Kind("post", SECOND, lambda row: row.text("post_id"))
TRANSITIONS = Kind("post_transition", _MILLISECOND, lambda row: f"{row.text('post_id')}/{row.values.get('ordinal', 0)}")


def post_slots() -> Slots:
    """The second of the publish time is kept, its digits name the post."""
    return Slots(POSTS.modulus)


def transition_slots() -> Slots:
    """The millisecond of the change is kept."""
    return Slots(TRANSITIONS.modulus)


@dataclass(frozen=True)
class Sighting:
    """The file revision an item was read from."""

    file: str
    digest: str
    modified: str
    """ISO time."""
    modified_ns: int
    size: int
    now: str
    """ISO time of collecting."""


def post_fields(
    post_id: str, item: Item, sighting: Sighting, held_by: Mapping[str, str], before: Mapping[str, FieldValue]
) -> dict[str, FieldValue]:
    """All fields of a post; `before` are those stored (empty: never seen)."""
    found: dict[str, FieldValue | None] = {
        "post_id": post_id, "status": item.status, "content_state": item.content_state, "presence": "current",
        "topic": item.topic, "content": content_text(item.texts), "content_hash": item.content_hash,
        "held_by": "|".join(f"{file}@{since}" for file, since in sorted(held_by.items())),
        "prompt_type": item.prompt_type, "method": item.method, "post_number": item.post_number,
        "position": item.position, "calendar_size": sighting.size, "revision": sighting.digest,
        "revision_time": sighting.modified, "first_seen": sighting.now, "file": sighting.file, "line": item.line,
    }  # fmt: skip
    if item.content_state in READABLE:
        found.update(facts(item.platform, item.texts))
    # a point's fields are merged: what the edited text no longer has must say so
    found.update({name: 0 for name in _NUMBERS if name in before and name not in found})
    found.update({name: before[name] for name in _FIRST_SEEN if name in before})
    return {name: value for name, value in found.items() if value is not None and value != ""}


def differs(fields: Mapping[str, FieldValue], before: Mapping[str, FieldValue]) -> bool:
    """Whether a post must be written again. `content` is told by its hash."""
    return any(before.get(name) != value for name, value in fields.items() if name != "content")


def status_moment(item: Item, sighting: Sighting, *, first: bool, after: int | None) -> int:
    """When the item got its status: by its own words if it has some, else when its calendar was written.

    `updated_at` may be older than the status before (it is not renewed by every change), then it says nothing.
    """
    if item.status_time is not None:
        return item.status_time
    if first and item.made_time is not None:
        return item.made_time
    if item.updated_time is not None and (after is None or item.updated_time > after):
        return item.updated_time
    return sighting.modified_ns


@dataclass(frozen=True)
class Last:
    """The last transition of a post that is stored."""

    status: str
    time: int
    ordinal: int


def last_transitions(known: Iterable[Known]) -> dict[str, Last]:
    """By post id."""
    found: dict[str, Last] = {}
    for one in known:
        last = Last(one.text("to_status"), one.time, int(one.values.get("ordinal", 0)))
        before = found.get(one.text("post_id"))
        if before is None or (last.ordinal, last.time) > (before.ordinal, before.time):
            found[one.text("post_id")] = last
    return found


def transition(
    platform: str, post_id: str, topic: str, to_status: str, time: int, place: tuple[str, int], last: Last | None,
    slots: Slots,
) -> Point:  # fmt: skip
    """The change of a post from what it was last to `to_status`."""
    ordinal = last.ordinal + 1 if last else 1
    found: dict[str, FieldValue] = {
        "from_status": last.status if last else "new", "to_status": to_status, "post_id": post_id, "topic": topic,
        "ordinal": ordinal, "file": place[0], "line": place[1],
    }  # fmt: skip
    at = slots.take(platform, time, f"{post_id}/{ordinal}")
    if last and at >= last.time:
        found["held_seconds"] = (at // _MILLISECOND - last.time // _MILLISECOND) / 1000
    return Point("post_transition", at, {"platform": platform}, {k: v for k, v in found.items() if v != ""})

"""Queue items and deliveries to points. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from collectors.local_time import SECOND
from collectors.scheduler_state.parse import HistoryEntry, QueueItem
from collectors.slots import Slots
from metricstore.catalogue import FieldValue
from metricstore.point import Point

SNAPSHOT_STATUSES = ("pending", "posted", "failed")
_MICROSECOND = 1_000


def queue_slots() -> Slots:
    """The second the item is due is kept, its digits name the item."""
    return Slots(SECOND)


def queue_fields(item: QueueItem, file: str) -> dict[str, FieldValue]:
    found: dict[str, FieldValue | None] = {
        "item_id": item.item_id, "status": item.status, "retry_count": item.retry_count, "topic": item.topic,
        "post_number": item.post_number, "file": file, "line": item.line,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None and value != ""}


def deliveries(history: Sequence[HistoryEntry], file: str, skip: int) -> list[Point]:
    """One point for each entry but the first `skip`; the microsecond is kept, the last digits name the entry."""
    slots = Slots(_MICROSECOND)
    found: list[Point] = []
    for entry in history:
        time = slots.take(f"{entry.platform} {entry.outcome}", entry.posted, entry.item_id)
        fields: dict[str, FieldValue | None] = {
            "item_id": entry.item_id, "retry_count": entry.retry_count, "late_seconds": entry.late_seconds,
            "topic": entry.topic, "file": file, "line": entry.line,
        }  # fmt: skip
        tags = {"platform": entry.platform, "outcome": entry.outcome}
        found.append(Point("delivery", time, tags, {k: v for k, v in fields.items() if v is not None and v != ""}))
    return found[skip:]


def snapshot(items: Iterable[QueueItem], platforms: Iterable[str], time: int) -> list[Point]:
    """How many items are in each state; zeros too, so that an emptied queue is seen to be empty."""
    counts = Counter((item.platform, item.status) for item in items)
    named = sorted({platform for platform, _ in counts} | set(platforms))
    return [
        Point("queue_snapshot", time, {"platform": platform, "status": status}, {"items": counts[platform, status]})
        for platform in named
        for status in SNAPSHOT_STATUSES
    ]

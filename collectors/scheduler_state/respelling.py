"""What an older version stored under another spelling of a network's name moves to the name it has now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from collectors.base import Batch, Checkpoint
from collectors.local_time import SECOND
from collectors.platform_moves import Kind, respelled, respellings
from collectors.platforms import unresolved
from collectors.recall import recall
from metricstore.point import Point
from metricstore.query import Filter
from metricstore.store import Store

ITEMS = Kind("queue_item", SECOND, lambda row: row.text("item_id"))
DELIVERIES = Kind("delivery", 1_000, lambda row: row.text("item_id"))


def respelled_state(checkpoint: Checkpoint, store: Store, platforms: Iterable[str]) -> Iterator[Batch]:
    """Batches that move items, deliveries and counts; `platforms` as the state has them now."""
    written = sorted({platform for platform in platforms if unresolved(platform)})
    for kind in (ITEMS, DELIVERIES):
        yield from respelled(checkpoint, store, kind, written)
    yield from _counts(checkpoint, store, written)


def _counts(checkpoint: Checkpoint, store: Store, written: list[str]) -> Iterator[Batch]:
    """Two spellings of a network were counted apart: their counts are added up, in one batch with what they replace."""
    names = respellings(store, "queue_snapshot", written)
    if not names:
        return
    where = (Filter("platform", "any", (*names, *names.values())),)
    rows = recall(store, "queue_snapshot", where=where)
    moments = {row.time for row in rows if row.text("platform") in names}
    sums: Counter[tuple[int, str, str]] = Counter()
    for row in rows:
        if row.time in moments:
            platform = row.text("platform")
            sums[row.time, names.get(platform, platform), row.text("status")] += int(row.values.get("items", 0))
    points = [
        Point("queue_snapshot", time, {"platform": platform, "status": status}, {"items": count})
        for (time, platform, status), count in sums.items()
    ]
    yield Batch(checkpoint, points, [row.point for row in rows if row.text("platform") in names])

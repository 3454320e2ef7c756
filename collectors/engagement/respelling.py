"""Rows an older version stored under another spelling of a network's name, such as `ig`."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.base import Batch, Checkpoint
from collectors.local_time import SECOND
from collectors.platform_moves import Kind, moved, respellings, stored_platforms
from collectors.platforms import unresolved
from collectors.recall import recall
from collectors.source import Source
from metricstore.query import Filter
from metricstore.store import Store

_ROWS = Kind("engagement", SECOND, lambda row: row.text("row_id"))


def respelled_rows(checkpoint: Checkpoint, store: Store, source: Source) -> Iterator[Batch]:
    """Batches that remove rows of files that are there, which are read anew, and move the others."""
    names = respellings(store, "engagement")
    # unknown ones were stored in small letters and come again as they are written
    unknown = [platform for platform in stored_platforms(store, "engagement") if unresolved(platform)]
    if not names and not unknown:
        return
    where = (Filter("platform", "any", tuple(sorted({*names, *unknown}))),)
    rows = recall(store, "engagement", where=where)
    away = [row for row in rows if not (source.root / row.text("file")).exists()]
    kept = [row for row in away if row.text("platform") in names]
    yield Batch(checkpoint, moved(store, _ROWS, kept, lambda row: names[row.text("platform")]))
    gone = [row.point for row in rows if row not in away or row in kept]
    yield Batch(checkpoint, deleted=gone)

"""Audience figures people and programs leave in files: every row one `engagement` point, however often it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collectors.base import Batch, Checkpoint, Problem
from collectors.engagement.rows import Row
from collectors.engagement.sources import Portion, changed_portions, database_paths, snapshot_paths
from collectors.local_time import SECOND
from collectors.recall import Known, recall
from collectors.slots import Slots
from collectors.source import Source
from metricstore.point import Point
from metricstore.store import Store

_BATCH = 5_000


class EngagementCollector:
    """Reads metrics.csv, metrics databases, analytics exports and account snapshots; see README.md beside this file."""

    name = "engagement"
    interval_seconds = 60.0

    def __init__(self, source: Source) -> None:
        self.source = source

    def validate(self) -> list[Problem]:
        named = (self.source.metrics_csv, self.source.metrics_db, *self.source.exports)
        return [
            Problem(f"engagement file {path} does not exist", "create it or take it out of the settings")
            for path in named
            if path is not None and not path.exists()
        ]

    def watched(self) -> list[Path]:
        own = [self.source.metrics_csv_path(), *database_paths(self.source)]
        return [*own, *self.source.exports, *snapshot_paths(self.source), self.source.root]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Batches file by file; what a file says is remembered with the last of its batches."""
        files: dict[str, Any] = dict(checkpoint.get("files", {}))
        for portion in changed_portions(self.source, files):
            before = {"files": dict(files)} if files else checkpoint
            files |= portion.memory
            after = {"files": dict(files)}
            if portion.rows or portion.letters or after != before:
                yield from _batches(portion, before, after, store)


def _batches(portion: Portion, before: Checkpoint, after: Checkpoint, store: Store) -> Iterator[Batch]:
    rows = sorted({row.series: row for row in portion.rows}.values(), key=lambda row: (row.time, row.row_id))
    chunks = [rows[begin : begin + _BATCH] for begin in range(0, len(rows), _BATCH)] or [[]]
    for chunk in chunks[:-1]:
        points, outdated = _compared(chunk, store)
        yield Batch(before, points, outdated)
    points, outdated = _compared(chunks[-1], store)
    yield Batch(after, points, outdated, portion.letters, records=portion.records, bytes=portion.bytes)


def _compared(rows: list[Row], store: Store) -> tuple[list[Point], list[Point]]:
    """Points to write and points to remove first: what is stored already and says the same is left alone."""
    if not rows:
        return [], []
    known: dict[tuple[str, str, str], list[Known]] = {}
    slots = Slots(SECOND)
    span = (rows[0].time - SECOND, rows[-1].time + SECOND)
    for one in recall(store, "engagement", span=span):
        known.setdefault((one.text("platform"), one.text("grain"), one.text("row_id")), []).append(one)
        slots.occupy(_series(one.text("platform"), one.text("grain")), one.time, one.text("row_id"))
    points: list[Point] = []
    outdated: list[Point] = []
    for row in rows:
        time = slots.take(_series(row.platform, row.grain), row.time, row.row_id)
        tags = {"platform": row.platform, "provenance": row.provenance, "grain": row.grain}
        point = Point("engagement", time, tags, row.fields)
        same = False
        for one in known.get(row.series, []):
            if one.point.identity == point.identity and set(row.fields) >= set(one.values) - set(tags):
                same = all(one.values.get(name) == value for name, value in row.fields.items())
            else:
                outdated.append(one.point)  # other provenance, or figures the row no longer gives
        if not same:
            points.append(point)
    return points, outdated


def _series(platform: str, grain: str) -> str:
    return f"{platform} {grain}"

"""Audience figures people and programs leave in files: every row one `engagement` point, however often it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.base import WARNINGS, Batch, Checkpoint, Problem
from collectors.engagement.comparing import compared
from collectors.engagement.respelling import respelled_rows
from collectors.engagement.sources import (
    Portion,
    changed_portions,
    database_paths,
    first_look,
    present_names,
    snapshot_paths,
)
from collectors.places import is_folder, is_there
from collectors.relied_on import Relied
from collectors.source import Source
from collectors.time_kinds import converted
from metricstore.store import Store

_BATCH = 2_500
_RULES = 4
"""Version of what is made of a row: files are read anew when it moves on. Since 4 a date is stored as a date."""
_REPORTED = ("rejected", "trouble")
"""What a checkpoint knows of dead letters: those are not reported again."""
_MOST_WARNINGS = 20


class EngagementCollector:
    """Reads metrics.csv, metrics databases, analytics exports and account snapshots; see README.md beside this file."""

    name = "engagement"
    interval_seconds = 60.0

    def __init__(self, source: Source) -> None:
        self.source = source

    def validate(self) -> list[Problem]:
        named = (self.source.metrics_csv, self.source.metrics_db, *self.source.exports)
        missing = [
            Problem(f"engagement file {path} does not exist", "create it or take it out of the settings")
            for path in named
            if path is not None and not is_there(path)
        ]
        return missing + [
            Problem(text, "docs/exports.md says which exports are read.") for text in first_look(self.source)
        ]

    def watched(self) -> list[Path]:
        own = [self.source.metrics_csv_path(), *database_paths(self.source)]
        folders = [folder for folder in self.source.export_folders() if is_folder(folder)]
        return [*own, *self.source.exports, *snapshot_paths(self.source), self.source.root, *folders]

    def relied_on(self, checkpoint: Checkpoint) -> Relied:
        """The service's own metrics and files that are named; of other exports their folders, for people tidy them away."""
        files = checkpoint.get("files", {})
        read = [self.source.path_of(name) for name, kept in files.items() if "digest" in kept]
        own = {self.source.metrics_csv_path(), *database_paths(self.source), *self.source.exports}
        folders = self.source.exports or self.source.export_folders()
        held = {path.parent for path in read if path not in own and path.parent in (*folders, self.source.root)}
        return Relied(sorted(own.intersection(read)), sorted(held))

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        """Batches file by file; what a file says is remembered with the last of its batches."""
        if checkpoint.get("rules") != _RULES:
            yield from converted(store, "engagement", self.source.zone, checkpoint)
        files: dict[str, Any] = dict(checkpoint.get("files", {}))
        if files and checkpoint.get("rules") != _RULES:
            files = {name: {key: known[key] for key in _REPORTED if key in known} for name, known in files.items()}
            yield from respelled_rows(checkpoint, store, self.source)
        present = present_names(self.source)
        last = checkpoint
        for portion in changed_portions(self.source, files):
            before = _remembered(files, present) if files else checkpoint
            files |= portion.memory
            after = _remembered(files, present)
            if portion.rows or portion.letters or after != before:
                yield from _batches(portion, before, after, store, self.source.zone)
                last = after
        if files and _remembered(files, present) != last:
            yield Batch(_remembered(files, present), bookkeeping=True)  # a file that was warned of is gone


def _remembered(files: dict[str, Any], present: set[str]) -> Checkpoint:
    """A checkpoint with what is wrong with the files that are there."""
    texts = [text for name in sorted(present & files.keys()) for text in files[name].get(WARNINGS, ())]
    if len(texts) > _MOST_WARNINGS:
        texts = [
            *texts[:_MOST_WARNINGS],
            f"{len(texts) - _MOST_WARNINGS} more files of figures are not understood in whole",
        ]
    return {"files": dict(files), "rules": _RULES, **({WARNINGS: texts} if texts else {})}


def _batches(portion: Portion, before: Checkpoint, after: Checkpoint, store: Store, zone: ZoneInfo) -> Iterator[Batch]:
    rows = sorted({row.series: row for row in portion.rows}.values(), key=lambda row: (row.time, row.row_id))
    chunks = [rows[begin : begin + _BATCH] for begin in range(0, len(rows), _BATCH)] or [[]]
    for chunk in chunks[:-1]:
        points, outdated = compared(chunk, store, zone)
        yield Batch(before, points, outdated)
    points, outdated = compared(chunks[-1], store, zone)
    yield Batch(after, points, outdated, portion.letters, records=portion.records, bytes=portion.bytes)

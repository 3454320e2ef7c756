"""What the tests of the log collector share: run it, and keep what a store would hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from collectors.app_log.collector import AppLogCollector
from collectors.base import Batch, Checkpoint, DeadLetter
from collectors.source import Source
from metricstore.catalogue import measurement
from metricstore.point import Point

HEADER = "2026-10-27 09:00:{:02d},{:03d} - INFO - "


class Collected:
    """The points of one log after any number of runs; each run ends with its checkpoint as plain JSON."""

    def __init__(self, folder: Path, zone: str = "America/New_York") -> None:
        self.source = Source(folder, zone)
        self.checkpoint: Checkpoint = {}
        self.points: dict[Any, Point] = {}
        self.letters: list[DeadLetter] = []

    def run(self, *, batches: int | None = None) -> list[Batch]:
        """One run of a fresh collector; stopped after some batches when `batches` says so."""
        taken = []
        for batch in AppLogCollector(self.source).collect(self.checkpoint, None):  # type: ignore[arg-type]
            self._store(batch)
            taken.append(batch)
            if len(taken) == batches:
                break
        return taken

    def _store(self, batch: Batch) -> None:
        for point in batch.deleted:
            assert set(point.tags) == set(measurement(point.measurement).tag_names), point
            self.points.pop(point.identity, None)
        for point in batch.points:
            _check(point)
            before = self.points.get(point.identity)
            fields = {**(before.fields if before else {}), **point.fields}
            self.points[point.identity] = Point(point.measurement, point.time, point.tags, fields)
        self.letters += batch.dead_letters
        self.checkpoint = json.loads(json.dumps(batch.checkpoint))

    def of(self, name: str) -> list[Point]:
        return sorted((p for p in self.points.values() if p.measurement == name), key=lambda p: (p.time, str(p.tags)))

    def messages(self) -> list[str]:
        return [str(point.fields["message"]) for point in self.of("log_record")]

    def events(self) -> list[str]:
        return [point.tags["event"] for point in self.of("log_record")]


def _check(point: Point) -> None:
    declared = measurement(point.measurement)
    assert set(point.tags) == set(declared.tag_names), point
    kinds = {"int": int, "float": float, "string": str}
    for name, value in point.fields.items():
        assert type(value) is kinds[declared.field(name).type], (name, value)


def append(path: Path, text: str | bytes) -> None:
    with path.open("ab") as stream:
        stream.write(text.encode() if isinstance(text, str) else text)


def lines(*messages: str, second: int = 0, millisecond: int = 0) -> str:
    """Records one millisecond apart."""
    return "".join(
        HEADER.format(second, millisecond + number) + message + "\n" for number, message in enumerate(messages)
    )


def frozen(points: dict[Any, Point]) -> dict[Any, Any]:
    """Points without the name of their file, which rotation changes."""
    return {identity: {k: v for k, v in p.fields.items() if k != "file"} for identity, p in points.items()}

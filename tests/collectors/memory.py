"""A store in memory with just what file collectors use, and what a runner does with their batches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from collectors.base import Batch, Collector, DeadLetter
from metricstore.catalogue import measurement
from metricstore.catalogue.model import TIME_KIND
from metricstore.point import Point, WriteResult, nanoseconds
from metricstore.query import Filter, RecordQuery
from metricstore.store import Page
from metricstore.validation import validated


class MemoryStore:
    """Points by identity; answers questions for records, their values and bounds."""

    def __init__(self) -> None:
        self.points: dict[Any, Point] = {}
        self.deleted = 0
        self.asked = 0
        """Questions for records."""

    def write(self, points: Iterable[Point]) -> WriteResult:
        good, rejected = validated(points)
        for point in good:
            before = self.points.get(point.identity)
            fields = {**(before.fields if before else {}), **point.fields}
            self.points[point.identity] = Point(point.measurement, point.time, dict(point.tags), fields)
        return WriteResult(len(good), tuple(rejected))

    def delete(self, points: Sequence[Point]) -> None:
        for point in points:
            # InfluxDB deletes a point that lacks a tag only along with its siblings, which is slow and risky.
            # What older versions stored has no kind of time, and goes when it has been converted.
            assert {*point.tags, TIME_KIND.name} >= set(measurement(point.measurement).tag_names), point
            self.points.pop(point.identity, None)
            self.deleted += 1

    def of(self, name: str) -> list[Point]:
        return sorted((p for p in self.points.values() if p.measurement == name), key=lambda p: p.identity)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Tags and fields of every point, by time."""
        found = sorted(self.of(name), key=lambda p: p.time)
        return [{"time": p.time, **p.tags, **p.fields} for p in found]

    def bounds(self, name: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        times = [p.time for p in self.of(name)]
        if not times:
            return None
        return tuple(pd.Timestamp(t, unit="ns", tz="UTC").floor("us").to_pydatetime() for t in (min(times), max(times)))  # type: ignore[return-value]

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        query.checked()
        self.asked += 1
        start, stop = nanoseconds(query.start), nanoseconds(query.stop)
        rows = [r for r in self.rows(query.measurement) if start <= r["time"] < stop]
        rows = [r for r in rows if all(_passes(r, condition) for condition in query.where)]
        columns = query.columns or measurement(query.measurement).columns
        frame = pd.DataFrame([{c: r.get(c) for c in columns} for r in rows], columns=list(columns), dtype=object)
        frame.insert(0, "time", pd.DatetimeIndex([r["time"] for r in rows], tz="UTC"))
        return Page(frame, None)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        yield self.records(query).frame

    def values(
        self, name: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        frame = self.records(RecordQuery(name, start, stop, where)).frame
        return sorted({str(value) for value in frame[dimension] if value})


def _passes(row: dict[str, Any], condition: Filter) -> bool:
    inside = row.get(condition.column, "") in condition.values
    return inside if condition.operator == "any" else not inside


def forget_clocks(driver: Driver) -> None:
    """Posts and checkpoint as a version left them that knew nothing of channels' time zones."""
    store = driver.store
    for key, point in store.points.items():
        kept = {name: value for name, value in point.fields.items() if name not in ("channel_weekday", "channel_hour")}
        store.points[key] = Point(point.measurement, point.time, dict(point.tags), kept)
    driver.checkpoint = {name: value for name, value in driver.checkpoint.items() if name != "zones"}


class Crash(Exception):
    """The process was killed."""


class Driver:
    """Runs a collector as the runner does; can be killed after some writes."""

    def __init__(self, collector: Collector, store: Any) -> None:
        self.collector = collector
        self.store = store
        self.checkpoint: dict[str, Any] = {}
        self.letters: dict[tuple[str, int], DeadLetter] = {}
        self.written = 0

    def run(self, *, keep_points: int | None = None, keep_checkpoint: bool = True) -> int:
        """One run; says how many points it wrote.

        `keep_points`: the process dies when so many were stored. Without `keep_checkpoint` it dies before remembering.
        """
        written = 0
        for batch in self._batches():
            self.store.delete(batch.deleted)
            points = list(batch.points)
            if keep_points is not None and written + len(points) >= keep_points:
                self.store.write(points[: keep_points - written])
                raise Crash
            result = self.store.write(points)
            assert not result.rejected, [r.reason for r in result.rejected]
            written += len(points)
            self.letters.update({(letter.file, letter.time): letter for letter in batch.dead_letters})
            if keep_checkpoint:
                self.checkpoint = json.loads(json.dumps(batch.checkpoint))
        return written

    def _batches(self) -> Iterator[Batch]:
        return self.collector.collect(self.checkpoint, self.store)

"""Collectors of a few lines, each behaving or misbehaving in one way, and a store that can be taken down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from collectors.base import Batch, Checkpoint, DeadLetter, Problem, Progress
from metricstore.errors import StoreError
from metricstore.point import Point, WriteResult
from metricstore.store import Store, StoreInfo
from tests.collectors.memory import MemoryStore


class LineCollector:
    """A point for every line of a file, `per_batch` lines a batch."""

    interval_seconds = 3600.0

    def __init__(self, path: Path, name: str = "lines", per_batch: int = 2) -> None:
        self.name = name
        self.path = path
        self.per_batch = per_batch
        self.runs = 0
        self.most_at_once = 0
        self._at_once = 0
        self.before_batch: Callable[[int], None] = lambda number: None

    def validate(self) -> list[Problem]:
        return []

    def watched(self) -> list[Path]:
        return [self.path]

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        self.runs += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield from self._batches(checkpoint.get("line", 0))
        finally:
            self._at_once -= 1

    def _batches(self, first: int) -> Iterator[Batch]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        for number, start in enumerate(range(first, len(lines), self.per_batch)):
            self.before_batch(number)
            stop = min(start + self.per_batch, len(lines))
            good, letters = [], []
            for place in range(start, stop):
                if lines[place].startswith("bad"):
                    letters.append(DeadLetter("lines.txt", place + 1, "bad line", lines[place], 1_000 + place))
                else:
                    good.append(line_point(place, lines[place]))
            yield Batch({"line": stop}, good, [], letters, stop - start, 10, Progress(stop, len(lines)))


def line_point(place: int, text: str) -> Point:
    return Point("log_record", 1_000_000 + 1_000 * place, {"level": "INFO", "event": "other"}, {"message": text})


class FailingCollector(LineCollector):
    """Raises `failures` one after the other, a run each, before it works."""

    def __init__(self, path: Path, failures: Sequence[BaseException], name: str = "failing") -> None:
        super().__init__(path, name)
        self.failures = list(failures)

    def collect(self, checkpoint: Checkpoint, store: Store) -> Iterator[Batch]:
        if self.failures:
            self.runs += 1
            raise self.failures.pop(0)
        yield from super().collect(checkpoint, store)


class TroubledStore(MemoryStore):
    """Works until `trouble` is set; then every write raises it."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: StoreError | None = None
        self.tries = 0
        self._lock = threading.Lock()

    def write(self, points: Iterable[Point]) -> WriteResult:
        with self._lock:
            self.tries += 1
            if self.trouble is not None:
                raise self.trouble
            return super().write(points)

    def info(self) -> StoreInfo:
        return StoreInfo("memory", "1", "here")

    def messages(self) -> list[str]:
        return [str(row["message"]) for row in self.rows("log_record")]


def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether it comes true within a generous time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()

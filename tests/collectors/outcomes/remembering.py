"""A store in memory that also knows when something changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metricstore.point import Point, WriteResult
from tests.collectors.memory import MemoryStore


class RevisedMemoryStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self._writes: dict[str, int] = {}

    def write(self, points: Iterable[Point]) -> WriteResult:
        points = list(points)
        for name in {point.measurement for point in points}:
            self._writes[name] = self._writes.get(name, 0) + 1
        return super().write(points)

    def revision(self, measurement: str) -> str:
        return f"{id(self)}/{self._writes.get(measurement, 0)}"

    def rows_of(self, name: str) -> list[dict[str, Any]]:
        return self.rows(name)

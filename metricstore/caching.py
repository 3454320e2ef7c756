"""Answers kept in memory for as long as they are true: until a point of their measurement changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from metricstore.point import Point, WriteResult
from metricstore.query import Filter, Query, RecordQuery
from metricstore.spelling import Lines, Spelling
from metricstore.store import Page, Store, StoreInfo

MAX_BYTES = 24 * 1024 * 1024
_NUMBER_BYTES, _TEXT_BYTES = 9, 80
_OVERHEAD = 1_000
"""Bytes of an entry beside its columns: key, frame object, bookkeeping."""


@dataclass(frozen=True)
class CacheState:
    """How the cache does: for health pages and tests."""

    entries: int
    bytes: int
    hits: int
    misses: int


class CachedStore:
    """Any store, with the answers to `ask` and `values` kept: the least recently used go first beyond `max_bytes`.

    The key is the question with its resolved range and the measurement's revision, so a write makes old answers
    unreachable at once. Threads that ask the same at the same time wait for one answer. Every caller gets a
    frame of its own to change as it likes.
    """

    def __init__(self, store: Store, max_bytes: int = MAX_BYTES) -> None:
        self.store = store
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._running: dict[Hashable, Future[Any]] = {}
        self._bytes = self._hits = self._misses = 0

    def ask(self, query: Query) -> pd.DataFrame:
        query.checked()
        # The revision is read first: an answer that is newer than its key only costs a question more.
        key = ("ask", query, self.store.revision(query.measurement))
        # Shallow copies share columns until one is written to: pandas copies on write.
        found: pd.DataFrame = self._answer(key, lambda: self.store.ask(query), _frame_bytes)
        return found.copy(deep=False)

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = ()
    ) -> list[str]:
        key = ("values", measurement, dimension, start, stop, where, self.store.revision(measurement))
        found: list[str] = self._answer(
            key, lambda: self.store.values(measurement, dimension, start, stop, where), _list_bytes
        )
        return list(found)

    def _answer(self, key: Hashable, ask: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        with self._lock:
            known = self._entries.get(key)
            if known is not None:
                self._hits += 1
                self._entries.move_to_end(key)
                return known[0]
            running = self._running.get(key)
            if running is None:
                self._misses += 1
                mine: Future[Any] = Future()
                self._running[key] = mine
            else:
                self._hits += 1
        if running is not None:
            return running.result()
        try:
            answer = ask()
            with self._lock:
                self._keep(key, answer, size(answer))
            mine.set_result(answer)
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._running[key]
        return answer

    def _keep(self, key: Hashable, answer: Any, size: int) -> None:
        """Only under the lock. What would fill a quarter of the room alone is not worth keeping."""
        if size > self._max_bytes // 4:
            return
        self._entries[key] = (answer, size)
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, (_, freed) = self._entries.popitem(last=False)
            self._bytes -= freed

    @property
    def state(self) -> CacheState:
        with self._lock:
            return CacheState(len(self._entries), self._bytes, self._hits, self._misses)

    def write(self, points: Iterable[Point]) -> WriteResult:
        return self.store.write(points)

    def delete(self, points: Sequence[Point]) -> None:
        self.store.delete(points)

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        self.store.delete_range(measurement, start, stop)

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        return self.store.records(query, count=count)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return self.store.stream(query)

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        return self.store.lines(query, spelling)

    def bounds(self, measurement: str) -> tuple[datetime, datetime] | None:
        return self.store.bounds(measurement)

    def revision(self, measurement: str) -> str:
        return self.store.revision(measurement)

    def info(self) -> StoreInfo:
        return self.store.info()

    def close(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0
        self.store.close()


def _frame_bytes(frame: pd.DataFrame) -> int:
    """An estimate: looking at each text takes longer than many an answer."""
    width = sum(_TEXT_BYTES if kind.kind == "O" else _NUMBER_BYTES for kind in frame.dtypes)
    return len(frame) * width + _OVERHEAD


def _list_bytes(values: list[str]) -> int:
    return sum(len(value) * 2 + 64 for value in values) + _OVERHEAD

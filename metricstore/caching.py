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
_NUMBERS = frozenset({"time", "value", "comparison"})
"""All other columns are texts."""
_FRAME, _COLUMN = 4_000, 800
"""Bytes that pandas and the question itself take, measured: of most answers they are the larger part."""
_OVERHEAD = 1_000
"""Bytes of any other entry beside its values."""


@dataclass(frozen=True)
class CacheState:
    """How the cache does: for health pages and tests."""

    entries: int
    bytes: int
    hits: int
    misses: int


class CachedStore:
    """Any store, with the answers to `ask`, `values` and `bounds` kept: the least recently used go first beyond `max_bytes`.

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
        self.counted: Callable[[int, int], None] = lambda hits, misses: None
        """Called with the numbers of answers that were there and that were not, each time some are looked for."""

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0]

    def ask_all(self, queries: Sequence[Query]) -> list[pd.DataFrame]:
        # Whole copies: pandas leaves a weak reference in each kept column for every shallow one, up to 500 of them.
        return [frame.copy() for frame in self._frames(queries)]

    def _frames(self, queries: Sequence[Query]) -> list[pd.DataFrame]:
        """Those that are kept: not to be handed out."""
        for query in queries:
            query.checked()
        # The revision is read first: an answer that is newer than its key only costs a question more.
        keys = [("ask", query, self.store.revision(query.measurement)) for query in queries]

        def ask(missing: list[Any]) -> list[pd.DataFrame]:
            return self.store.ask_all([query for _, query, _ in missing])

        found = self._answers(keys, ask, _frame_bytes)
        return [found[key] for key in keys]

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        asked = (measurement, dimension, start, stop, where, timezone)
        key = ("values", *asked, self.store.revision(measurement))
        return list(self._answers([key], lambda _: [self.store.values(*asked)], _list_bytes)[key])

    def _answers(
        self, keys: Sequence[Hashable], ask: Callable[[list[Any]], Sequence[Any]], size: Callable[[Any], int]
    ) -> dict[Hashable, Any]:
        """The answers by key; `ask` gives those that nobody has or is about to have, in the order it is told."""
        found: dict[Hashable, Any] = {}
        others: dict[Hashable, Future[Any]] = {}
        mine: dict[Hashable, Future[Any]] = {}
        with self._lock:
            for key in dict.fromkeys(keys):
                if (known := self._entries.get(key)) is not None:
                    self._entries.move_to_end(key)
                    found[key] = known[0]
                elif (running := self._running.get(key)) is not None:
                    others[key] = running
                else:
                    mine[key] = self._running[key] = Future()
            self._hits += len(found) + len(others)
            self._misses += len(mine)
        self.counted(len(found) + len(others), len(mine))
        # Own questions come before waiting for those of others, who may be waiting for these.
        found |= self._asked(mine, ask, size) if mine else {}
        return found | {key: future.result() for key, future in others.items()}

    def _asked(
        self, mine: dict[Hashable, Future[Any]], ask: Callable[[list[Any]], Sequence[Any]], size: Callable[[Any], int]
    ) -> dict[Hashable, Any]:
        try:
            answers = dict(zip(mine, ask(list(mine)), strict=True))
            with self._lock:
                for key, answer in answers.items():
                    self._keep(key, answer, size(answer))
            for key, answer in answers.items():
                mine[key].set_result(answer)
        except BaseException as error:
            for future in mine.values():
                if not future.done():
                    future.set_exception(error)
            raise
        finally:
            with self._lock:
                for key in mine:
                    del self._running[key]
        return answers

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

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        key = ("bounds", measurement, timezone, self.store.revision(measurement))
        found: tuple[datetime, datetime] | None = self._answers(
            [key], lambda _: [self.store.bounds(measurement, timezone)], lambda _: _OVERHEAD
        )[key]
        return found

    def revision(self, measurement: str) -> str:
        return self.store.revision(measurement)

    def info(self) -> StoreInfo:
        return self.store.info()

    def ping(self) -> None:
        self.store.ping()

    def close(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0
        self.store.close()


def _frame_bytes(frame: pd.DataFrame) -> int:
    """An estimate: looking at each text takes longer than many an answer."""
    width = sum(_NUMBER_BYTES if name in _NUMBERS else _TEXT_BYTES for name in frame.columns)
    return _FRAME + len(frame.columns) * _COLUMN + len(frame) * width


def _list_bytes(values: list[str]) -> int:
    return sum(len(value) * 2 + 64 for value in values) + _OVERHEAD

"""A store in front of which nobody hangs: questions wait only as long as the store is alive (see `circuit`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import pandas as pd

from metricstore.changed_days import Stretches
from metricstore.circuit import Circuit
from metricstore.grid import Grid
from metricstore.point import Point, WriteResult
from metricstore.query import Filter, Query, RecordQuery
from metricstore.spelling import Lines, Spelling
from metricstore.store import DiskUse, Page, Store, StoreInfo

T = TypeVar("T")


class GuardedStore:
    """`store` for those who look at it. Writing, deleting and pinging wait as they always do.

    `revision_at_hand` gives a revision that is known without asking, None where it is not.
    """

    def __init__(
        self, store: Store, revision_at_hand: Callable[[str], str | None] = lambda _: None, circuit: Circuit | None = None
    ) -> None:  # fmt: skip
        self.store = store
        self.circuit = circuit or Circuit(store.ping)
        self._revision_at_hand = revision_at_hand

    def ask(self, query: Query) -> pd.DataFrame:
        return self.circuit.ask(lambda: self.store.ask(query))

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        return self.circuit.ask(lambda: self.store.ask_all(queries))

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        return self.circuit.ask(lambda: self.store.records(query, count=count))

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return self._all(lambda: self.store.stream(query))

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        return self._all(lambda: self.store.lines(query, spelling))

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        return self.circuit.ask(lambda: self.store.values(measurement, dimension, start, stop, where, timezone))

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        return self.circuit.ask(lambda: self.store.bounds(measurement, timezone))

    def revision(self, measurement: str) -> str:
        known = self._revision_at_hand(measurement)
        return known if known is not None else self.circuit.ask(lambda: self.store.revision(measurement))

    def changed_since(self, measurement: str, revision: str) -> Stretches | None:
        return self.store.changed_since(measurement, revision)

    def info(self) -> StoreInfo:
        return self.circuit.ask(self.store.info)

    def disk(self) -> DiskUse:
        return self.circuit.ask(self.store.disk)

    def write(self, points: Iterable[Point]) -> WriteResult:
        return self.store.write(points)

    def delete(self, points: Sequence[Point]) -> None:
        self.store.delete(points)

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        self.store.delete_range(measurement, start, stop)

    def expire(self, measurement: str, before: datetime) -> Iterator[int]:
        return self.store.expire(measurement, before)

    def ping(self) -> None:
        self.store.ping()

    def close(self) -> None:
        self.circuit.close()
        self.store.close()

    def _all(self, begin: Callable[[], Iterator[T]]) -> Iterator[T]:
        pieces = _Pieces(begin)
        try:
            self.circuit.ask(pieces.begin)
        except BaseException:
            pieces.leave()
            raise
        return self._read(pieces)

    def _read(self, pieces: _Pieces[T]) -> Iterator[T]:
        try:
            while (piece := self.circuit.ask(pieces.next)) is not None:
                yield piece
        finally:
            pieces.leave()


class _Pieces(Generic[T]):
    """An iterator that is read by one thread at a time, and left by another while it is being read."""

    def __init__(self, begin: Callable[[], Iterator[T]]) -> None:
        self._begin = begin
        self._inner: Iterator[T] | None = None
        self._lock = threading.Lock()
        self._reading = False
        self._left = threading.Event()

    def begin(self) -> None:
        self._used(self._opened)

    def next(self) -> T | None:
        return self._used(lambda: next(self._inner, None) if self._inner is not None else None)

    def leave(self) -> None:
        """End the reading, now or as soon as the piece that is being read is there."""
        with self._lock:
            self._left.set()
            if self._reading:
                return
        self._end()

    def _opened(self) -> None:
        self._inner = self._begin()

    def _used(self, read: Callable[[], T | None]) -> T | None:
        with self._lock:
            if self._left.is_set():
                return None
            self._reading = True
        try:
            return read()
        finally:
            with self._lock:
                self._reading = False
                left = self._left.is_set()
            if left:
                self._end()

    def _end(self) -> None:
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()

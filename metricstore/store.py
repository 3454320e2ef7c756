"""What a store can do. DuckDB, InfluxDB and ClickHouse all answer exactly this (tests/contract)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import pandas as pd

from metricstore.changed_days import Stretches
from metricstore.grid import Grid
from metricstore.point import Point, WriteResult
from metricstore.query import Filter, Query, RecordQuery
from metricstore.spelling import Lines, Spelling


@dataclass(frozen=True)
class Page:
    """A page of records. `total` counts all records of the question, when it was asked for.

    `searched` is where a search in texts ended before the range did, because whoever asks waits for some time only (`metricstore.patience`): records beyond
    it, in the order of the page, were not looked at, and `total` counts those that were.
    """

    frame: pd.DataFrame
    next_cursor: str | None
    total: int | None = None
    searched: datetime | None = None


@dataclass(frozen=True)
class StoreInfo:
    """What `doctor` and Data health say of a store."""

    kind: str
    version: str
    location: str
    points: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True)
class DiskUse:
    """Bytes on the disk: of all that is stored, and of measurements, about. None, and missing, where the store can't say."""

    total: int | None = None
    by_measurement: Mapping[str, int] = field(default_factory=dict)

    def bytes_of(self, measurement: str, points: int, all_points: int) -> int | None:
        """About what so many of the points of a measurement take: by its own bytes, else by its share of all points."""
        if measurement in self.by_measurement:
            return self.by_measurement[measurement]
        return round(self.total * points / all_points) if self.total is not None and all_points else None


class Store(Protocol):
    """Safe to use from several threads. Raises only errors of `metricstore.errors`."""

    def write(self, points: Iterable[Point]) -> WriteResult:
        """Store points durably before returning.

        A point whose identity is there already is merged into it: its fields replace those of the same name.
        A point that breaks the catalogue (unknown name, wrong type) is rejected with a sentence; the others are kept.
        """

    def delete(self, points: Sequence[Point]) -> None:
        """Remove points by identity; their fields don't matter and absent ones are no error."""

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        """Remove every point of a measurement in [start, stop)."""

    def expire(self, measurement: str, before: datetime) -> Iterator[int]:
        """Remove every point of a measurement dated before a moment, because it is older than it is kept: the oldest first, a stretch
        with each step, and how many points were in it. Who ends in between goes on with the next call."""

    def ask(self, query: Query) -> pd.DataFrame:
        """See Query for the frame's shape."""

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        """What `ask` makes a frame of for each, in their order; together they take less time than one after the other. Answers may
        be shared with others: nobody changes them."""

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        """See RecordQuery for the frame's shape."""

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        """Every record of the question, in its order, piece by piece: frames as in RecordQuery but without `_id`.

        `limit`, `offset` and `cursor` count for nothing. The first piece is read before this returns, so that
        what can't be answered is told at once; memory does not grow with the number of records. Where the store
        can, all pieces are of one moment. Leaving the iterator ends the reading.
        """

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        """As `stream`, each record spelled as a line of text: `time` first, then the asked columns."""

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        """Distinct values of a dimension in the range, sorted. `timezone` as in RecordQuery."""

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        """Time of the first and last point (UTC); None when nothing is stored. A date's is when it begins in `timezone`."""

    def revision(self, measurement: str) -> str:
        """Changes whenever a point of the measurement was written or deleted: the key for caches and ETags."""

    def changed_since(self, measurement: str, revision: str) -> Stretches | None:
        """Stretches of stored time that hold all points which were written or deleted since a revision, and perhaps
        others; None: anywhere. Answers from memory, and None for what it does not remember."""

    def info(self) -> StoreInfo:
        """Raises StoreUnreachable / StoreDenied when it can't be used."""

    def disk(self) -> DiskUse:
        """What its points take on the disk, as far as it can say. Raises as `info` does."""

    def ping(self) -> None:
        """The smallest of questions, to see whether it answers. Raises as `info` does."""

    def close(self) -> None: ...


@runtime_checkable
class ServedStore(Protocol):
    """What a store can do besides that is a server, shared by many processes, and may hang."""

    def revision_at_hand(self, measurement: str) -> str | None:
        """The revision where it is known without asking the server."""

    def answers(self) -> None:
        """As `ping`, but whether or not anything was made ready for this program."""


def said_behind(store: object, name: str, default: Any) -> Any:
    """What a store, or the first of those that it wraps as caches do, has under a name; `default` where none has."""
    while store is not None:
        if hasattr(store, name):
            return getattr(store, name)
        store = getattr(store, "store", None)
    return default

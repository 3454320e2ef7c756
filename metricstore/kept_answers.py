"""What a cache keeps: the least recently used go first when there is no more room."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from metricstore.query import Query


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, the bytes it takes, and when (`time.monotonic`) its oldest part was asked."""

    answer: Any
    size: int
    since: float = field(default_factory=time.monotonic)


class CacheKey(NamedTuple):
    """A question for windows and groups and the revision that it was asked at: what the answer is kept under."""

    query: Query
    revision: str
    by_days: bool = False
    """Values of days, from which other answers are made: kept by group."""

    @property
    def without_range(self) -> Hashable:
        """The same question, whatever its range, where there are windows. Percentiles that are exact for the sake of their range are
        another question than those that need not be."""
        if self.query.every is None:
            return self.query
        return self.query.without_range, self.by_days, self.query.is_exact_percentile

    def replaces(self, earlier: CacheKey) -> bool:
        """Whether nobody needs the answer to `earlier`, the same question but for its range, any more: it is of another revision
        or but a part of others, and all but its outermost windows are in this one, too."""
        if self.revision == earlier.revision and not self.by_days:
            return False
        if self.query.every is None:
            return True
        length = timedelta(seconds=self.query.every.seconds * 1.1)
        return earlier.query.start >= self.query.start - length and earlier.query.stop <= self.query.stop + length


class KeptAnswers:
    """Used by one thread at a time."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, Kept] = OrderedDict()
        self._ranges: dict[Hashable, list[CacheKey]] = {}
        """By question, whatever its range."""
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    def get(self, key: Hashable) -> Kept | None:
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def over_ranges(self, wanted: CacheKey) -> Iterator[tuple[CacheKey, Kept]]:
        """Those to the same question, over whatever range and at whatever revision, the latest first."""
        for key in reversed(self._ranges.get(wanted.without_range, ())):
            yield key, self._entries[key]

    def keep(self, key: Hashable, kept: Kept) -> None:
        """What would fill a quarter of the room alone is not worth keeping. Of two answers to the same the younger one stays."""
        if kept.size > self._max_bytes // 4:
            return
        if (known := self._entries.get(key)) is not None:
            if kept.since <= known.since:
                return
            self._drop(key)
        if isinstance(key, CacheKey):
            ranges = self._ranges.setdefault(key.without_range, [])
            replaced = [one for one in ranges if key.replaces(one)]
            ranges.append(key)
            for one in replaced:
                self._drop(one)
        self._entries[key] = kept
        self.bytes += kept.size
        while self.bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def clear(self) -> None:
        self._entries.clear()
        self._ranges.clear()
        self.bytes = 0

    def _drop(self, key: Hashable) -> None:
        self.bytes -= self._entries.pop(key).size
        if isinstance(key, CacheKey):
            ranges = self._ranges[key.without_range]
            ranges.remove(key)
            if not ranges:
                del self._ranges[key.without_range]

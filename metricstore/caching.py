"""Answers kept in memory for as long as they are true: until a point of their measurement changes.

Of answers over windows only those windows are asked anew that points have changed in, or that the range cuts otherwise."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

import pandas as pd

from metricstore import patience
from metricstore.changed_days import Stretches
from metricstore.errors import SearchTooLong
from metricstore.framing import comparison_query, with_comparison
from metricstore.grid import Grid
from metricstore.kept_answers import CacheKey, Kept, KeptAnswers
from metricstore.known_parts import KnownParts, Part, days_asked
from metricstore.memory_budget import SHARES
from metricstore.point import Point, WriteResult
from metricstore.query import Filter, Query, RecordQuery
from metricstore.spelling import Lines, Spelling
from metricstore.store import DiskUse, Page, Store, StoreInfo
from metricstore.turns import Turns, wait_for

_QUESTION = 1_500
"""Bytes of a question that is the key to an answer."""
_OVERHEAD = 1_000
"""Bytes of any other entry beside its values."""
_TURNS = 2
"""So often a question waits for others that ask it over other ranges."""
_LOOK_SECONDS = 0.1
"""So often who has no time left looks whether the store has begun to search."""


@dataclass(frozen=True)
class CacheState:
    """How the cache does: for health pages and tests."""

    entries: int
    bytes: int
    hits: int
    misses: int


class _Asked(Future[Any]):
    """An answer that the store is being asked for; `searching` when it reads texts for it or for others asked together with it."""

    def __init__(self, searching: threading.Event) -> None:
        super().__init__()
        self._searching = searching

    def in_time(self) -> bool:
        """Wait. False when it is a search that takes longer than whoever waits here will."""
        while not self.done():
            left = patience.left()
            if left == 0 and self._searching.is_set():
                return False
            wait([self], left if left is None else max(left, _LOOK_SECONDS))
        return True


class CachedStore:
    """Any store, with the answers to `ask`, `values` and `bounds` kept: the least recently used go first beyond `max_bytes`.

    The key is the question with its resolved range and the measurement's revision, so a write makes old answers
    unreachable at once. Threads that ask the same at the same time wait for one answer.
    """

    def __init__(self, store: Store, max_bytes: int = SHARES["answers"]) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._kept = KeptAnswers(max_bytes)
        self._known = KnownParts(store, self._kept, self._lock)
        self._running: dict[Hashable, _Asked] = {}
        self._turns = Turns()
        self._hits = self._misses = 0
        self.counted: Callable[[int, int], None] = lambda hits, misses: None
        """Called with the numbers of answers that were there and that were not, each time some are looked for."""

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0].frame()

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        for query in queries:
            query.checked()
        # The revision is read first: an answer that is newer than its key only costs a question more.
        revisions = {name: self.store.revision(name) for name in {query.measurement for query in queries}}
        keys = [CacheKey(query, revisions[query.measurement]) for query in queries]
        compared = list(dict.fromkeys(filter(self._has_parts, keys)))
        made = set(compared)
        with self._lock:
            unknown = [key for key in compared if key not in self._kept]
        single = [key for key in keys if key not in made]
        found = self._answers([*single, *chain.from_iterable(map(_parts, unknown))], self._ask_store)
        # Nobody waits for these while others wait for single ones: they are made of them without asking the store.
        found |= self._answers(compared, lambda missing: [self._compare(key, found) for key in missing])
        return [found[key] for key in keys]

    def _has_parts(self, key: CacheKey) -> bool:
        """Whether the answer is made of two others, because windows are compared or totals that are known by days."""
        query = key.query
        if query.compare is None:
            return False
        return query.every is not None or self._known.by_days(replace(query, compare=None))

    def _compare(self, key: CacheKey, found: Mapping[Hashable, Any]) -> Kept:
        parts = _parts(key)
        if any(part not in found for part in parts):  # kept a moment ago, and then there was no more room
            found = self._answers(parts, self._ask_store)
        now, before = (found[part] for part in parts)
        return _kept(with_comparison(key.query, now, before))

    def _ask_store(self, missing: Sequence[CacheKey]) -> list[Kept]:
        """The answers; what is known from earlier ones, or will be in a moment, is not asked again."""
        answers: dict[CacheKey, Kept] = {}
        for turn in range(_TURNS + 1):
            parts = {key: self._known.of(key) for key in missing if key not in answers}
            questions = {key: days_asked(key, part) if turn < _TURNS else None for key, part in parts.items()}
            with self._turns.taken(questions) as (own, others):
                answers |= self._asked_now({key: parts[key] for key in own})
            if len(answers) == len(missing):
                break
            wait_for(others)
        return [answers[key] for key in missing]

    def _asked_now(self, missing: Mapping[CacheKey, Part | None]) -> dict[CacheKey, Kept]:
        parts = {key: part for key, part in missing.items() if part is not None}
        begun = time.monotonic()
        answers: dict[CacheKey, Kept] = {}
        wanted = {key: parts[key].queries if key in parts else (key.query,) for key in missing}
        found = self._asked_once(chain.from_iterable(wanted.values()))
        for key, part in parts.items():
            groups = part.groups([found[query] for query in wanted[key]])
            if groups is not None and (answer := part.answer(groups)) is not None:
                answers[key] = _kept(answer, part.since)
                self._known.keep_days(key, part, groups)
        whole = [key for key in missing if key not in answers]
        found |= self._asked_once(key.query for key in whole if key.query not in found)
        for key in whole:
            answers[key] = _kept(found[key.query], begun)
            self._known.keep_whole(key, found[key.query], begun)
        return answers

    def _asked_once(self, queries: Iterable[Query]) -> dict[Query, Grid]:
        wanted = list(dict.fromkeys(queries))
        return dict(zip(wanted, self.store.ask_all(wanted), strict=True)) if wanted else {}

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        asked = (measurement, dimension, start, stop, where, timezone)
        key = ("values", *asked, self.store.revision(measurement))

        def ask(_: Sequence[Hashable]) -> list[Kept]:
            values = self.store.values(*asked)
            return [Kept(values, _list_bytes(values))]

        return list(self._answers([key], ask)[key])

    def _answers(
        self, keys: Sequence[Hashable], ask: Callable[[list[Any]], Sequence[Kept]]
    ) -> dict[Hashable, Any]:  # fmt: skip
        """The answers by key; `ask` gives those that nobody has or is about to have, in the order it is told."""
        found: dict[Hashable, Any] = {}
        others: dict[Hashable, _Asked] = {}
        mine: dict[Hashable, _Asked] = {}
        searching = threading.Event()
        with self._lock:
            for key in dict.fromkeys(keys):
                if (known := self._kept.get(key)) is not None:
                    found[key] = known.answer
                elif (running := self._running.get(key)) is not None:
                    others[key] = running
                else:
                    mine[key] = self._running[key] = _Asked(searching)
            self._hits += len(found) + len(others)
            self._misses += len(mine)
        if keys:
            self.counted(len(found) + len(others), len(mine))
        # Own questions come before waiting for those of others, who may be waiting for these.
        if mine:
            with patience.noting(searching):
                found |= self._asked(mine, ask)
        return found | {key: self._waited(key, future, ask) for key, future in others.items()}

    @staticmethod
    def _waited(key: Hashable, asked: _Asked, ask: Callable[[list[Any]], Sequence[Kept]]) -> Any:
        # Whoever asked first may have had less time.
        with suppress(SearchTooLong):
            if asked.in_time():
                return asked.result()
        # Without time left the store refuses this if it is the search, and answers what was only asked together with one.
        return ask([key])[0].answer

    def _asked(
        self, mine: Mapping[Hashable, _Asked], ask: Callable[[list[Any]], Sequence[Kept]]
    ) -> dict[Hashable, Any]:  # fmt: skip
        try:
            answers = dict(zip(mine, ask(list(mine)), strict=True))
            with self._lock:
                for key, kept in answers.items():
                    self._kept.keep(key, kept)
            for key, kept in answers.items():
                mine[key].set_result(kept.answer)
        except BaseException as error:
            for future in mine.values():
                if not future.done():
                    future.set_exception(error)
            raise
        finally:
            with self._lock:
                for key in mine:
                    del self._running[key]
        return {key: kept.answer for key, kept in answers.items()}

    @property
    def state(self) -> CacheState:
        with self._lock:
            return CacheState(len(self._kept), self._kept.bytes, self._hits, self._misses)

    def write(self, points: Iterable[Point]) -> WriteResult:
        return self.store.write(points)

    def delete(self, points: Sequence[Point]) -> None:
        self.store.delete(points)

    def delete_range(self, measurement: str, start: datetime, stop: datetime) -> None:
        self.store.delete_range(measurement, start, stop)

    def expire(self, measurement: str, before: datetime) -> Iterator[int]:
        return self.store.expire(measurement, before)

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        # A search in texts counts on the way. All others have their number asked as any question is: it follows from that of days that are known.
        if not count or any(one.operator == "contains" for one in query.checked().where):
            return self.store.records(query, count=count)
        page = self.store.records(query)
        if page.total is not None or page.searched is not None:  # long lists of values are searched for, too
            return page
        counted = Query(query.measurement, "count", query.start, query.stop, where=query.where, timezone=query.timezone)
        shown = query.offset + len(page.frame)  # the page may be newer
        number = int(self.ask_all([counted])[0]["value"][0])
        return replace(page, total=number if page.next_cursor else max(number, shown))

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        return self.store.stream(query)

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
        return self.store.lines(query, spelling)

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        key = ("bounds", measurement, timezone, self.store.revision(measurement))
        found: tuple[datetime, datetime] | None = self._answers(
            [key], lambda _: [Kept(self.store.bounds(measurement, timezone), _OVERHEAD)]
        )[key]
        return found

    def revision(self, measurement: str) -> str:
        return self.store.revision(measurement)

    def changed_since(self, measurement: str, revision: str) -> Stretches | None:
        return self.store.changed_since(measurement, revision)

    def info(self) -> StoreInfo:
        return self.store.info()

    def disk(self) -> DiskUse:
        return self.store.disk()

    def ping(self) -> None:
        self.store.ping()

    def close(self) -> None:
        with self._lock:
            self._kept.clear()
        self.store.close()


def _parts(key: CacheKey) -> tuple[CacheKey, CacheKey]:
    """Of a question with parts: what it asks, and what that is compared with."""
    query = key.query
    return CacheKey(replace(query, compare=None), key.revision), CacheKey(comparison_query(query), key.revision)


def _kept(answer: Grid, since: float | None = None) -> Kept:
    return Kept(answer, _QUESTION + answer.size, time.monotonic() if since is None else since)


def _list_bytes(values: list[str]) -> int:
    return sum(len(value) * 2 + 64 for value in values) + _OVERHEAD

"""Who asks for what somebody else is asking for already, and will not wait as long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from metricstore import patience
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.errors import SearchTooLong
from metricstore.grid import Grid
from metricstore.query import Filter, Query
from tests.unit.metricstore.test_caching import DAYS, START, Counting

NEEDLE = (Filter("wait_seconds", "min", (1,)),)


class Searching(Counting):
    """Searches where there are conditions, stretch after stretch until the gate is open; all else is quick."""

    def _search(self) -> None:
        while True:
            patience.require()
            if self.gate.wait(0.01):
                return

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        self.asked += len(queries)
        if any(query.where for query in queries):
            self._search()
        return DuckStore.ask_all(self, queries)

    def values(self, *asked: Any) -> list[str]:
        self.asked += 1
        self._search()
        return super().values(*asked)


@pytest.fixture
def searching() -> Iterator[Searching]:
    store = Searching()
    store.gate.clear()
    yield store
    store.gate.set()
    store.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda cached: cached.ask(replace(DAYS, where=NEEDLE)),
        lambda cached: cached.ask(replace(DAYS, where=NEEDLE, compare="previous")),
        lambda cached: cached.values("ai_retry", "endpoint", START, DAYS.stop, NEEDLE),
    ],
)
def test_a_page_waits_for_another_s_search_no_longer_than_for_its_own(
    searching: Searching, ask: Callable[[CachedStore], Any]
) -> None:
    cached = CachedStore(searching)
    with ThreadPoolExecutor(1) as pool:
        try:
            download = pool.submit(ask, cached)
            while not searching.asked:
                time.sleep(0.01)
            begun = time.monotonic()
            with patience.patience(0.2), pytest.raises(SearchTooLong):
                ask(cached)
            assert 0.2 <= time.monotonic() - begun < 10
            assert not download.done(), "it goes on"
        finally:
            searching.gate.set()
        assert download.result(30) is not None
    known = searching.asked
    with patience.patience(0):
        ask(cached)
    assert searching.asked == known, "and its answer is there for all"


def test_what_others_ask_together_with_a_search_is_asked_for_by_who_can_not_wait(searching: Searching) -> None:
    cached = CachedStore(searching)
    with ThreadPoolExecutor(1) as pool:
        try:
            download = pool.submit(cached.ask_all, [replace(DAYS, where=NEEDLE), DAYS])
            while not searching.asked:
                time.sleep(0.01)
            with patience.patience(0.1):
                assert len(cached.ask(DAYS)) == 10
            assert not download.done()
        finally:
            searching.gate.set()
        assert [len(frame) for frame in download.result(30)] == [10, 10]


def test_a_page_without_time_waits_for_what_is_no_search() -> None:
    counting = Counting()
    cached = CachedStore(counting)
    counting.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cached.ask, DAYS)
        while not counting.asked:
            time.sleep(0.01)
        opening = threading.Timer(0.4, counting.gate.set)
        opening.start()
        with patience.patience(0.1):
            assert cached.ask(DAYS).equals(first.result(30))
        opening.join()
    assert counting.asked == 1
    counting.close()

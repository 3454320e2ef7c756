"""Answers kept in memory: right after every change, one question for many who ask, bounded."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from metricstore import known_parts, turns
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.errors import InvalidQuestion, StoreUnreachable
from metricstore.grid import Grid
from metricstore.guarded import GuardedStore
from metricstore.kept_answers import CacheKey
from metricstore.known_parts import days_asked
from metricstore.point import Point
from metricstore.query import Filter, Query, RecordQuery
from metricstore.store import Page
from metricstore.windows import Window

START = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = Query("ai_retry", "count", START, START + timedelta(days=10), every=Window(1, "d"))


class Counting(DuckStore):
    """A store that counts how often it is asked, and can be held up."""

    def __init__(self) -> None:
        super().__init__(None)
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()
        self.failure: Exception | None = None

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        self.asked += len(queries)
        self.gate.wait(30)
        if self.failure is not None:
            raise self.failure
        return super().ask_all(queries)


@pytest.fixture
def counting() -> Iterator[Counting]:
    store = Counting()
    yield store
    store.close()


@pytest.fixture
def cached(counting: Counting) -> CachedStore:
    return CachedStore(counting)


def retry(day: int) -> Point:
    return Point("ai_retry", int((START + timedelta(days=day, hours=1)).timestamp()) * 10**9, {}, {"wait_seconds": 1.0})


def test_a_question_asked_again_is_answered_from_memory(cached: CachedStore, counting: Counting) -> None:
    first, second = cached.ask(DAYS), cached.ask(replace(DAYS))
    assert counting.asked == 1
    assert first.equals(second)
    cached.ask(replace(DAYS, stop=DAYS.stop + timedelta(days=1)))
    assert counting.asked == 2


@pytest.mark.parametrize("change", ["write", "delete", "delete_range"])
def test_every_change_is_seen_at_once(cached: CachedStore, counting: Counting, change: str) -> None:
    cached.write([retry(1), retry(2)])
    assert cached.ask(DAYS)["value"].sum() == 2
    changes: dict[str, Any] = {
        "write": (lambda: cached.write([retry(3)]), 3),
        "delete": (lambda: cached.delete([retry(1)]), 1),
        "delete_range": (lambda: cached.delete_range("ai_retry", START, DAYS.stop), 0),
    }
    make, expected = changes[change]
    make()
    assert cached.ask(DAYS)["value"].sum() == expected


def test_a_change_of_another_measurement_leaves_answers_in_place(cached: CachedStore, counting: Counting) -> None:
    cached.ask(DAYS)
    cached.write([Point("batch", 1, {}, {"line": 1})])
    cached.ask(DAYS)
    assert counting.asked == 1


def test_what_a_caller_does_to_its_frame_stays_with_it(cached: CachedStore) -> None:
    frame = cached.ask(DAYS)
    frame["value"] = 7.0
    frame.loc[0, "value"] = 9.0
    frame["more"] = 1
    again = cached.ask(DAYS)
    again["value"] *= 3
    assert list(cached.ask(DAYS).columns) == ["time", "value"]
    assert cached.ask(DAYS)["value"].tolist() == [0.0] * 10


def test_threads_that_ask_the_same_at_once_share_one_question(cached: CachedStore, counting: Counting) -> None:
    counting.gate.clear()
    answers: list[pd.DataFrame] = []
    threads = [threading.Thread(target=lambda: answers.append(cached.ask(DAYS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    while cached.state.hits + cached.state.misses < 8:
        threading.Event().wait(0.01)
    counting.gate.set()
    for thread in threads:
        thread.join()
    assert counting.asked == 1
    assert len(answers) == 8


def test_questions_asked_together_cost_only_those_that_nobody_knows(cached: CachedStore, counting: Counting) -> None:
    longer = replace(DAYS, stop=DAYS.stop + timedelta(days=1))
    cached.ask(DAYS)
    found = cached.ask_all([longer, DAYS, longer])
    assert counting.asked == 2
    assert [len(one) for one in found] == [11, 10, 11]
    with pytest.raises(ValueError, match="read-only"):
        found[0]["value"][0] = 9.0
    frame = found[0].frame()
    frame.loc[0, "value"] = 9.0
    assert found[2]["value"].tolist() == cached.ask(longer)["value"].tolist() == [0.0] * 11


def test_the_same_question_over_many_ranges_at_once_is_asked_in_turns(cached: CachedStore, counting: Counting) -> None:
    """Each finds the days that those before it have asked for."""
    cached.write([retry(day) for day in range(100)])
    total = replace(DAYS, every=None, stop=DAYS.start + timedelta(days=100))
    cached.ask(total)
    asked = counting.asked
    counting.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        ranges = [replace(total, start=total.start + timedelta(days=day)) for day in range(1, 9)]
        found = [pool.submit(cached.ask, query) for query in ranges]
        time.sleep(0.5)
        counting.gate.set()
        values = [future.result(30)["value"].sum() for future in found]
    assert values == [100 - day for day in range(1, 9)]
    assert counting.asked - asked <= 3


def test_a_turn_that_fails_or_never_ends_holds_up_nobody(
    cached: CachedStore, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 0.05)
    cached.write([retry(day) for day in range(40)])
    counting.failure = StoreUnreachable("gone")
    with pytest.raises(StoreUnreachable):
        cached.ask(DAYS)
    counting.failure = None
    assert cached.ask(DAYS)["value"].sum() > 0
    with cached._turns.taken({"other": days_asked(CacheKey(DAYS, ""), None)}):
        assert cached.ask(replace(DAYS, stop=DAYS.stop + timedelta(days=9)))["value"].sum() > 0
    assert cached._turns._taken == {}


def test_threads_that_ask_for_each_other_s_questions_do_not_wait_for_ever(
    cached: CachedStore, counting: Counting
) -> None:
    questions = [replace(DAYS, stop=DAYS.stop + timedelta(days=n)) for n in range(12)]
    answers: list[int] = []

    def ask(place: int) -> None:
        wanted = questions[place:] + questions[:place]
        answers.extend(len(found) for found in cached.ask_all(wanted[:8]))

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 12 * 8
    assert counting.asked <= 12


def test_bounds_are_kept_until_something_is_written(cached: CachedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cached.bounds("ai_retry") is None
    cached.write([retry(1), retry(3)])
    known = cached.bounds("ai_retry")
    monkeypatch.setattr(cached.store, "bounds", lambda _: pytest.fail("asked again"))
    assert (
        cached.bounds("ai_retry") == known == (START + timedelta(days=1, hours=1), START + timedelta(days=3, hours=1))
    )


def test_a_failure_reaches_all_who_asked_and_is_not_kept(cached: CachedStore, counting: Counting) -> None:
    counting.failure = StoreUnreachable("gone")
    with pytest.raises(StoreUnreachable):
        cached.ask(DAYS)
    counting.failure = None
    assert len(cached.ask(DAYS)) == 10


def test_a_question_that_can_not_be_asked_is_refused_as_by_the_store(cached: CachedStore) -> None:
    with pytest.raises(InvalidQuestion):
        cached.ask(replace(DAYS, stop=START))


def test_memory_stays_within_its_bound_and_the_oldest_answers_go(counting: Counting) -> None:
    cached = CachedStore(counting, max_bytes=100_000)
    questions = [replace(DAYS, where=(Filter("wait_seconds", "min", (n,)),)) for n in range(40)]
    for question in questions:
        cached.ask(question)
        assert cached.state.bytes <= 100_000
    asked = counting.asked
    cached.ask(questions[-1])
    assert counting.asked == asked
    cached.ask(questions[0])
    assert counting.asked == asked + 1
    cached.ask(replace(DAYS, every=Window(1, "m"), stop=START + timedelta(days=5)))
    assert cached.state.bytes <= 100_000


@pytest.mark.parametrize("every", [None, Window(1, "d")])
def test_small_answers_count_with_what_they_really_take(counting: Counting, every: Window | None) -> None:
    cached = CachedStore(counting)
    cached.ask(replace(DAYS, every=every))
    before = cached.state.bytes
    tracemalloc.start()
    taken = tracemalloc.get_traced_memory()[0]
    for minute in range(1, 101):
        cached.ask(replace(DAYS, every=every, start=START - timedelta(minutes=minute)))
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - taken
    tracemalloc.stop()
    assert 0.5 < (cached.state.bytes - before) / taken < 2


def of_answers(snapshot: tracemalloc.Snapshot) -> int:
    """Bytes that the cache and pandas hold: threads of other tests may be at work as well."""
    found = snapshot.statistics("filename")
    return sum(one.size for one in found if {"pandas", "metricstore"} & set(Path(one.traceback[0].filename).parts))


@pytest.mark.parametrize("every", [Window(1, "d"), None], ids=str)
def test_an_answer_that_is_asked_often_takes_no_more_memory_than_one_asked_once(
    cached: CachedStore, every: Window | None
) -> None:
    """A frame would: pandas notes each copy in the axes that both share, up to 500 of them."""
    by = replace(DAYS, by=("endpoint", "platform"), every=every)
    cached.write([retry(day) for day in range(5)])
    tracemalloc.start()
    taken = []
    for times in (50, 400):  # what the first askings leave behind is no matter of their number
        for _ in range(times):
            cached.ask(by)
        gc.collect()
        taken.append(of_answers(tracemalloc.take_snapshot()))
    tracemalloc.stop()
    assert taken[1] - taken[0] < 10_000, "bytes: less than a weak reference for each asking"


def test_what_is_kept_gives_the_frame_that_the_store_gave(cached: CachedStore, counting: Counting) -> None:
    cached.write([retry(day) for day in range(5)])
    for query in (DAYS, replace(DAYS, every=None), replace(DAYS, by=("endpoint",)), replace(DAYS, compare="previous"),
                  replace(DAYS, by=("platform",), where=(Filter("endpoint", "any", ("nowhere",)),))):  # fmt: skip
        cached.ask(query)
        pd.testing.assert_frame_equal(cached.ask(query), counting.ask(query), check_exact=True)


def test_values_are_kept_too_and_everything_else_goes_through(cached: CachedStore, counting: Counting) -> None:
    cached.write([Point("ai_retry", 10**18, {"endpoint": "/v1"}, {"wait_seconds": 1.0})])
    span = (datetime(2001, 1, 1, tzinfo=UTC), datetime(2010, 1, 1, tzinfo=UTC))
    cached.values("ai_retry", "endpoint", *span).append("mine")
    assert cached.values("ai_retry", "endpoint", *span) == ["/v1"]
    assert cached.bounds("ai_retry") == counting.bounds("ai_retry")
    assert cached.revision("ai_retry") == counting.revision("ai_retry")
    assert cached.info() == counting.info()


def test_how_many_records_there_are_follows_from_days_that_are_known(cached: CachedStore, counting: Counting) -> None:
    cached.write([retry(day) for day in range(10)])
    cached.ask(DAYS)
    asked = counting.asked
    records = RecordQuery("ai_retry", DAYS.start, DAYS.stop, limit=3)
    for start in (DAYS.start, DAYS.start + timedelta(days=2)):
        page = cached.records(replace(records, start=start), count=True)
        assert (len(page.frame), page.total) == (3, counting.records(replace(records, start=start), count=True).total)
    assert counting.asked == asked
    assert cached.records(records).total is None
    searched = replace(records, where=(Filter("endpoint", "contains", ("nowhere",)),))
    assert cached.records(searched, count=True).total == 0
    with pytest.raises(InvalidQuestion):
        cached.records(replace(records, limit=0), count=True)


def test_a_page_that_was_searched_for_keeps_the_number_it_came_with(
    cached: CachedStore, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting all of it would take as long as the search, which ended because nobody waits longer."""
    page = Page(pd.DataFrame({"time": []}), "more", 7, START)
    monkeypatch.setattr(counting, "records", lambda query, count=False: page)
    found = cached.records(RecordQuery("ai_retry", DAYS.start, DAYS.stop, limit=3), count=True)
    assert (found.total, counting.asked) == (7, 0)


def test_answers_of_earlier_revisions_make_room_for_those_of_later_ones(cached: CachedStore) -> None:
    for day in range(8):
        cached.write([retry(day)])
        for query in (DAYS, replace(DAYS, every=None), replace(DAYS, compare="previous")):
            cached.ask(query)
        cached.ask(replace(DAYS, start=DAYS.start + timedelta(days=3)))
    assert cached.state.entries <= 7, "with the values of days, from which others are made"


def test_windows_that_nobody_said_had_changed_are_asked_anew_now_and_then(
    cached: CachedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server drops what its own retention ends, and other programs write to it."""
    cached.write([retry(1), retry(3)])
    cached.ask(DAYS)
    monkeypatch.setattr(cached.store, "_changed", lambda _: None)
    cached.delete([retry(1)])
    monkeypatch.undo()
    cached.write([retry(5)])
    assert cached.ask(DAYS)["value"].sum() == 3
    monkeypatch.setattr(known_parts, "WHOLE_SECONDS", 0.0)
    cached.write([retry(6)])
    assert cached.ask(DAYS)["value"].sum() == 3, "of days 3, 5 and 6"


def test_a_question_that_lies_within_a_kept_one_is_not_asked(cached: CachedStore, counting: Counting) -> None:
    cached.write([retry(day) for day in range(10)])
    cached.ask(DAYS)
    asked = counting.asked
    within = replace(DAYS, start=DAYS.start + timedelta(days=2), stop=DAYS.stop - timedelta(days=3))
    assert cached.ask(within).equals(counting.ask(within))
    assert counting.asked == asked + 1, "by the test itself"


def test_what_is_compared_is_put_together_from_what_is_known(cached: CachedStore, counting: Counting) -> None:
    query = replace(DAYS, start=DAYS.start + timedelta(days=5), compare="previous")
    cached.write([retry(day) for day in range(-3, 10)])
    cached.ask(query)
    cached.write([retry(9)])
    asked = counting.asked
    assert cached.ask(query).equals(DuckStore.ask_all(counting, [query])[0].frame())
    assert counting.asked == asked + 1, "for one day"


def test_days_that_were_asked_anew_serve_later_questions(cached: CachedStore, counting: Counting) -> None:
    cached.write([retry(day) for day in range(10)])
    cached.ask(replace(DAYS, every=None, start=START - timedelta(days=1)))
    cached.ask(replace(DAYS, every=Window(1, "mo")))
    for key, kept in cached._kept._entries.items():
        cached._kept._entries[key] = replace(kept, since=kept.since - known_parts.WHOLE_SECONDS)
    asked = counting.asked
    for every in (None, Window(1, "w")):
        assert cached.ask(replace(DAYS, every=every))["value"].sum() == 10
    assert counting.asked == asked + 1, "the days, once"


class Exact(Counting):
    """A store that never estimates, which says how many windows it was asked for."""

    estimates = False

    def __init__(self) -> None:
        super().__init__()
        self.windows = 0

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        found = super().ask_all(queries)
        self.windows += sum(map(len, found))
        return found


@pytest.mark.parametrize("wrapped", [False, True])
def test_windows_of_percentiles_are_put_together_where_they_are_never_estimates(
    wrapped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = Exact()
    guarded = GuardedStore(exact) if wrapped else exact
    cached = CachedStore(guarded)
    cached.write([retry(day) for day in range(60)])
    asked = Query("ai_retry", "p95", START, START + timedelta(days=50), "wait_seconds", Window(1, "d"))
    cached.ask(asked)
    longer = replace(asked, stop=START + timedelta(days=55))
    before = exact.windows
    assert cached.ask(longer)["value"].tolist() == [1.0] * 55
    assert exact.windows - before == 5
    exact.estimates = True
    monkeypatch.setattr(exact, "keeps_rollups", lambda _: True)
    anew = CachedStore(guarded)
    anew.ask(asked)
    before = exact.windows
    anew.ask(longer)
    assert exact.windows - before == 55, "an estimate beside an exact window would be two kinds in one chart"
    guarded.close()

"""Nobody waits long for a store that hangs, and a slow one that lives is waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from metricstore import circuit as circuits
from metricstore.caching import CachedStore
from metricstore.circuit import Circuit
from metricstore.errors import InvalidQuestion, StoreDenied, StoreUnreachable
from metricstore.evaluation import evaluate
from metricstore.grid import Grid
from metricstore.guarded import GuardedStore
from metricstore.metrics import metric
from metricstore.point import Point, WriteResult
from metricstore.query import Query, RecordQuery
from metricstore.selection import Selection
from metricstore.spelling import Spelling
from metricstore.store import Page, StoreInfo

START, STOP = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
COUNT = Query("generation", "count", START, STOP)
RECORDS = RecordQuery("generation", START, STOP)


class Fake:
    """A store that can be frozen, as by SIGSTOP: whatever is asked waits for the thaw."""

    def __init__(self) -> None:
        self.thawed = threading.Event()
        self.thawed.set()
        self.lives = threading.Event()
        """Unset: pings are not answered either."""
        self.lives.set()
        self.ping_error: Exception | None = None
        self.begun = self.pinged = 0

    def freeze(self) -> None:
        self.thawed.clear()
        self.lives.clear()

    def thaw(self) -> None:
        self.thawed.set()
        self.lives.set()

    def _asked(self) -> None:
        self.begun += 1
        assert self.thawed.wait(30)

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0].frame()

    def ask_all(self, queries: Any) -> list[Grid]:
        self._asked()
        return [Grid((), [()], np.zeros(1, dtype=np.int64), {"value": np.ones(1)}) for _ in queries]

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        self._asked()
        return Page(pd.DataFrame(), None, 0)

    def stream(self, query: RecordQuery) -> Iterator[pd.DataFrame]:
        self._asked()
        return iter([pd.DataFrame(), pd.DataFrame()])

    def lines(self, query: RecordQuery, spelling: Spelling) -> Iterator[Any]:
        self._asked()
        return iter(["a line"])

    def values(self, *_: object) -> list[str]:
        self._asked()
        return ["ok"]

    def bounds(self, measurement: str, timezone: str = "UTC") -> None:
        self._asked()

    def revision(self, measurement: str) -> str:
        self._asked()
        return "1"

    def info(self) -> StoreInfo:
        self._asked()
        return StoreInfo("fake", "1", "here")

    def write(self, points: Any) -> WriteResult:
        self._asked()
        return WriteResult(len(list(points)), ())

    def delete(self, points: Any) -> None:
        self._asked()

    def delete_range(self, *_: object) -> None:
        self._asked()

    def ping(self) -> None:
        self.pinged += 1
        if self.ping_error is not None:
            raise self.ping_error
        assert self.lives.wait(30)

    def close(self) -> None:
        self.thaw()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """All times a quarter: less, and a busy machine looks like a store that hangs."""
    for name in ("SLOW_SECONDS", "PATIENCE_SECONDS", "EVERY_SECONDS", "LOST_SECONDS"):
        monkeypatch.setattr(circuits, name, getattr(circuits, name) / 4)


@pytest.fixture
def fake() -> Iterator[Fake]:
    store = Fake()
    yield store
    store.thaw()


def named(fake: Fake, threads: int = circuits.THREADS) -> GuardedStore:
    """Its threads can be told from those of other stores, which tests that run before may have left open."""
    return GuardedStore(fake, circuit=Circuit(fake.ping, threads, name="frozen"))


def threads_of(kind: str) -> int:
    return sum(thread.name.startswith(f"frozen-{kind}") for thread in threading.enumerate())


@pytest.fixture
def guarded(fake: Fake) -> Iterator[GuardedStore]:
    store = named(fake)
    yield store
    store.close()


QUESTIONS: dict[str, Callable[[Any], object]] = {
    "ask": lambda store: store.ask(COUNT),
    "ask_all": lambda store: store.ask_all([COUNT, COUNT]),
    "records": lambda store: store.records(RECORDS),
    "values": lambda store: store.values("generation", "platform", START, STOP),
    "bounds": lambda store: store.bounds("generation"),
    "revision": lambda store: store.revision("generation"),
    "info": lambda store: store.info(),
    "stream": lambda store: list(store.stream(RECORDS)),
    "lines": lambda store: list(store.lines(RECORDS, Spelling())),
    "evaluate": lambda store: evaluate(store, metric("generations"), Selection()),
    "through the cache": lambda store: CachedStore(store).ask(COUNT),
}


def until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("kind", [kind for kind in QUESTIONS if kind != "evaluate"])
def test_questions_are_answered_as_before(guarded: GuardedStore, fake: Fake, kind: str) -> None:
    plain, through = QUESTIONS[kind](fake), QUESTIONS[kind](guarded)
    assert type(plain) is type(through)
    assert fake.pinged == 0


@pytest.mark.parametrize("kind", QUESTIONS)
def test_whatever_is_asked_of_a_store_that_hangs_is_given_up(guarded: GuardedStore, fake: Fake, kind: str) -> None:
    fake.freeze()
    with pytest.raises(StoreUnreachable, match="no answer since"):
        QUESTIONS[kind](guarded)
    begun = fake.begun
    for _ in range(3):
        with pytest.raises(StoreUnreachable):
            QUESTIONS[kind](guarded)
    assert fake.begun == begun, "an open circuit asks nothing"


def test_the_first_ping_that_is_answered_closes_the_circuit(guarded: GuardedStore, fake: Fake) -> None:
    fake.freeze()
    with pytest.raises(StoreUnreachable):
        guarded.ask(COUNT)
    assert guarded.circuit.silent_since is not None
    fake.thaw()
    until(lambda: guarded.circuit.silent_since is None)
    assert len(guarded.ask(COUNT)) == 1


def test_pings_end_when_all_is_well(guarded: GuardedStore, fake: Fake) -> None:
    fake.freeze()
    with pytest.raises(StoreUnreachable):
        guarded.ask(COUNT)
    fake.thaw()
    until(lambda: threads_of("watch") == 0)
    pinged = fake.pinged
    guarded.ask(COUNT)
    assert fake.pinged == pinged


def test_a_slow_question_to_a_store_that_lives_is_not_cut(guarded: GuardedStore, fake: Fake) -> None:
    fake.thawed.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(guarded.ask, COUNT)
        until(lambda: fake.pinged >= 4)
        assert not slow.done()
        fake.thawed.set()
        assert len(slow.result(5)) == 1


def test_answers_to_others_are_a_sign_of_life_where_a_ping_is_late(guarded: GuardedStore, fake: Fake) -> None:
    fake.thawed.clear()
    fake.lives.clear()
    quick = threading.Event()

    def others() -> None:
        while not quick.is_set():
            guarded.circuit.ask(lambda: None)
            time.sleep(0.01)

    with ThreadPoolExecutor(2) as pool:
        other, slow = pool.submit(others), pool.submit(guarded.ask, COUNT)
        until(lambda: fake.pinged >= 2)
        fake.thaw()
        assert len(slow.result(5)) == 1
        quick.set()
        other.result(5)


def test_a_ping_that_is_refused_shows_that_somebody_is_there(guarded: GuardedStore, fake: Fake) -> None:
    fake.ping_error = StoreDenied("wrong token")
    fake.thawed.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(guarded.ask, COUNT)
        until(lambda: fake.pinged >= 2)
        fake.thawed.set()
        slow.result(5)


def test_a_ping_that_reaches_nobody_opens_the_circuit(guarded: GuardedStore, fake: Fake) -> None:
    fake.ping_error = StoreUnreachable("connection refused")
    fake.thawed.clear()
    with pytest.raises(StoreUnreachable, match="no answer since"):
        guarded.ask(COUNT)
    fake.ping_error = None
    until(lambda: guarded.circuit.silent_since is None)


def test_a_ping_that_was_lost_long_ago_says_nothing_of_today(guarded: GuardedStore, fake: Fake) -> None:
    lost = threading.Event()

    def ping() -> None:
        fake.pinged += 1
        if fake.pinged == 1:
            lost.wait(30)
            raise StoreUnreachable("did not answer within 30 seconds")

    circuit = Circuit(ping)
    fake.thawed.clear()
    with pytest.raises(StoreUnreachable):
        circuit.ask(lambda: fake.ask(COUNT))
    until(lambda: circuit.silent_since is None)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(circuit.ask, lambda: fake.ask(COUNT))
        pinged = fake.pinged
        until(lambda: fake.pinged > pinged)
        lost.set()
        until(lambda: fake.pinged > pinged + 2)
        assert circuit.silent_since is None
        fake.thawed.set()
        slow.result(5)
    circuit.close()


def test_a_mistake_is_told_as_by_the_store_and_opens_nothing(guarded: GuardedStore) -> None:
    def mistaken() -> None:
        raise InvalidQuestion("start", "nonsense")

    with pytest.raises(InvalidQuestion):
        guarded.circuit.ask(mistaken)
    assert guarded.circuit.silent_since is None


def test_threads_do_not_pile_up_over_many_freezes(fake: Fake) -> None:
    guarded = named(fake, threads=6)

    def given_up() -> None:
        with pytest.raises(StoreUnreachable):
            guarded.ask(COUNT)

    for _ in range(3):
        fake.freeze()
        with ThreadPoolExecutor(20) as people:
            for done in [people.submit(given_up) for _ in range(20)]:
                done.result(5)
        assert threads_of("question") <= 6
        fake.lives.set()  # pings are answered, the old questions still hang
        until(lambda: guarded.circuit.silent_since is None)
    assert threads_of("ping") <= 2
    fake.thaw()
    assert len(guarded.ask(COUNT)) == 1
    guarded.close()


def test_writing_waits_as_it_always_did(guarded: GuardedStore, fake: Fake) -> None:
    fake.freeze()
    with pytest.raises(StoreUnreachable):
        guarded.ask(COUNT)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(guarded.write, [Point("generation", 1, {}, {})])
        time.sleep(0.3)
        assert not writing.done()
        fake.thaw()
        assert writing.result(5).written == 1


def test_a_revision_at_hand_is_not_asked_for(fake: Fake) -> None:
    guarded = GuardedStore(fake, lambda name: "7" if name == "post" else None)
    assert (guarded.revision("post"), fake.begun) == ("7", 0)
    assert (guarded.revision("batch"), fake.begun) == ("1", 1)
    guarded.close()


def test_a_download_that_is_given_up_is_closed_when_its_piece_comes(guarded: GuardedStore, fake: Fake) -> None:
    closed = threading.Event()

    def pieces(_: RecordQuery) -> Iterator[pd.DataFrame]:
        try:
            yield pd.DataFrame()
            fake._asked()
            yield pd.DataFrame()
        finally:
            closed.set()

    fake.stream = pieces  # type: ignore[method-assign]
    reading = guarded.stream(RECORDS)
    next(reading)
    fake.freeze()
    with pytest.raises(StoreUnreachable):
        next(reading)
    assert not closed.is_set()
    fake.thaw()
    assert closed.wait(5)


def test_leaving_a_download_closes_it(guarded: GuardedStore, fake: Fake) -> None:
    closed = threading.Event()

    def pieces(_: RecordQuery) -> Iterator[pd.DataFrame]:
        try:
            while True:
                yield pd.DataFrame()
        finally:
            closed.set()

    fake.stream = pieces  # type: ignore[method-assign]
    reading = guarded.stream(RECORDS)
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert closed.is_set()

"""The API's rate over several processes: never more than the limit, hardly less, and few writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from unittest.mock import patch

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import OperationalError

from dashapp.accounts.database import Database
from dashapp.security import allowances, respite, shared_rate
from dashapp.security.allowances import Row, take
from dashapp.security.respite import Respite
from dashapp.security.shared_rate import SharedRate

MOMENT = 1_900_000_000.0
WINDOW = int(MOMENT) // 60 * 60


class Clock:
    """Of the machine that asks."""

    now = MOMENT


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with (
        closing(Database(database_url)) as found,
        patch.object(Clock, "now", MOMENT),
        patch("dashapp.security.shared_rate.time.time", lambda: Clock.now),
    ):
        yield found


class Worker:
    """A process that answers requests, on a machine whose clock may be behind."""

    def __init__(self, database: Database, rate: str, behind: float = 0) -> None:
        self.behind = behind
        self.rate = parse(rate)
        self.storage = SharedRate(database=database, rate=rate)
        self.limiter = FixedWindowRateLimiter(self.storage)

    def ask(self, who: str = "token a", moment: float = MOMENT) -> bool:
        with patch.object(Clock, "now", moment - self.behind):
            return self.limiter.hit(self.rate, who)

    def seconds_left(self, who: str = "token a", moment: float = MOMENT) -> float:
        """Until the window ends, as the answer to a request says it."""
        with patch.object(Clock, "now", moment - self.behind):
            return self.limiter.get_window_stats(self.rate, who).reset_time - Clock.now


@pytest.mark.parametrize("workers", [1, 4, 16])
@pytest.mark.parametrize("rate", ["7/minute", "600/minute"])
def test_all_workers_together_allow_what_one_would(database: Database, workers: int, rate: str) -> None:
    crew = [Worker(database, rate) for _ in range(workers)]
    limit = crew[0].rate.amount
    allowed = sum(crew[number % workers].ask() for number in range(2 * limit))
    assert allowed == limit
    assert not any(worker.ask() for worker in crew)
    assert all(worker.ask("token b") for worker in crew[:limit]), "others are counted apart"
    stats = crew[0].limiter.get_window_stats(crew[0].rate, "token a")
    assert (stats.remaining, stats.reset_time) == (0, MOMENT // 60 * 60 + 60)


def test_what_a_worker_keeps_for_itself_is_little(database: Database) -> None:
    crew = [Worker(database, "6000/minute") for _ in range(16)]
    for worker in crew[1:]:
        assert worker.ask()
    allowed = sum(crew[0].ask() for _ in range(6_000))
    assert 0.9 * 6_000 < allowed + 15 <= 6_000


def test_requests_hardly_cost_a_write_and_refused_ones_none(database: Database) -> None:
    worker = Worker(database, "6000/minute")
    with patch.object(shared_rate, "take", side_effect=take) as written:
        assert all(worker.ask() for _ in range(3_000))
        assert written.call_count < 3_000 / 15
        while worker.ask():
            pass
        before = written.call_count
        assert not any(worker.ask() for _ in range(100))
        assert written.call_count == before


def test_a_new_window_begins_anew_for_all(database: Database) -> None:
    crew = [Worker(database, "3/minute") for _ in range(2)]
    assert [crew[number % 2].ask() for number in range(4)] == [True, True, True, False]
    assert [crew[number % 2].ask(moment=MOMENT + 60) for number in range(4)] == [True, True, True, False]


@pytest.mark.parametrize("behind", [1, 30, 59, 600, 30 * 86_400])
def test_a_machine_whose_clock_is_behind_counts_in_the_newest_window(database: Database, behind: float) -> None:
    right, late = Worker(database, "60/minute"), Worker(database, "60/minute", behind)
    with patch.object(shared_rate, "_AGAIN_SECONDS", 0):
        assert sum((right, late)[number % 2].ask() for number in range(120)) == 60
        assert 0 < late.seconds_left() <= 60
        assert not late.ask()
        later = WINDOW + 61
        assert right.ask(moment=later) and late.ask(moment=later), "the next window has begun"


def test_a_machine_whose_clock_is_behind_allows_again_though_no_other_is_asked(database: Database) -> None:
    right, late = Worker(database, "3/minute"), Worker(database, "3/minute", behind=3_600)
    assert right.ask()
    assert [late.ask() for _ in range(3)] == [True, True, False]
    assert late.ask(moment=MOMENT + 61)


def test_a_clock_that_is_set_back_refuses_nobody_for_longer_than_a_window(database: Database) -> None:
    worker = Worker(database, "3/minute")
    assert [worker.ask() for _ in range(4)] == [True, True, True, False]
    worker.behind = 3_600
    with patch.object(shared_rate, "_AGAIN_SECONDS", 0):
        assert not worker.ask()
        assert worker.ask(moment=MOMENT + 61)


def test_what_is_taken_at_the_edge_of_a_window_counts_in_the_new_one(database: Database) -> None:
    Worker(database, "3/minute")
    assert take(database, "ann", WINDOW, 1, 3, 60) == Row(WINDOW, 1)
    assert take(database, "ann", WINDOW - 60, 1, 3, 60) == Row(WINDOW, 2)
    assert take(database, "ann", WINDOW - 60, 2, 3, 60) == Row(WINDOW, None)
    assert take(database, "ann", WINDOW + 60, 3, 3, 60) == Row(WINDOW + 60, 3)


def test_two_that_count_somebody_first_count_both(database: Database) -> None:
    Worker(database, "3/minute")
    first = allowances._first

    def slower(*asked: object) -> bool:
        assert first(*asked)  # type: ignore[arg-type]
        return first(*asked)  # type: ignore[arg-type]

    with patch.object(allowances, "_first", slower):
        assert take(database, "ann", WINDOW, 1, 3, 60) == Row(WINDOW, 2)


def test_others_do_not_wait_while_somebody_s_allowance_is_asked_for(database: Database) -> None:
    worker = Worker(database, "3/minute")
    asking, gate = threading.Event(), threading.Event()

    def slow(*asked: object) -> Row:
        asking.set()
        assert gate.wait(30)
        return take(*asked)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as pool:
        with patch.object(shared_rate, "take", slow):
            waiting = pool.submit(worker.ask, "token a")
            assert asking.wait(30)
        try:
            assert worker.ask("token b")
            assert not waiting.done()
        finally:
            gate.set()
        assert waiting.result(30)


def test_while_the_database_is_away_requests_pass_and_hardly_any_asks_it(database: Database) -> None:
    worker = Worker(database, "3/minute")
    with patch.object(shared_rate, "_AGAIN_SECONDS", 0):
        assert [worker.ask() for _ in range(4)] == [True, True, True, False]
    with (
        patch.object(respite, "SECONDS", 3_600),
        patch.object(shared_rate, "take", side_effect=OperationalError("", {}, Exception("away"))) as asked,
    ):
        with pytest.raises(OperationalError):
            worker.ask("token b")
        assert all(worker.ask(f"token {number}") for number in range(100))
        assert not worker.ask(), "what is known to be used up is refused"
        assert asked.call_count == 1
    worker = Worker(database, "3/minute")
    assert [worker.ask("token b") for _ in range(4)] == [True, True, True, False]


def test_after_a_respite_one_asks_and_the_others_when_that_went_well() -> None:
    one = Respite()
    with patch.object(respite, "SECONDS", 0):
        for _ in range(2):
            with pytest.raises(OSError, match="away"), one.watched():
                raise OSError("away")
            assert [one.over(), one.over(), one.over()] == [True, False, False]
        with one.watched():
            pass
    assert one.over() and one.over()

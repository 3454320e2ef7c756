"""The API's rate over several processes: never more than the limit, hardly less, and few writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from unittest.mock import patch

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from dashapp.accounts.database import Database
from dashapp.security import shared_rate
from dashapp.security.shared_rate import SharedRate

MOMENT = 1_900_000_000.0


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as found, patch("dashapp.security.shared_rate.time.time", lambda: MOMENT):
        yield found


class Worker:
    """A process that answers requests."""

    def __init__(self, database: Database, rate: str) -> None:
        self.rate = parse(rate)
        self.storage = SharedRate(database=database, rate=rate)
        self.limiter = FixedWindowRateLimiter(self.storage)

    def ask(self, who: str = "token a") -> bool:
        return self.limiter.hit(self.rate, who)


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
    with patch.object(shared_rate.SharedRate, "_added", autospec=True, side_effect=SharedRate._added) as written:
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
    with patch("dashapp.security.shared_rate.time.time", lambda: MOMENT + 60):
        assert [crew[number % 2].ask() for number in range(4)] == [True, True, True, False]

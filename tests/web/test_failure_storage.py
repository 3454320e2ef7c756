"""Failed logins are counted exactly, by any number of processes, and forgotten in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from dashapp.accounts import Accounts
from dashapp.security import failure_storage
from dashapp.security.failure_storage import FAILURES, AccountsStorage

KEY = "LIMITS:LIMITER/192.0.2.7 a password typed into the wrong field/login/5/1/minute"


@pytest.fixture
def new_storage(database_url: str) -> Iterator[Callable[[], AccountsStorage]]:
    """Each call is what another process has: connections of its own."""
    opened: list[Accounts] = []

    def make() -> AccountsStorage:
        opened.append(Accounts.open(database_url))
        return AccountsStorage("accounts://", database=opened[-1].database, secret="of this test")

    yield make
    for accounts in opened:
        accounts.close()


@pytest.fixture
def storage(new_storage: Callable[[], AccountsStorage]) -> AccountsStorage:
    return new_storage()


def test_of_many_at_once_exactly_as_many_pass_as_may(new_storage: Callable[[], AccountsStorage]) -> None:
    with ThreadPoolExecutor(4) as pool:
        workers = list(pool.map(lambda _: new_storage(), range(4)))
    with ThreadPoolExecutor(16) as pool:
        passed = list(pool.map(lambda number: workers[number % 4].acquire_entry(KEY, 5, 60), range(32)))
    assert sum(passed) == 5
    assert {worker.get_moving_window(KEY, 5, 60)[1] for worker in workers} == {5}


def test_the_window_moves(storage: AccountsStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(failure_storage.time, "time", lambda: clock[0])
    assert storage.get_moving_window(KEY, 2, 60) == (1_000.0, 0)
    assert storage.acquire_entry(KEY, 2, 60)
    clock[0] = 1_030.0
    assert storage.acquire_entry(KEY, 2, 60)
    assert not storage.acquire_entry(KEY, 2, 60)
    assert storage.get_moving_window(KEY, 2, 60) == (1_000.0, 2)
    clock[0] = 1_061.0
    assert storage.get_moving_window(KEY, 2, 60) == (1_030.0, 1)
    assert storage.acquire_entry(KEY, 2, 60)
    assert not storage.acquire_entry(KEY, 2, 60)
    assert storage.acquire_entry("another key", 2, 60, amount=2)
    assert not storage.acquire_entry("a third key", 2, 60, amount=3)


def test_what_no_longer_counts_leaves_no_trace(storage: AccountsStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(failure_storage.time, "time", lambda: clock[0])
    for number in range(10):
        storage.acquire_entry(f"key {number}", 5, 60)
    clock[0] = 1_100.0
    storage.acquire_entry(KEY, 5, 60)
    with storage._database.session() as session:
        rows = session.execute(select(FAILURES)).all()
    assert len(rows) == 1
    assert "password" not in str(rows)


def test_it_counts_fixed_windows_too_and_can_forget(storage: AccountsStorage) -> None:
    assert [storage.incr(KEY, 60), storage.incr(KEY, 60, 2)] == [1, 3]
    assert storage.get(KEY) == 3
    assert storage.get_expiry(KEY) > storage.get_expiry("unknown")
    storage.incr("another", 60)
    storage.clear(KEY)
    assert (storage.get(KEY), storage.get("another")) == (0, 1)
    assert storage.reset() == 1
    assert storage.check()
    with storage._database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users RENAME TO gone")
    assert not storage.check()

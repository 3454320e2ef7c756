"""Many addresses that guess one account's password are slowed together; whoever has logged in before is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from dashapp.accounts import Accounts
from dashapp.security import account_brake, failure_storage
from dashapp.security.account_brake import LONGEST_WAIT_SECONDS, AccountBrake
from tests.web.conftest import Person


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    for module in (account_brake, failure_storage):
        monkeypatch.setattr(module, "time", found)
    return found


def at(app: Flask, address: str, name: str = "ann") -> Person:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return Person(client, name)


def test_many_addresses_are_slowed_together_and_who_logged_in_before_is_not(
    make_app: Callable[..., Flask], clock: Clock
) -> None:  # fmt: skip
    app = make_app(login_attempts=5)
    home = at(app, "198.51.100.1")
    assert home.log_in().status_code == 302
    codes = [at(app, f"203.0.113.{n}").log_in("wrong password").status_code for n in range(15)]
    assert codes == [401] * 10 + [429] * 5
    stranger = at(app, "203.0.113.99")
    refused = stranger.log_in()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert "Too many" in refused.text
    assert at(app, "198.51.100.1").log_in("wrong password").status_code == 401
    assert at(app, "198.51.100.1").log_in().status_code == 302, "not slowed by strangers"
    assert at(app, "203.0.113.99", "root").log_in().status_code == 302, "nor is another account"
    clock.now += 1
    assert stranger.log_in().status_code == 302, "a colleague at a new address waits, and is let in"
    assert at(app, "203.0.113.99").log_in().status_code == 302


def test_a_name_nobody_has_is_slowed_alike(make_app: Callable[..., Flask]) -> None:
    app = make_app(login_attempts=1)
    codes = [at(app, f"203.0.113.{n}", "nobody").log_in("wrong password").status_code for n in range(3)]
    assert codes == [401, 401, 429]


@pytest.fixture
def new_brake(database_url: str) -> Iterator[Callable[[], AccountBrake]]:
    """Each call is what another worker has."""
    opened: list[Accounts] = []

    def make() -> AccountBrake:
        opened.append(Accounts.open(database_url))
        return AccountBrake(opened[-1].database, "of this test", 2)

    yield make
    for accounts in opened:
        accounts.close()


def test_waits_grow_up_to_a_minute_and_are_forgotten(new_brake: Callable[[], AccountBrake], clock: Clock) -> None:
    workers, waits = [new_brake(), new_brake()], []
    for number in range(12):
        wait, _ = workers[number % 2].guess("Ann ", f"192.0.2.{number}")
        waits.append(wait)
        clock.now += wait
        if wait:
            assert workers[(number + 1) % 2].guess("ann", "192.0.2.77")[0] == 0
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert max(waits) == LONGEST_WAIT_SECONDS
    clock.now += 3600
    assert workers[0].guess("ann", "192.0.2.1")[0] == 0


def test_of_many_guesses_at_once_only_as_many_as_are_free_are_tried(new_brake: Callable[[], AccountBrake]) -> None:
    workers = [new_brake() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: workers[number % 4].guess("ann", f"192.0.2.{number}"), range(16)))
    assert sum(wait == 0 for wait, _ in found) == 2


def test_a_right_password_counts_for_nothing(new_brake: Callable[[], AccountBrake], clock: Clock) -> None:
    brake = new_brake()
    for number in range(6):
        wait, guess = brake.guess("ann", f"192.0.2.{number}")
        assert wait == 0
        brake.succeeded("ann", f"192.0.2.{number}", guess)
    assert brake.guess("ann", "192.0.2.3") == (0, None), "known"

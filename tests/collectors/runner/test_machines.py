"""Several machines that share a store and an accounts database, each with a data folder of its own: one collects, no checkpoint goes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import collectors.runner.right as right
import collectors.runner.service as service
import dashapp.alerts.leases as leases
from collectors.base import TemporaryFailure
from collectors.runner import Runner, RunnerBusy
from collectors.runner.checkpoints import Checkpoints, LeaseLost
from collectors.runner.retry import Backoff
from dashapp.accounts import Accounts
from dashapp.collecting.checkpoints import SharedCheckpoints, forget
from dashapp.collecting.holder import standing
from dashapp.collecting.lease import CollectingLease
from metricstore.point import Point, WriteResult
from tests.collectors.runner.troubles import LineCollector, TroubledStore, eventually

NAME = "collect tests"
SCOPE = "memory here <- "


class Frozen(CollectingLease):
    """Of a machine that can be stopped and go on later, as one whose processes get no time."""

    def __init__(self, url: str, data_dir: Path) -> None:
        super().__init__(url, NAME, data_dir)
        self.runs = threading.Event()
        self.runs.set()

    def renew(self) -> bool:
        self.runs.wait()
        return super().renew()


class Connection(TroubledStore):
    """A machine's way to the store that all share."""

    def __init__(self, points: dict[Any, Point]) -> None:
        super().__init__()
        self.points = points
        self.afterwards: Callable[[], object] = lambda: None

    def write(self, points: Iterable[Point]) -> WriteResult:
        result = super().write(points)
        self.afterwards()
        return result


class Machine:
    """A runner with its own data folder over what all machines share."""

    def __init__(self, folder: Path, points: dict[Any, Point], lines: Path, url: str) -> None:
        folder.mkdir()
        self.lease = Frozen(url, folder)
        self.store = Connection(points)
        self.collector = LineCollector(lines, per_batch=1)
        self.read: list[int] = []
        self.collector.before_batch = self._note
        self.runner = Runner([self.collector], self.store, folder, backoff=Backoff(attempts=1), lease=self.lease)  # type: ignore[list-item, arg-type]

    def _note(self, number: int) -> None:
        self.read.append(number)
        self.lease.runs.wait()


@pytest.fixture
def machines(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Machine, Machine, Path, TroubledStore]]:
    monkeypatch.setattr(leases, "HELD", timedelta(seconds=0.8))
    monkeypatch.setattr(right, "RENEW_SECONDS", 0.1)
    monkeypatch.setattr(service, "_STANDBY_SECONDS", 0.1)
    Accounts.open(database_url).close()
    lines, store = tmp_path / "lines.txt", TroubledStore()
    lines.write_text("one\ntwo\n")
    pair = [Machine(tmp_path / name, store.points, lines, database_url) for name in ("a", "b")]
    yield pair[0], pair[1], lines, store
    for machine in pair:
        machine.lease.runs.set()
        machine.runner.stop()


def append(lines: Path, text: str) -> None:
    with lines.open("a") as file:
        file.write(f"{text}\n")


def test_one_collects_and_the_next_goes_on_where_it_ended(
    machines: tuple[Machine, Machine, Path, TroubledStore],
) -> None:
    first, second, lines, store = machines
    assert first.runner.start() and not second.runner.start()
    assert eventually(lambda: store.messages() == ["one", "two"])
    assert not second.runner.active and second.runner.alive and second.read == []
    with pytest.raises(RunnerBusy, match="is already collecting for all machines"):
        second.runner.run_once()
    first.runner.stop()
    append(lines, "three")
    assert eventually(lambda: store.messages() == ["one", "two", "three"])
    assert second.read == [0], "one batch: what the first had read was not read again"


def test_a_frozen_machine_is_replaced_and_changes_nothing_when_it_wakes_up(
    machines: tuple[Machine, Machine, Path, TroubledStore],
) -> None:
    first, second, lines, store = machines
    first.runner.start()
    second.runner.start()
    assert eventually(lambda: store.messages() == ["one", "two"])
    first.lease.runs.clear()
    append(lines, "three")
    assert eventually(lambda: first.read[-1:] == [0] and len(first.read) == 3), (
        "it holds a batch that is not stored yet"
    )
    assert eventually(lambda: second.runner.active)
    append(lines, "four")
    assert eventually(lambda: store.messages() == ["one", "two", "three", "four"])
    tries = first.store.tries
    first.lease.runs.set()
    assert eventually(lambda: not first.runner.active)
    assert second.runner.active and store.messages() == ["one", "two", "three", "four"]
    assert first.runner.states()[0].last_error == "another machine has taken over collecting; it reads this again"
    assert first.store.tries <= tries + 1, "its report, and nothing that it had read"
    second.runner.stop()
    append(lines, "five")
    assert eventually(lambda: first.runner.active and store.messages()[-1] == "five")
    assert len(first.read) == 4, "it goes on from the other's checkpoint, not from its own"


def test_what_a_frozen_machine_was_storing_is_read_again(
    machines: tuple[Machine, Machine, Path, TroubledStore],
) -> None:
    first, second, lines, store = machines
    first.runner.start()
    second.runner.start()
    assert eventually(lambda: first.runner.states()[0].last_success is not None)
    first.collector.before_batch = lambda number: None
    first.store.afterwards = first.lease.runs.wait
    first.lease.runs.clear()
    append(lines, "three")
    assert eventually(lambda: second.runner.active and second.runner.states()[0].last_success is not None)
    before = len(second.read)
    first.lease.runs.set()
    assert eventually(lambda: not first.runner.active)
    second.runner.wake("lines")
    assert eventually(lambda: second.read[before:] == [0, 1, 2]), "all three lines, once more"
    assert store.messages() == ["one", "two", "three"]


def test_a_process_started_again_after_a_kill_does_not_wait_for_its_own_lease(
    tmp_path: Path, database_url: str
) -> None:
    assert CollectingLease(database_url, NAME, tmp_path).take(), "and then it is killed"
    other = tmp_path / "other"
    other.mkdir()
    assert not CollectingLease(database_url, NAME, other).take()
    again = CollectingLease(database_url, NAME, tmp_path)
    assert again.take()
    again.release()
    assert CollectingLease(database_url, NAME, other).take()


def test_without_the_database_nothing_is_collected_and_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, store = tmp_path / "lines.txt", TroubledStore()
    lines.write_text("one\n")
    lease = CollectingLease("postgresql://nobody:x@127.0.0.1:1/none", NAME, tmp_path)
    runner = Runner([LineCollector(lines)], store, tmp_path, lease=lease)  # type: ignore[list-item, arg-type]
    monkeypatch.setattr(service, "_STANDBY_SECONDS", 0.1)
    assert not runner.start() and runner.alive
    runner.stop()
    with pytest.raises(RunnerBusy):
        runner.run_once()
    with pytest.raises(TemporaryFailure, match="the accounts database"):
        lease.take()
    assert store.messages() == []


@pytest.fixture
def held(tmp_path: Path, database_url: str) -> Iterator[Callable[[str], SharedCheckpoints]]:
    """The checkpoints of a machine that takes the lease, whoever has it."""
    with closing(Accounts.open(database_url)) as accounts:

        def take(name: str) -> SharedCheckpoints:
            lease = leases.Lease(accounts.database, NAME, place="same")
            token = lease.hold(datetime.now(UTC))
            assert token is not None
            return SharedCheckpoints(tmp_path / name, SCOPE, accounts.database, lease.held_as(token))

        yield take


def test_checkpoints_of_one_machine_alone_are_shared_from_then_on(
    tmp_path: Path, held: Callable[[str], SharedCheckpoints]
) -> None:
    Checkpoints(tmp_path / "a", SCOPE).save("lines", {"line": 7, "text": "half \ud800 pair \x00"})
    Checkpoints(tmp_path / "b", SCOPE).save("lines", {"line": 3})
    Checkpoints(tmp_path / "b", SCOPE).save("gone", {"line": 1})
    assert held("a").load("lines") == {"line": 7, "text": "half \ud800 pair \x00"}
    second = held("b")
    assert second.load("lines")["line"] == 7
    assert Checkpoints(tmp_path / "b", SCOPE).load("lines")["line"] == 7, "the copy follows"
    assert Checkpoints(tmp_path / "b", SCOPE).load("gone") == {}, "so that no backup holds an old one"


def test_what_is_saved_without_the_lease_is_refused(held: Callable[[str], SharedCheckpoints]) -> None:
    first = held("a")
    first.save("lines", {"line": 1, "asked": {"day": 5}})
    second = held("b")
    second.save("lines", {"line": 2, "asked": {"day": 6}})
    for act in (lambda: first.save("lines", {"line": 9}), lambda: first.drop("lines"), first.require):
        with pytest.raises(LeaseLost):
            act()
    assert second.load("lines") == {"asked": {"day": 6, "breaker": {}}}, (
        "read again from the beginning, its budget known"
    )
    second.save("lines", {"line": 2})
    assert second.load("lines") == {"line": 2}, "once"


def test_checkpoints_of_a_store_that_is_replaced_are_forgotten(
    database_url: str, held: Callable[[str], SharedCheckpoints]
) -> None:
    first = held("a")
    first.save("lines", {"line": 1})
    with closing(Accounts.open(database_url)) as accounts:
        forget(accounts.database, "memory elsewhere")
        assert first.load("lines") == {"line": 1}
        forget(accounts.database, "memory here")
    assert first.load("lines") == {}


def test_who_looks_reads_who_collects(database_url: str) -> None:
    with closing(Accounts.open(database_url)) as accounts:
        assert standing(accounts.database, "collect ").sentence == "Nothing has been collected yet."
        lease = leases.Lease(accounts.database, NAME)
        lease.hold(datetime.now(UTC))
        found = standing(accounts.database, "collect ")
        assert found.works and found.sentence.startswith("Collected by process ")
        lease.release()
        assert "have ended" in standing(accounts.database, "collect ").sentence
        lease.hold(datetime(2026, 1, 1, tzinfo=UTC))
        assert "has not answered since 2026-01-01 00:00:00 UTC" in standing(accounts.database, "collect ").sentence

"""Several machines that share a store and an accounts database, each with a data folder of its own: one collects, no checkpoint goes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import collectors.runner.right as right
import collectors.runner.service as service
import dashapp.alerts.leases as leases
from collectors.base import TemporaryFailure
from collectors.runner import Runner, RunnerBusy
from collectors.runner.retry import Backoff
from dashapp.accounts import Accounts
from dashapp.collecting.lease import CollectingLease
from metricstore.point import Point, WriteResult
from tests.collectors.runner.troubles import LineCollector, TroubledStore, eventually

NAME = "collect tests"


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
    with pytest.raises(
        RunnerBusy, match=r"can't agree on which of them collects: the accounts database .* can't be used: "
    ) as refused:
        runner.run_once()
    assert "process" not in str(refused.value) and str(refused.value).count("accounts database") == 1
    with pytest.raises(TemporaryFailure, match="the accounts database"):
        lease.take()
    assert store.messages() == []

"""The lease by which machines agree, and the checkpoints that they share under it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

import dashapp.alerts.leases as leases
from collectors.runner.checkpoints import Checkpoints, LeaseLost
from dashapp.accounts import Accounts
from dashapp.collecting.checkpoints import SharedCheckpoints
from dashapp.collecting.holder import standing
from dashapp.collecting.lease import CollectingLease
from dashapp.collecting.place import place_of
from tests.collectors.runner.conftest import NAME, SCOPE
from tests.collectors.runner.troubles import eventually
from tests.postgres import PostgresServer


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


def test_a_copied_data_folder_does_not_take_the_lease(tmp_path: Path, database_url: str) -> None:
    first, copy = tmp_path / "first", tmp_path / "copy"
    first.mkdir()
    lease = CollectingLease(database_url, NAME, first)
    assert lease.take()
    shutil.copytree(first, copy)
    other = CollectingLease(database_url, NAME, copy)
    assert not other.take() and lease.renew()
    lease.release()
    assert other.take() and not lease.renew(), "renewing never takes"


def test_a_place_is_one_folder_on_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runner.place").write_text("0123abcd")  # as versions before wrote it
    place = place_of(tmp_path)
    assert place == place_of(tmp_path) != "0123abcd" and len(place) == 8
    monkeypatch.setattr(socket, "gethostname", lambda: "its-copy")
    assert place_of(tmp_path) not in (place, "0123abcd")
    (tmp_path / "runner.place").write_bytes(b"\xff{")
    assert len(place_of(tmp_path)) == 8


def test_machines_that_can_not_be_told_apart_take_the_lease_from_each_other_once(
    tmp_path: Path, database_url: str
) -> None:
    first, second = (CollectingLease(database_url, NAME, tmp_path) for _ in range(2))
    assert first.take() and second.take()
    for _ in range(3):
        assert not first.renew() and not first.take() and second.renew()


def test_who_freezes_while_it_saves_keeps_others_waiting_for_seconds(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_BOUNDS", leases._BOUNDS.replace("'3s'", "'200ms'").replace("'10s'", "'1s'"))
    now = datetime.now(UTC)
    with postgres.database() as url, closing(Accounts.open(url)) as accounts, closing(Accounts.open(url)) as others:
        frozen, next_one = leases.Lease(accounts.database, NAME), leases.Lease(others.database, NAME)
        assert frozen.hold(now) == 1
        with pytest.raises(SQLAlchemyError), accounts.database.connection() as connection:
            assert frozen.held_as(1).still(connection)
            assert next_one.hold(now + 2 * leases.HELD) is None, "it does not hang"
            assert eventually(lambda: next_one.hold(now + 2 * leases.HELD) == 2)
        with accounts.database.connection() as connection:
            assert not frozen.held_as(1).still(connection)


def test_who_looks_reads_who_collects(database_url: str) -> None:
    with closing(Accounts.open(database_url)) as accounts:
        assert standing(accounts.database, "collect ").sentence == "Nothing has been collected yet."
        lease = leases.Lease(accounts.database, NAME)
        lease.hold(datetime.now(UTC))
        found = standing(accounts.database, "collect ")
        assert found.works and found.sentence.startswith("Collected by process ")
        lease.release()
        assert "the last process has ended" in standing(accounts.database, "collect ").sentence
        lease.hold(datetime(2026, 1, 1, tzinfo=UTC))
        assert "has not answered since 2026-01-01 00:00:00 UTC" in standing(accounts.database, "collect ").sentence

"""The lease and the shared checkpoints of a store whose points are replaced, by a restore or a move."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import dashapp.alerts.leases as leases
from collectors.runner.checkpoints import Checkpoints, LeaseLost
from dashapp.accounts import Accounts
from dashapp.collecting import replacing
from dashapp.collecting.checkpoints import SharedCheckpoints
from tests.collectors.runner.conftest import NAME, SCOPE, STORE


def test_a_restore_takes_the_lease_and_its_checkpoints_are_what_counts(
    tmp_path: Path, database_url: str, held: Callable[[str], SharedCheckpoints]
) -> None:
    Checkpoints(tmp_path / "b", SCOPE).save("lines", {"line": 9})
    first = held("a")
    first.save("lines", {"line": 5})
    first.save("others", {"line": 5})
    with closing(Accounts.open(database_url)) as accounts:
        replacing.begin(accounts.database, "memory elsewhere")
        first.save("lines", {"line": 6})
        replacing.begin(accounts.database, STORE)
        with pytest.raises(LeaseLost):
            first.save("lines", {"line": 7})
        standby = leases.Lease(accounts.database, NAME)
        assert standby.hold(datetime.now(UTC)) is None, "until the restore has ended"
        replacing.end(accounts.database, STORE, [("", "lines", {"line": 2})])
        token = standby.hold(datetime.now(UTC))
        assert token is not None
        second = SharedCheckpoints(tmp_path / "b", SCOPE, accounts.database, standby.held_as(token))
        assert second.load("lines") == {"line": 2} and second.load("others") == {}
        with pytest.raises(LeaseLost):
            first.save("lines", {"line": 8})


def test_after_a_restore_without_checkpoints_no_copy_of_before_is_taken_over(
    tmp_path: Path, database_url: str, held: Callable[[str], SharedCheckpoints]
) -> None:
    other = f"{STORE} <- /another/project"
    for scope in (SCOPE, other):
        Checkpoints(tmp_path / "b", scope).save("lines", {"line": 9})
    with closing(Accounts.open(database_url)) as accounts:
        for _ in range(2):
            replacing.begin(accounts.database, STORE)
            replacing.end(accounts.database, STORE, [])
        assert held("b").load("lines") == {}
        lease = leases.Lease(accounts.database, f"{NAME} of another project")
        token = lease.hold(datetime.now(UTC))
        assert token is not None
        assert SharedCheckpoints(tmp_path / "b", other, accounts.database, lease.held_as(token)).load("lines") == {}
    assert Checkpoints(tmp_path / "b", SCOPE).load("lines") == {}, "so that no backup holds it"

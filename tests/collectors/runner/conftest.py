"""A machine that shares its checkpoints with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import dashapp.alerts.leases as leases
from dashapp.accounts import Accounts
from dashapp.collecting.agreement import prefix_of
from dashapp.collecting.checkpoints import SharedCheckpoints

STORE = "memory here"
NAME = f"{prefix_of(STORE)}tests"
SCOPE = f"{STORE} <- "


@pytest.fixture
def held(tmp_path: Path, database_url: str) -> Iterator[Callable[[str], SharedCheckpoints]]:
    """The checkpoints of a machine that takes the lease, whoever has it."""
    with closing(Accounts.open(database_url)) as accounts:

        def take(name: str) -> SharedCheckpoints:
            lease = leases.Lease(accounts.database, NAME, place="same")
            token = lease.hold(datetime.now(UTC), inherit=True)
            assert token is not None
            return SharedCheckpoints(tmp_path / name, SCOPE, accounts.database, lease.held_as(token))

        yield take

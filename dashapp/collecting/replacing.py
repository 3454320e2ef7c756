"""The points of a store are replaced, by a restore or a move: on no machine may a checkpoint of before count for those that come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from collectors.base import Checkpoint
from dashapp.accounts.database import Database
from dashapp.alerts.leases import withdraw
from dashapp.collecting.agreement import prefix_of
from dashapp.collecting.asking import clock
from dashapp.collecting.checkpoints import TABLES, replace_all

PATIENCE = timedelta(minutes=5)
"""How long a restore or a move that died keeps machines from collecting."""


def begin(database: Database, store: str) -> None:
    """Whoever collects into the store (kind and location) loses the lease, and for PATIENCE nobody gets it. Shared checkpoints are forgotten."""
    _replace(database, store, (), PATIENCE)


def end(database: Database, store: str, kept: Iterable[tuple[str, str, Checkpoint]]) -> None:
    """Whoever collects next goes on from `kept`: what was read, collector, checkpoint. What others have begun since `begin` is refused."""
    _replace(database, store, kept, None)


def _replace(
    database: Database, store: str, kept: Iterable[tuple[str, str, Checkpoint]], patience: timedelta | None
) -> None:
    """Leases and checkpoints in one transaction: there is no moment at which an earlier holder can save."""
    database.ensure(TABLES)
    until = clock(database) + patience if patience is not None else None
    with database.connection() as connection:
        withdraw(connection, prefix_of(store), until)
        replace_all(connection, store, kept)

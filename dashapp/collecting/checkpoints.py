"""Checkpoints that all machines share: in the accounts database, with a copy in the data folder.

A machine that takes over goes on where the one before has stopped; were it to go on from a checkpoint of its own, older one, points that
were moved meanwhile would stay at two times. What a machine saves that has lost its lease is refused. The copy is for backups, for `dashapp
doctor`, and for a machine that is used alone again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, Text, delete, insert, select

from collectors.base import Checkpoint
from collectors.runner.checkpoints import Checkpoints, LeaseLost, budget_in
from dashapp.accounts.database import Database
from dashapp.alerts.leases import Held
from dashapp.collecting.asking import answering

log = logging.getLogger(__name__)

TABLES = MetaData()
KEPT = Table(
    "collector_checkpoints", TABLES,
    Column("folder", String(16), primary_key=True),
    Column("name", String(96), primary_key=True),
    Column("scope", Text, nullable=False),
    Column("saved", String(32), nullable=False),
    Column("text", Text, nullable=False),
)  # fmt: skip
"""A row for each file of a checkpoint, and one for each store whose points were replaced by a restore or a move. May be dropped at any time: the
copy of whoever collects next is then what counts."""
_REPLACED = "replaced"
_ROOTS = " <- "
"""Between the store and what is read, in a scope."""
_AGAIN = "again-"
"""Before the name of a collector that is to read everything again."""


class SharedCheckpoints(Checkpoints):
    """`held`: the lease as it was taken. TemporaryFailure where the database does not answer."""

    def __init__(self, data_dir: Path, scope: str, database: Database, held: Held) -> None:
        super().__init__(data_dir, scope)
        self._database, self._held = database, held
        with answering():
            database.ensure(TABLES)
            self._agree()

    def require(self) -> None:
        with self._fenced():
            pass

    def load(self, name: str) -> Checkpoint:
        with answering(), self._database.connection() as connection:
            kept = {row.name: json.loads(row.text) for row in self._rows(connection, (name, _AGAIN + name))}
        found: Checkpoint = kept.get(name, {})
        if _AGAIN + name not in kept:
            return found
        log.warning(
            "%s is read again from the beginning: what another machine wrote late may have replaced newer values", name
        )
        budget = budget_in(found)
        with self._fenced() as connection:
            self._remove(connection, (name, _AGAIN + name))
            if budget:
                self._put(connection, name, budget, _now())
        super().drop(name)
        return budget

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        saved = _now()
        try:
            with self._fenced() as connection:
                self._put(connection, name, checkpoint, saved)
        except LeaseLost:
            self._mark(name)
            raise
        self._keep(name, checkpoint, saved)

    def drop(self, name: str) -> None:
        with self._fenced() as connection:
            self._remove(connection, (name,))
        super().drop(name)

    def _mark(self, name: str) -> None:
        """What this machine has just stored is older than what the other one may have stored meanwhile."""
        with answering(), self._database.connection() as connection:
            self._put(connection, _AGAIN + name, {}, _now())

    def _agree(self) -> None:
        """The folder holds what the database does; where that has nothing yet, the database what the folder does, unless that speaks of points that
        were replaced."""
        store = self._scope.partition(_ROOTS)[0]
        with self._database.connection() as connection:
            rows = [row for row in self._rows(connection) if not row.name.startswith(_AGAIN)]
            replaced = connection.execute(select(KEPT).where(KEPT.c.folder == _folder(store))).first() is not None
        copies = {path.stem: path for path in self.folder.glob("*.json")}
        if not rows and not replaced:
            for name in copies:
                self.save(name, super().load(name))
            return
        for name in copies.keys() - {row.name for row in rows}:
            super().drop(name)
        for row in rows:
            self._keep(row.name, json.loads(row.text), row.saved)
            moment = datetime.fromisoformat(row.saved).timestamp()
            os.utime(self._path(row.name), (moment, moment))

    @contextmanager
    def _fenced(self) -> Iterator[Connection]:
        """A transaction which fails where another machine has taken over, and which none can take over in."""
        with answering(), self._database.connection() as connection:
            if not self._held.still(connection):
                raise LeaseLost("another machine has taken over collecting; it reads this again")
            yield connection

    def _rows(self, connection: Connection, names: Sequence[str] | None = None) -> Sequence[Any]:
        found = select(KEPT).where(KEPT.c.folder == self.folder.name)
        return connection.execute(found if names is None else found.where(KEPT.c.name.in_(names))).all()

    def _put(self, connection: Connection, name: str, checkpoint: Checkpoint, saved: str) -> None:
        self._remove(connection, (name,))
        connection.execute(insert(KEPT).values(_row(self._scope, name, checkpoint, saved)))

    def _remove(self, connection: Connection, names: Sequence[str]) -> None:
        connection.execute(delete(KEPT).where(KEPT.c.folder == self.folder.name, KEPT.c.name.in_(names)))


def replace_all(connection: Connection, store: str, kept: Iterable[tuple[str, str, Checkpoint]]) -> None:
    """Those of a store (kind and location), whose points are replaced: `kept` (what was read, collector, checkpoint) take their place. Copies in
    data folders are of before, and count no longer. The table has to be there (`TABLES`)."""
    now = _now()
    of_store = KEPT.c.scope.startswith(f"{store}{_ROOTS}", autoescape=True) | (KEPT.c.folder == _folder(store))
    connection.execute(delete(KEPT).where(of_store))
    connection.execute(insert(KEPT).values(_row(store, _REPLACED, {}, now)))
    for roots, name, checkpoint in kept:
        connection.execute(insert(KEPT).values(_row(f"{store}{_ROOTS}{roots}", name, checkpoint, now)))


def _row(scope: str, name: str, checkpoint: Checkpoint, saved: str) -> dict[str, str]:
    text = json.dumps(dict(checkpoint))
    return {"folder": _folder(scope), "name": name, "scope": scope, "saved": saved, "text": text}


def _folder(scope: str) -> str:
    """As `Checkpoints` names it."""
    return Checkpoints(Path(), scope).folder.name


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

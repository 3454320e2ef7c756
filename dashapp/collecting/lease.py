"""The lease by which one of several machines collects, for `collectors.runner`."""

from __future__ import annotations

from pathlib import Path

from collectors.runner.checkpoints import Checkpoints
from dashapp.accounts import Accounts
from dashapp.accounts.database import Database
from dashapp.alerts.leases import Lease
from dashapp.collecting.asking import answering, clock
from dashapp.collecting.checkpoints import SharedCheckpoints
from dashapp.collecting.holder import holder_of
from dashapp.collecting.place import place_of


class CollectingLease:
    """Safe to use from several threads. `url` is the accounts database's; it is opened when it is first needed, and brought up to date."""

    def __init__(self, url: str, name: str, data_dir: Path) -> None:
        self._url, self._name, self._data_dir = url, name, data_dir
        self._opened: tuple[Database, Lease] | None = None
        self._token = 0

    def take(self) -> bool:
        """The first time a process does, its data folder's lock is held, so whoever held the lease from it is dead. Later that is not believed: two
        machines that can't be told apart, as one is a copy of the other, would take it from each other for ever."""
        with answering():
            database, lease = self._open()
            token = lease.hold(clock(database), inherit=not self._token)
        if token is not None:
            self._token = token
        return token is not None

    def renew(self) -> bool:
        with answering():
            database, lease = self._open()
            return lease.renew(self._token, clock(database))

    def release(self) -> None:
        with answering():
            self._open()[1].release()

    def owner(self) -> str:
        with answering():
            holder = holder_of(self._open()[0], self._name)
        return holder.words if holder is not None else "another machine"

    def checkpoints(self, data_dir: Path, scope: str) -> Checkpoints:
        with answering():
            database, lease = self._open()
        return SharedCheckpoints(data_dir, scope, database, lease.held_as(self._token))

    def _open(self) -> tuple[Database, Lease]:
        if self._opened is None:
            database = Accounts.open(self._url).database
            self._opened = database, Lease(database, self._name, place_of(self._data_dir))
        return self._opened

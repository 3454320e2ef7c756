"""The lease by which one of several machines collects, for `collectors.runner`."""

from __future__ import annotations

import secrets
from pathlib import Path

from collectors.runner.checkpoints import Checkpoints
from dashapp.accounts import Accounts
from dashapp.accounts.database import Database
from dashapp.alerts.leases import Lease
from dashapp.collecting.asking import answering, clock
from dashapp.collecting.checkpoints import SharedCheckpoints
from dashapp.collecting.holder import holder_of

_PLACE = "runner.place"


class CollectingLease:
    """Safe to use from several threads. `url` is the accounts database's; it is opened when it is first needed, and brought up to date."""

    def __init__(self, url: str, name: str, data_dir: Path) -> None:
        self._url, self._name, self._data_dir = url, name, data_dir
        self._opened: tuple[Database, Lease] | None = None
        self._token = 0

    def take(self) -> bool:
        token = self._hold()
        self._token = token or 0
        return token is not None

    def renew(self) -> bool:
        return self._hold() == self._token

    def _hold(self) -> int | None:
        with answering():
            database, lease = self._open()
            return lease.hold(clock(database))

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
            self._opened = database, Lease(database, self._name, place=self._place())
        return self._opened

    def _place(self) -> str:
        """What the data folder is known by. Its lock is held here, so whoever held the lease from it is dead."""
        path = self._data_dir / _PLACE
        try:
            return path.read_text()[:8]
        except FileNotFoundError:
            path.write_text(secrets.token_hex(4))
            return path.read_text()[:8]

"""Who does what only one process may do: whoever wrote its name into the accounts database last, for a while."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from dashapp.accounts.alert_rows import LeaseRow, table_of
from dashapp.accounts.database import Database
from dashapp.alerts.times import precise

HELD = timedelta(seconds=30)
"""How long a process that died or hangs keeps others waiting."""
_T = table_of(LeaseRow)


@dataclass(frozen=True)
class Held:
    """A lease as one process took it."""

    name: str
    holder: str
    token: int

    def still(self, connection: Connection) -> bool:
        """Whether nobody else has taken it, which nobody then can before the transaction of `connection` ends."""
        mine = (_T.c.name == self.name, _T.c.holder == self.holder, _T.c.token == self.token)
        return connection.execute(update(_T).where(*mine).values(token=self.token)).rowcount == 1


class Lease:
    """`hold` takes or renews it. The token it gives grows with each new holder: a write that carries an older one is refused,
    so a holder that slept through the end of its lease does no harm.

    `place` is something that only one living process has at a time: whoever held the lease with the same one is dead, and is not waited for.
    """

    def __init__(self, database: Database, name: str, place: str = "") -> None:
        self._database = database
        self._name = name
        self._place = f"-{place}-" if place else ""
        self._holder = f"{socket.gethostname()[:30]}-{os.getpid()}{self._place or '-'}{secrets.token_hex(4)}"

    def hold(self, now: datetime) -> int | None:
        """The token while this process holds it; None while another does."""
        with self._database.connection() as connection:
            row = connection.execute(select(_T).where(_T.c.name == self._name)).one_or_none()
        if row is None:
            return self._first(now)
        mine = row.holder == self._holder
        if not (mine or row.until <= precise(now) or (self._place and self._place in row.holder)):
            return None
        token = int(row.token) if mine else int(row.token) + 1
        with self._database.connection() as connection:
            taken = connection.execute(
                update(_T)
                .where(_T.c.name == self._name, _T.c.holder == row.holder, _T.c.until == row.until)
                .values(holder=self._holder, until=precise(now + HELD), token=token)
            )
            return token if taken.rowcount == 1 else None

    def _first(self, now: datetime) -> int | None:
        try:
            with self._database.connection() as connection:
                connection.execute(
                    insert(_T).values(name=self._name, holder=self._holder, until=precise(now + HELD), token=1)
                )
            return 1
        except IntegrityError:
            return None

    def held_as(self, token: int) -> Held:
        return Held(self._name, self._holder, token)

    def release(self) -> None:
        """Others need not wait for its end."""
        with self._database.connection() as connection:
            connection.execute(update(_T).where(_T.c.name == self._name, _T.c.holder == self._holder).values(until=""))


def held_until(database: Database, name: str) -> datetime | None:
    """When it ends unless it is renewed; None when nobody ever held it, or it was given back."""
    with database.connection() as connection:
        until = connection.execute(select(_T.c.until).where(_T.c.name == name)).scalar()
    return datetime.fromisoformat(until) if until else None


def held(database: Database, name: str, now: datetime) -> bool:
    """Whether any process holds it."""
    until = held_until(database, name)
    return until is not None and until > now

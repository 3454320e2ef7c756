"""Who does what only one process may do: whoever wrote its name into the accounts database last, for a while."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from dashapp.accounts.alert_rows import LeaseRow, table_of
from dashapp.accounts.database import Database
from dashapp.alerts.times import precise

HELD = timedelta(seconds=30)
"""How long a process that died or hangs keeps others waiting."""
_T = table_of(LeaseRow)


class Lease:
    """`hold` takes or renews it. The token it gives grows with each new holder: a write that carries an older one is refused,
    so a holder that slept through the end of its lease does no harm."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._holder = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"

    def hold(self, now: datetime) -> int | None:
        """The token while this process holds it; None while another does."""
        with self._database.connection() as connection:
            row = connection.execute(select(_T).where(_T.c.name == self._name)).one_or_none()
        if row is None:
            return self._first(now)
        mine = row.holder == self._holder
        if not mine and row.until > precise(now):
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

"""Who does what only one process may do: whoever wrote its name into the accounts database last, for a while."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from dashapp.accounts.alert_rows import LeaseRow, table_of
from dashapp.accounts.database import Database
from dashapp.alerts.times import precise

HELD = timedelta(seconds=30)
"""How long a process that died or hangs keeps others waiting."""
_T = table_of(LeaseRow)
_BOUNDS = (
    "SELECT set_config('lock_timeout', '3s', true), set_config('idle_in_transaction_session_timeout', '10s', true)"
)
_LOCKED = "55P03"
"""PostgreSQL's code where a row could not be had within `lock_timeout`."""


def bound(connection: Connection) -> None:
    """For the rest of its transaction, before it writes a lease. Who is frozen or loses power in the middle holds the row's lock: PostgreSQL ends
    such a transaction after ten seconds. Waiting for the row ends after three."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_BOUNDS))


@dataclass(frozen=True)
class Held:
    """A lease as one process took it."""

    name: str
    holder: str
    token: int

    def still(self, connection: Connection) -> bool:
        """Whether nobody else has taken it, which nobody then can before the transaction of `connection` ends."""
        bound(connection)
        mine = (_T.c.name == self.name, _T.c.holder == self.holder, _T.c.token == self.token)
        return connection.execute(update(_T).where(*mine).values(token=self.token)).rowcount == 1


class Lease:
    """`hold` takes or renews it. The token it gives grows with each new holder: a write that carries an older one is refused,
    so a holder that slept through the end of its lease does no harm.

    `place`: an id of the data folder whose lock this process holds, of eight characters at most. Whoever held the lease with the same one is
    dead, and is not waited for where that is asked for.
    """

    def __init__(self, database: Database, name: str, place: str = "") -> None:
        self._database = database
        self._name = name
        self._place = f"-{place}-" if place else ""
        self._holder = _holder(place)

    def hold(self, now: datetime, *, inherit: bool = False) -> int | None:
        """The token while this process holds it; None while another does. With `inherit` an earlier process of the same place is not waited for."""
        try:
            return self._hold(now, inherit)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCKED:
                raise
            return None  # another process is writing the row

    def _hold(self, now: datetime, inherit: bool) -> int | None:
        with self._database.connection() as connection:
            row = connection.execute(select(_T).where(_T.c.name == self._name)).one_or_none()
        if row is None:
            return self._first(now)
        mine = row.holder == self._holder
        if not (mine or row.until <= precise(now) or (inherit and self._place and self._place in row.holder)):
            return None
        token = int(row.token) if mine else int(row.token) + 1
        unchanged = (_T.c.holder == row.holder, _T.c.until == row.until, _T.c.token == row.token)
        return token if self._write(unchanged, holder=self._holder, until=precise(now + HELD), token=token) else None

    def renew(self, token: int, now: datetime) -> bool:
        """Hold it for longer; False where another has had it since `token` was given. Never takes it."""
        return self._write((_T.c.holder == self._holder, _T.c.token == token), until=precise(now + HELD))

    def _write(self, condition: tuple[ColumnElement[bool], ...], **values: object) -> bool:
        """Whether the row was as it should be."""
        with self._writing() as connection:
            done = connection.execute(update(_T).where(_T.c.name == self._name, *condition).values(**values))
            return done.rowcount == 1

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._database.connection() as connection:
            bound(connection)
            yield connection

    def _first(self, now: datetime) -> int | None:
        try:
            with self._writing() as connection:
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
        self._write((_T.c.holder == self._holder,), until="")


def withdraw(connection: Connection, prefix: str, until: datetime | None) -> None:
    """Take all leases whose names begin so from whoever holds them: what they still save is refused. Nobody gets them before `until`; None:
    anybody at once."""
    connection.execute(
        update(_T)
        .where(_T.c.name.startswith(prefix, autoescape=True))
        .values(holder=_holder(), until=precise(until) if until else "", token=_T.c.token + 1)
    )


def _holder(place: str = "") -> str:
    """Machine, process, place (may be empty) and what no other has, with `-` between them."""
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{place}-{secrets.token_hex(4)}"


def held_until(database: Database, name: str) -> datetime | None:
    """When it ends unless it is renewed; None when nobody ever held it, or it was given back."""
    with database.connection() as connection:
        until = connection.execute(select(_T.c.until).where(_T.c.name == name)).scalar()
    return datetime.fromisoformat(until) if until else None


def held(database: Database, name: str, now: datetime) -> bool:
    """Whether any process holds it."""
    until = held_until(database, name)
    return until is not None and until > now

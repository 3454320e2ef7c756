"""Logins: a random key in the cookie, its hash in the database. Deleting the row ends the login for good."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import bindparam, delete, select, update

from dashapp.accounts.database import now, stamp
from dashapp.accounts.directory import Accounts, as_user, record
from dashapp.accounts.models import SessionRow, UserRow
from dashapp.accounts.user import User
from metricstore.quantities import quantity

_SEEN_EVERY = timedelta(minutes=1)
_LOGINS, _USERS = SessionRow.__table__, UserRow.__table__
_LOGIN = (
    select(_LOGINS.c.created.label("login_created"), _LOGINS.c.seen.label("login_seen"), *_USERS.c)
    .join(_USERS, _USERS.c.id == _LOGINS.c.user_id).where(_LOGINS.c.key_hash == bindparam("hashed"))
)  # fmt: skip


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def begin(accounts: Accounts, user: User, address: str, lifetime: timedelta) -> User:
    """The user with a new login's key; logins older than `lifetime` are swept away on the way."""
    key = secrets.token_urlsafe(32)
    moment = now()
    with accounts.database.session() as session:
        session.execute(delete(SessionRow).where(SessionRow.created < stamp(moment - lifetime)))
        session.add(SessionRow(key_hash=key_hash(key), user_id=user.id, created=stamp(moment),
                               seen=stamp(moment), address=address[:64]))  # fmt: skip
        row = session.get_one(UserRow, user.id)
        return as_user(row, key)


def load(accounts: Accounts, key: str, lifetime: timedelta, idle: timedelta) -> User | None:
    """Whose login this is, as the user is now; None when it has ended or the user is disabled."""
    hashed = key_hash(key)
    moment = now()
    with accounts.database.connection() as connection:
        row = connection.execute(_LOGIN, {"hashed": hashed}).one_or_none()
        if row is None:
            return None
        seen = datetime.fromisoformat(row.login_seen)
        if moment - datetime.fromisoformat(row.login_created) > lifetime or moment - seen > idle:
            connection.execute(delete(SessionRow).where(SessionRow.key_hash == hashed))
            return None
        if not row.active:
            return None
        if moment - seen > min(_SEEN_EVERY, idle / 10):
            connection.execute(update(SessionRow).where(SessionRow.key_hash == hashed).values(seen=stamp(moment)))
        if row.segment_id is None:
            return as_user(cast(UserRow, row), key)
    with accounts.database.session() as session:
        limited = session.get(UserRow, row.id)
        return as_user(limited, key) if limited is not None and limited.active else None


@dataclass(frozen=True)
class LoginInfo:
    """A login for lists. `id` names it and opens nothing: the cookie's key is not to be had from its hash."""

    id: str
    created: str
    seen: str
    address: str
    current: bool


def listed(accounts: Accounts, user: User) -> list[LoginInfo]:
    """The user's logins, the one seen last first; `current` is the one `user` came by."""
    own = key_hash(user.session_key)
    rows = select(SessionRow).where(SessionRow.user_id == user.id).order_by(SessionRow.seen.desc())
    with accounts.database.session() as session:
        return [
            LoginInfo(row.key_hash, row.created, row.seen, row.address, row.key_hash == own)
            for row in session.scalars(rows)
        ]


def end_listed(accounts: Accounts, user: User, number: str | None = None, actor: str = "") -> int:
    """End the user's login of that id, or without one all but the one `user` came by; how many ended."""
    wanted = SessionRow.key_hash != key_hash(user.session_key) if number is None else SessionRow.key_hash == number
    with accounts.database.session() as session:
        gone = session.scalars(select(SessionRow).where(SessionRow.user_id == user.id, wanted)).all()
        for row in gone:
            session.delete(row)
        if gone:
            record(session, actor or user.name, "logged out elsewhere", user.name, quantity(len(gone), "logins"))
        return len(gone)


def end(accounts: Accounts, user: User, address: str = "") -> None:
    """Log out: the cookie is worthless from now on, also a copy of it."""
    with accounts.database.session() as session:
        session.execute(delete(SessionRow).where(SessionRow.key_hash == key_hash(user.session_key)))
        record(session, user.name, "logged out", address=address)

"""Where failed logins are counted unless a setting says otherwise: the accounts database, which all workers share.

A storage of the library `limits`, for Flask-Limiter. Keys are kept as keyed hashes: people type passwords into the
name field. The table may be dropped at any time and is then made anew, so no migration knows it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from limits.storage import MovingWindowSupport, Storage
from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dashapp.accounts.database import Database

SCHEME = "accounts"
TABLES = MetaData()
FAILURES = Table(
    "login_failures", TABLES,
    Column("id", Integer, primary_key=True),
    Column("key_hash", String(64), nullable=False),
    Column("moment", Float, nullable=False),
    Column("expires", Float, nullable=False, index=True),
    Index("ix_login_failures_key", "key_hash", "moment"),
)  # fmt: skip
"""A row for each failure and limit it counts for, until it no longer counts. Times are seconds since 1970."""


class AccountsStorage(Storage, MovingWindowSupport):
    """Counts in the table `login_failures`, exactly, however many processes and machines count."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  what the library's registry wants

    def __init__(self, uri: str | None = None, *, database: Database, secret: str, **options: Any) -> None:
        super().__init__(uri, **options)
        self._database = database
        self._secret = secret.encode()
        database.ensure(TABLES)

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` more, unless that would be more than `limit` in `expiry` seconds."""
        hashed, now = self.hashed(key), time.time()
        with self._alone(hashed, now) as session:
            if self._counted(session, hashed, now - expiry)[1] + amount > limit:
                return False
            self._add(session, hashed, now, expiry, amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest failure that counts was (now: when there is none; seconds since 1970), and how many do."""
        now = time.time()
        with self._database.session() as session:
            oldest, count = self._counted(session, self.hashed(key), now - expiry)
        return (now if oldest is None else oldest), count

    def acquire_later(self, key: str, wait: Callable[[int], float], expiry: int) -> tuple[float, int | None]:
        """(0, row) and one more counted, unless less than `wait(count)` seconds have passed since the last of `count` in
        `expiry` seconds: then (seconds left, None)."""
        hashed, now = self.hashed(key), time.time()
        with self._alone(hashed, now) as session:
            counted = select(func.max(FAILURES.c.moment), func.count()).where(FAILURES.c.key_hash == hashed)
            newest, count = session.execute(counted.where(FAILURES.c.moment > now - expiry)).one()
            left = 0.0 if newest is None else newest + wait(count) - now
            if left > 0:
                return left, None
            added = insert(FAILURES).values(key_hash=hashed, moment=now, expires=now + expiry)
            return 0.0, session.scalar(added.returning(FAILURES.c.id))

    def forget(self, row: int) -> None:
        """Count one less."""
        with self._database.session() as session:
            session.execute(delete(FAILURES).where(FAILURES.c.id == row))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        hashed, now = self.hashed(key), time.time()
        with self._alone(hashed, now) as session:
            self._add(session, hashed, now, expiry, amount)
            return self._counted(session, hashed, 0)[1]

    def get(self, key: str) -> int:
        with self._database.session() as session:
            found = select(func.count()).where(FAILURES.c.key_hash == self.hashed(key))
            return session.scalar(found.where(FAILURES.c.expires > time.time())) or 0

    def get_expiry(self, key: str) -> float:
        with self._database.session() as session:
            found = select(func.max(FAILURES.c.expires)).where(FAILURES.c.key_hash == self.hashed(key))
            return session.scalar(found) or time.time()

    def check(self) -> bool:
        return self._database.answers()

    def reset(self) -> int | None:
        with self._database.session() as session:
            count = session.scalar(select(func.count()).select_from(FAILURES))
            session.execute(delete(FAILURES))
            return count

    def clear(self, key: str) -> None:
        with self._database.session() as session:
            session.execute(delete(FAILURES).where(FAILURES.c.key_hash == self.hashed(key)))

    @contextmanager
    def _alone(self, hashed: str, now: float) -> Iterator[Session]:
        """A transaction that no other one counting for the same key can run beside."""
        with self._database.session() as session:
            if self._database.engine.dialect.name == "postgresql":
                number = int(hashed[:15], 16)
                session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
            # In SQLite the first change takes the write lock: what no longer counts goes before anything is read.
            session.execute(delete(FAILURES).where(FAILURES.c.expires <= now))
            yield session

    @staticmethod
    def _counted(session: Session, hashed: str, since: float) -> tuple[float | None, int]:
        found = select(func.min(FAILURES.c.moment), func.count()).where(FAILURES.c.key_hash == hashed)
        oldest, count = session.execute(found.where(FAILURES.c.moment > since)).one()
        return oldest, count

    @staticmethod
    def _add(session: Session, hashed: str, now: float, expiry: int, amount: int) -> None:
        row = {"key_hash": hashed, "moment": now, "expires": now + expiry}
        session.execute(insert(FAILURES), [row] * amount)

    def hashed(self, key: str) -> str:
        return hmac.new(self._secret, key.encode(), hashlib.sha256).hexdigest()

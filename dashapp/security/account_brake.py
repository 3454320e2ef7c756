"""Guessing one account's password from many addresses is slow, and locks nobody out.

An address from which somebody has logged in to the account before is never slowed by strangers. From all other addresses together
a few guesses are free; after that each must wait longer than the one before, up to a minute. The first to come after the
wait may try, whoever that is. Names are kept as keyed hashes, and names nobody has are treated alike.
"""

from __future__ import annotations

import math
import time
from typing import Any

from sqlalchemy import Column, Float, String, Table, delete, insert, select

from dashapp.accounts.database import Database
from dashapp.security.failure_storage import TABLES, AccountsStorage

KNOWN = Table(
    "login_addresses", TABLES,
    Column("key_hash", String(64), primary_key=True),
    Column("expires", Float, nullable=False, index=True),
)  # fmt: skip
"""Addresses that have logged in, a row for each account and address. May be dropped at any time, as the counters."""
LONGEST_WAIT_SECONDS = 60.0
_COUNTED_SECONDS = 3600
"""How long a guess makes the next one slower."""
_KNOWN_SECONDS = 180 * 86_400
"""How long an address stays known after a login."""


class AccountBrake:
    """`free`: guesses from unknown addresses that need not wait."""

    def __init__(self, database: Database, secret: str, free: int) -> None:
        self._database = database
        self._storage = AccountsStorage("accounts://", database=database, secret=secret)
        self._free = free

    def guess(self, name: str, address: str) -> tuple[int, int | None]:
        """(seconds to wait, None) when it is too early to try; else (0, the guess), to be given to `succeeded` if it is right.

        Counted before the password is looked at, so that of many guesses at once only one is tried.
        """
        if self._is_known(name, address):
            return 0, None
        wait, guess = self._storage.acquire_later(f"account {_account(name)}", self._wait, _COUNTED_SECONDS)
        return math.ceil(wait), guess

    def succeeded(self, name: str, address: str, guess: int | None) -> None:
        """The address is known from now on, and the guess was none."""
        if guess is not None:
            self._storage.forget(guess)
        hashed, now = self._hashed(name, address), time.time()
        with self._database.session() as session:
            session.execute(delete(KNOWN).where((KNOWN.c.key_hash == hashed) | (KNOWN.c.expires <= now)))
            session.execute(insert(KNOWN), [{"key_hash": hashed, "expires": now + _KNOWN_SECONDS}])

    def _wait(self, count: int) -> float:
        """Seconds after the last of `count` guesses."""
        return 0.0 if count < self._free else min(2.0 ** (count - self._free), LONGEST_WAIT_SECONDS)

    def _is_known(self, name: str, address: str) -> bool:
        found: Any = select(KNOWN.c.key_hash).where(KNOWN.c.key_hash == self._hashed(name, address))
        with self._database.session() as session:
            return session.scalar(found.where(KNOWN.c.expires > time.time())) is not None

    def _hashed(self, name: str, address: str) -> str:
        return self._storage.hashed(f"known {address} {_account(name)}")


def _account(name: str) -> str:
    """As accounts are found by."""
    return name.strip().lower()[:64]

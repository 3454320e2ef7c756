"""The API's rate, counted by all processes together in the accounts database, without a write for every request.

A process takes a portion of what is left of an asker's allowance and hands it out by itself. Portions shrink with what is left, down to
one, so all together never allow more than the limit, and hardly less. A storage of the library `limits`, for Flask-Limiter.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from limits import parse
from limits.storage import Storage
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from dashapp.accounts.database import Database
from dashapp.security.allowances import TABLES, TAKEN, take
from dashapp.security.respite import Respite

SCHEME = "allowances"
_PORTIONS = 200
_MOST_ASKERS = 10_000
_AGAIN_SECONDS = 1.0
"""So often a process looks whether another machine has begun a window meanwhile, for an asker whose allowance is used up."""


class _Portion(NamedTuple):
    """What this process has of an asker's allowance."""

    window: int
    taken: int = 0
    """By all processes, when this one asked last."""
    left: int = 0
    refused_until: float = -inf
    """On the monotonic clock: nothing was left."""

    @property
    def used(self) -> int:
        return self.taken - self.left

    @property
    def refused(self) -> bool:
        return self.refused_until > -inf


@dataclass
class _Asker:
    """`lock` is for whoever counts: a request waits for the database only where its own asker's allowance is asked for."""

    portion: _Portion = field(default_factory=lambda: _Portion(0))
    ahead: float = 0.0
    """Seconds by which a newest window is ahead of this machine's clock, which is that far behind at least."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self, window: int) -> None:
        gap = window - time.time()
        self.ahead = max(self.ahead, gap) if gap > 0 else 0.0


class SharedRate(Storage):
    """Counts one limit, for strategies of fixed windows. `rate` as in `6000/minute`. Windows begin at whole multiples of their length."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  what the library's registry wants

    def __init__(self, uri: str | None = None, *, database: Database, rate: str, **options: Any) -> None:
        super().__init__(uri, **options)
        limit = parse(rate)
        self._limit, self._length = limit.amount, limit.get_expiry()
        self._database = database
        self._askers: dict[str, _Asker] = {}
        self._lock = threading.Lock()
        """Of the dictionary alone."""
        self._respite = Respite()
        database.ensure(TABLES)

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """How many requests of the asker were counted in the window, this one included; more than the limit when it is refused.

        While the database is away, requests pass that nobody can count.
        """
        asker = self._asker(key)
        with asker.lock:
            portion = self._current(asker)
            if portion.left < amount and time.monotonic() >= portion.refused_until:
                if self._respite.over():
                    with self._respite.watched():
                        portion = asker.portion = self._more(key, asker, amount)
                elif not portion.refused:
                    return portion.used
            if portion.left < amount:
                return self._limit + amount
            asker.portion = portion._replace(left=portion.left - amount)
            return asker.portion.used

    def get(self, key: str) -> int:
        """As far as this process knows."""
        return self._current(self._asker(key)).used

    def get_expiry(self, key: str) -> float:
        """By this machine's clock."""
        asker = self._asker(key)
        return self._current(asker).window + self._length - asker.ahead

    def check(self) -> bool:
        return self._database.answers()

    def reset(self) -> int | None:
        with self._lock:
            self._askers.clear()
        with self._database.connection() as connection:
            return connection.execute(delete(TAKEN)).rowcount

    def clear(self, key: str) -> None:
        with self._lock:
            self._askers.pop(key, None)
        with self._database.connection() as connection:
            connection.execute(delete(TAKEN).where(TAKEN.c.asker == _hashed(key)))

    def _asker(self, key: str) -> _Asker:
        with self._lock:
            if key not in self._askers and len(self._askers) >= _MOST_ASKERS:
                self._askers.clear()  # what they had left counts as used
            return self._askers.setdefault(key, _Asker())

    def _current(self, asker: _Asker) -> _Portion:
        """The asker's portion, a new one with nothing in it when its window is over."""
        portion = asker.portion
        asker.follow(portion.window)  # the clock may have been set back
        window = int(time.time() + asker.ahead) // self._length * self._length
        return portion if portion.window >= window else _Portion(window)

    def _more(self, key: str, asker: _Asker, amount: int) -> _Portion:
        """More for this process: a portion, else at least this much, else nothing for now."""
        portion = self._current(asker)
        for wanted in sorted({max(amount, (self._limit - portion.taken) // _PORTIONS), amount}, reverse=True):
            window, taken = take(self._database, _hashed(key), portion.window, wanted, self._limit, self._length)
            asker.follow(window)
            left = portion.left if window == portion.window else 0
            if taken is not None:
                return _Portion(window, taken, left + wanted)
        return _Portion(window, self._limit, left, time.monotonic() + _AGAIN_SECONDS)


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

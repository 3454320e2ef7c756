"""The API's rate, counted by all processes together in the accounts database, without a write for every request.

A process takes a portion of what is left of an asker's allowance and hands it out by itself. Portions shrink with what is left, down to
one, so all together never allow more than the limit, and hardly less. A storage of the library `limits`, for Flask-Limiter.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import Any

from limits import parse
from limits.storage import Storage
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, and_, case, delete, insert, or_, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from dashapp.accounts.database import Database

SCHEME = "allowances"
TABLES = MetaData()
TAKEN = Table(
    "api_allowances", TABLES,
    Column("asker", String(64), primary_key=True),
    Column("window_start", BigInteger, nullable=False, index=True),
    Column("taken", Integer, nullable=False),
)  # fmt: skip
"""A row for each asker: how much processes have taken in the window (seconds since 1970). May be dropped at any time."""
_PORTIONS = 200
_MOST_ASKERS = 10_000
_KEPT_SECONDS = 86_400


@dataclass
class _Portion:
    """What this process has of an asker's allowance."""

    window: int
    taken: int
    """By all processes, when this one asked last."""
    left: int = 0
    full: bool = False


class SharedRate(Storage):
    """Counts one limit, for strategies of fixed windows. `rate` as in `6000/minute`. Windows begin at whole multiples of their length."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  what the library's registry wants

    def __init__(self, uri: str | None = None, *, database: Database, rate: str, **options: Any) -> None:
        super().__init__(uri, **options)
        limit = parse(rate)
        self._limit, self._length = limit.amount, limit.get_expiry()
        self._database = database
        self._portions: dict[str, _Portion] = {}
        self._lock = threading.Lock()
        database.ensure(TABLES)

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """How many requests of the asker were counted in the window, this one included; more than the limit when it is refused."""
        with self._lock:
            portion = self._current(key)
            if portion.left < amount and not portion.full:
                self._take(key, portion, amount)
            if portion.left < amount:
                return self._limit + amount
            portion.left -= amount
            return portion.taken - portion.left

    def get(self, key: str) -> int:
        """As far as this process knows."""
        with self._lock:
            portion = self._current(key)
            return self._limit if portion.full and not portion.left else portion.taken - portion.left

    def get_expiry(self, key: str) -> float:
        return self._window() + self._length

    def check(self) -> bool:
        try:
            self._database.ping()
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        with self._lock, self._database.connection() as connection:
            self._portions.clear()
            return connection.execute(delete(TAKEN)).rowcount

    def clear(self, key: str) -> None:
        with self._lock, self._database.connection() as connection:
            self._portions.pop(key, None)
            connection.execute(delete(TAKEN).where(TAKEN.c.asker == _hashed(key)))

    def _window(self) -> int:
        return int(time.time()) // self._length * self._length

    def _current(self, key: str) -> _Portion:
        window = self._window()
        found = self._portions.get(key)
        if found is None or found.window != window:
            if len(self._portions) >= _MOST_ASKERS:
                self._portions.clear()  # what they had left counts as used
            found = self._portions[key] = _Portion(window, 0)
        return found

    def _take(self, key: str, portion: _Portion, amount: int) -> None:
        """More for this process: a portion, else at least this much, else nothing until the window ends."""
        for wanted in sorted({max(amount, (self._limit - portion.taken) // _PORTIONS), amount}, reverse=True):
            taken = self._added(_hashed(key), portion.window, wanted)
            if taken is not None:
                portion.taken, portion.left = taken, portion.left + wanted
                return
        portion.taken, portion.full = self._limit, True

    def _added(self, key: str, window: int, wanted: int) -> int | None:
        """What all have taken with this; None when it would be more than the limit."""
        counted = case((TAKEN.c.window_start == window, TAKEN.c.taken), else_=0) + wanted
        fits = or_(TAKEN.c.window_start < window, and_(TAKEN.c.window_start == window, counted <= self._limit))
        change = update(TAKEN).where(TAKEN.c.asker == key, fits).values(window_start=window, taken=counted)
        with self._database.connection() as connection:
            found: int | None = connection.execute(change.returning(TAKEN.c.taken)).scalar()
        return found if found is not None else self._first(key, window, wanted)

    def _first(self, key: str, window: int, wanted: int) -> int | None:
        """Of an asker nobody has counted yet; rows of those who ask no more are swept away on the way."""
        if wanted > self._limit:
            return None
        try:
            with self._database.connection() as connection:
                connection.execute(insert(TAKEN).values(asker=key, window_start=window, taken=wanted))
                connection.execute(
                    delete(TAKEN).where(TAKEN.c.window_start < window - max(_KEPT_SECONDS, self._length))
                )
            return wanted
        except IntegrityError:  # there is a row: the allowance is used up
            return None


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

"""How long whoever asks will wait for a search in texts: a page some seconds, all others for as long as it takes.

A store that has to read every text looks here between two stretches of them. The limit belongs to the context (see `contextvars`), so what
lies between the page and the store need not know of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from math import inf

from metricstore.errors import SearchTooLong

_LIMIT: ContextVar[tuple[float, float]] = ContextVar("patience", default=(inf, inf))
"""Seconds that were given, and the moment on the monotonic clock at which they are over."""
_NOTED: ContextVar[tuple[threading.Event, ...]] = ContextVar("noted", default=())
"""Set when a search begins."""


def begin(seconds: float) -> Token[tuple[float, float]]:
    """From now on, in this context; the token is for `end`."""
    return _LIMIT.set((seconds, time.monotonic() + seconds))


def end(token: Token[tuple[float, float]]) -> None:
    _LIMIT.reset(token)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """So long within the block; `inf`: for as long as it takes."""
    token = begin(seconds)
    try:
        yield
    finally:
        end(token)


def limited() -> bool:
    """Whether whoever asks waits for some time only."""
    return _LIMIT.get()[0] < inf


def spent(share: float = 1.0) -> bool:
    """Whether that share of the time is over."""
    seconds, over = _LIMIT.get()
    return limited() and time.monotonic() >= over - (1.0 - share) * seconds


def left() -> float | None:
    """Seconds until the time is over, 0 then; None without a limit."""
    return max(0.0, _LIMIT.get()[1] - time.monotonic()) if limited() else None


@contextmanager
def noting(searching: threading.Event) -> Iterator[None]:
    """Set the event when a search in texts begins within the block, also by a thread that was given the context."""
    token = _NOTED.set((*_NOTED.get(), searching))
    try:
        yield
    finally:
        _NOTED.reset(token)


def require() -> None:
    """By a search that goes on: SearchTooLong when the time is over."""
    for searching in _NOTED.get():
        searching.set()
    if spent():
        raise SearchTooLong(_LIMIT.get()[0])

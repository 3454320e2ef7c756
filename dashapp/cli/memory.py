"""Memory that was needed once goes back to the machine: an import of a year must not be felt for ever."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Callable
from itertools import count

_M_ARENA_MAX = -8
_ARENAS = 2
EVERY_SECONDS = 2.0
_GARBAGE = (20_000, 20, 20)
YOUNG_ROUNDS, ALL_ROUNDS = 5, 300
"""Of tidying, between two collections of young garbage and of all: every request and every round of alerts leaves some."""


def frugal() -> None:
    """Before the first thread: few malloc arenas, because each thread's own keeps what it once needed.

    Garbage is looked for less often than Python would: importing a log or answering with a large frame makes many
    objects and hardly a cycle among them.
    """
    gc.set_threshold(*_GARBAGE)
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def tidy_up(stop: threading.Event, before: Callable[[], None] = lambda: None) -> None:
    """Hand free memory back every now and then, in a thread of its own, until `stop`; `before` that sets more of it free.

    Called when everything is loaded: what is there now stays, so later garbage collections need not look at it.
    """
    gc.collect()
    gc.freeze()
    threading.Thread(target=_tidy, args=(_libc(), stop, before), name="tidying", daemon=True).start()


def let_go() -> None:
    """At the end: what was set aside is collected like the rest, so that libraries can count their own back in."""
    gc.unfreeze()


def _tidy(libc: ctypes.CDLL | None, stop: threading.Event, before: Callable[[], None]) -> None:
    for number in count(1):
        if stop.wait(EVERY_SECONDS):
            return
        before()
        collect_garbage(number)
        if libc is not None:
            libc.malloc_trim(0)  # a millisecond or two, beside the interpreter's lock


def collect_garbage(number: int) -> None:
    """In the round of that number. Left to itself Python looks for old garbage only when there are a quarter more objects than at the
    start, which takes hours; that costs 40 ms, for young garbage a few."""
    if number % ALL_ROUNDS == 0:
        gc.collect()
    elif number % YOUNG_ROUNDS == 0:
        gc.collect(1)


def _libc() -> ctypes.CDLL | None:
    """The GNU C library; None on systems with another one, which do without."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None

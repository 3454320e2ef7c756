"""Memory that was needed once goes back to the machine: an import of a year must not be felt for ever."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Callable

_M_ARENA_MAX = -8
_ARENAS = 2
_EVERY_SECONDS = 2.0
_GARBAGE = (20_000, 20, 20)


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
    libc = _libc()
    if libc is not None:
        threading.Thread(target=_tidy, args=(libc, stop, before), name="tidying", daemon=True).start()


def let_go() -> None:
    """At the end: what was set aside is collected like the rest, so that libraries can count their own back in."""
    gc.unfreeze()


def _tidy(libc: ctypes.CDLL, stop: threading.Event, before: Callable[[], None]) -> None:
    while not stop.wait(_EVERY_SECONDS):
        before()
        libc.malloc_trim(0)  # a millisecond or two, beside the interpreter's lock


def _libc() -> ctypes.CDLL | None:
    """The GNU C library; None on systems with another one, which do without."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None

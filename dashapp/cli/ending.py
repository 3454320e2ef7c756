"""A server that is told to end is gone within five seconds, whatever is under way.

What can be ended in order is. What can't be in time is cut off: all that is stored is stored whole, and what was not finished is done again.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

LONGEST_SECONDS = 4.5
"""From the signal to the end of the process."""
SHARE_SECONDS = 1.0
"""What each part may take to end by itself, while others wait."""

log = logging.getLogger(__name__)
_begun = threading.Lock()
_again = threading.Event()


def end_and_begin_again() -> None:
    """As after SIGTERM, but then the same command starts anew in this very process."""
    _again.set()
    os.kill(os.getpid(), signal.SIGTERM)


def begin_again_if_asked() -> None:
    """At the very end, when all is closed. Does not return when it was asked for."""
    if _again.is_set():
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  our own command again


def end_in_time() -> None:
    """From now on this process has LONGEST_SECONDS left. Safe to call twice."""
    if _begun.acquire(blocking=False):
        timer = threading.Timer(LONGEST_SECONDS, leave)
        timer.daemon = True
        timer.start()


def leave() -> None:
    """End the process at once: threads that are still at work would keep it."""
    busy = sorted(thread.name for thread in threading.enumerate() if thread is not threading.current_thread())
    log.info("ended while at work: %s; what was not finished is done again at the next start", ", ".join(busy))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    begin_again_if_asked()
    os._exit(0)

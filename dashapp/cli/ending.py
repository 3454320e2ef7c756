"""A server that is told to end is gone within five seconds, whatever is under way.

What can be ended in order is. What can't be in time is cut off: all that is stored is stored whole, and what was not finished is done again.
"""

from __future__ import annotations

import logging
import os
import sys
import threading

LONGEST_SECONDS = 4.5
"""From the signal to the end of the process."""
SHARE_SECONDS = 1.0
"""What each part may take to end by itself, while others wait."""

log = logging.getLogger(__name__)
_begun = threading.Lock()


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
    os._exit(0)

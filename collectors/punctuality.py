"""How often each collector runs, and after how long a silence it is late."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from collectors.registry import COLLECTORS
from collectors.runner.run import TIMEOUT_SECONDS

_MISSED_RUNS = 3
_GRACE = timedelta(minutes=1)
_UNKNOWN = timedelta(minutes=10)


@lru_cache(maxsize=1)
def _intervals() -> dict[str, timedelta]:
    declared = ((getattr(make, "name", ""), getattr(make, "interval_seconds", None)) for make in COLLECTORS)
    return {name: timedelta(seconds=seconds) for name, seconds in declared if seconds is not None}


def interval(collector: str) -> timedelta | None:
    """How often it runs when nothing wakes it earlier; None for one that is not ours (an older version's, say)."""
    return _intervals().get(collector)


def late_after(collector: str) -> timedelta:
    """So long after its latest run began something is wrong.

    Three runs may be missed, and one that hangs is first given up: that is waited for, too, and a minute more.
    """
    every = interval(collector)
    if every is None:
        return _UNKNOWN
    return max(_MISSED_RUNS * every, timedelta(seconds=TIMEOUT_SECONDS) + _GRACE)

"""How often each collector runs, and after how long a silence it is late."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from collectors.registry import COLLECTORS
from collectors.runner.lateness import late_after_pace

_UNKNOWN = timedelta(minutes=10)
RETIRED = timedelta(days=14)
"""What has not run at all for so long is taken for switched off."""


@lru_cache(maxsize=1)
def _intervals() -> dict[str, timedelta]:
    declared = ((getattr(make, "name", ""), getattr(make, "interval_seconds", None)) for make in COLLECTORS)
    return {name: timedelta(seconds=seconds) for name, seconds in declared if seconds is not None}


def interval(collector: str) -> timedelta | None:
    """How often it runs when nothing wakes it earlier; None for one that is not ours (an older version's, say)."""
    return _intervals().get(collector)


def late_after(collector: str) -> timedelta:
    """So long after its latest run began something is wrong."""
    every = interval(collector)
    return _UNKNOWN if every is None else late_after_pace(every)

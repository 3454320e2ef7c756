"""How long a run may take, and after how long a silence something is wrong."""

from __future__ import annotations

from datetime import timedelta

TIMEOUT_SECONDS = 300.0
"""How long a run waits for its next batch before it is given up."""

_MISSED_RUNS = 3
_GRACE = timedelta(minutes=1)


def late_after_pace(every: timedelta) -> timedelta:
    """For a collector that runs so often: three runs may be missed, and one that hangs is first given up; a minute more."""
    return max(_MISSED_RUNS * every, timedelta(seconds=TIMEOUT_SECONDS) + _GRACE)

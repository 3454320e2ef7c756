"""Whether a source is quiet for longer than it ever was for good reason: judged by its own earlier pauses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

ENOUGH = 10
"""Fewer pauses than that are no rhythm."""
_USUAL, _PATIENCE = 0.95, 2


def longest_usual(days: Iterable[date]) -> timedelta | None:
    """How long a pause may last before it is unusual. `days`: those with records. None: too few to know.

    Twice the pause that 95 of 100 are no longer than: weekends count as usual, one holiday a year does not.
    """
    seen = sorted(set(days))
    pauses = sorted(later - earlier for earlier, later in pairwise(seen))
    if len(pauses) < ENOUGH:
        return None
    return _PATIENCE * pauses[ceil(_USUAL * len(pauses)) - 1]

"""What a window usually brings: median and spread of those like it in the weeks before.

The spread is 1.4826 times the median distance from the median, which for the normal distribution is the standard deviation and
which single outliers do not move. Counts spread at least by the root of their median, as chance alone makes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from math import sqrt
from statistics import median
from typing import Any

from alerting.course import Look
from alerting.limits import Limit
from metricstore import nothing

WEEKS = 10
FEWEST = 6
"""Of fewer windows like it nobody knows what is usual."""
_NORMAL = 1.4826
Judge = Callable[[Look, list[float]], Look]
"""A window that has a number, and the values of those like it before: the window as it is measured."""


def band(looks: list[Look], like: Callable[[Any], object], fire: Limit, *, counts: bool) -> list[Look]:
    """The same looks, `measured` in spreads away from the median, `usual` the median."""
    return compared(looks, like, fire, lambda look, before: _distant(look, before, counts=counts))


def compared(looks: list[Look], like: Callable[[Any], object], fire: Limit, judge: Judge) -> list[Look]:
    """Each look as `judge` measures it. `like` gives what windows that are compared share, such as their weekday. A breach stays
    out of what later windows are compared with."""
    known: dict[Hashable, deque[float]] = {}
    found = []
    for look in looks:
        before = known.setdefault(like(look.opened), deque(maxlen=WEEKS))
        judged = _judged(look, list(before), judge)
        if look.why == "" and not (judged.why == "" and fire.reached(judged.measured)):
            before.append(look.value)
        found.append(judged)
    return found


def usual_of(before: Sequence[float], *, counts: bool) -> tuple[float, float]:
    """(median, spread) of what windows like it brought."""
    usual = median(before)
    spread = _NORMAL * median(abs(value - usual) for value in before)
    return usual, max(spread, sqrt(max(usual, 1.0))) if counts else spread


def _judged(look: Look, before: list[float], judge: Judge) -> Look:
    if look.why:
        return look
    return judge(look, before) if len(before) >= FEWEST else look._replace(why=nothing.TOO_FEW)


def _distant(look: Look, before: list[float], *, counts: bool) -> Look:
    usual, spread = usual_of(before, counts=counts)
    if not spread:
        return look._replace(usual=usual, measured=0.0 if look.value == usual else float("inf"))
    return look._replace(usual=usual, measured=abs(look.value - usual) / spread)

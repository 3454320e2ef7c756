"""Stretches of hours: [first, stop), hours of UTC counted from 1970, ascending and apart from each other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

HOUR = 3_600_000_000_000
"""Nanoseconds."""
Stretches = tuple[tuple[int, int], ...]


def hours_of_times(times: npt.NDArray[np.int64]) -> Stretches:
    """Those that points of these times (nanoseconds) lie in."""
    return joined((hour, hour + 1) for hour in np.unique(times // HOUR).tolist())


def hours_between(start: int, stop: int) -> Stretches:
    """Those that touch [start, stop) nanoseconds."""
    return ((start // HOUR, -(-stop // HOUR)),) if start < stop else ()


def whole_hours(start: int, stop: int) -> tuple[int, int]:
    """Those that lie in [start, stop) nanoseconds in whole; the end is not before the begin."""
    first = -(-start // HOUR)
    return first, max(first, stop // HOUR)


def begins_between(start: int, stop: int) -> tuple[int, int]:
    """Those that begin in [start, stop) nanoseconds."""
    return -(-start // HOUR), -(-stop // HOUR)


def joined(stretches: Iterable[tuple[int, int]]) -> Stretches:
    """In order; those that overlap or touch become one."""
    found: list[tuple[int, int]] = []
    for first, stop in sorted(stretches):
        if first >= stop:
            continue
        if found and found[-1][1] >= first:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((first, stop))
    return tuple(found)


def within(stretches: Stretches, first: int, stop: int) -> Stretches:
    """What of them lies in [first, stop)."""
    cut = ((max(begin, first), min(end, stop)) for begin, end in stretches)
    return tuple((begin, end) for begin, end in cut if begin < end)


def without(stretches: Stretches, others: Stretches) -> Stretches:
    """What of them lies in none of the others."""
    found: list[tuple[int, int]] = []
    place = 0
    for first, stop in stretches:
        while place < len(others) and others[place][1] <= first:
            place += 1
        # one that reaches beyond this stretch is looked at again for the next
        while place < len(others) and others[place][0] < stop:
            begin, end = others[place]
            if first < begin:
                found.append((first, begin))
            first = max(first, end)
            if end > stop:
                break
            place += 1
        if first < stop:
            found.append((first, stop))
    return tuple(found)


def length(stretches: Stretches) -> int:
    return sum(stop - first for first, stop in stretches)

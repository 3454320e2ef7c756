"""Our windows told to InfluxDB: calendar windows of any zone as stretches of windows of equal length.

Storage aggregates quickly only in windows of fixed length and one offset. A year of days in Berlin is five such
stretches: days of 24 hours, one of 23, 24 again, one of 25, 24 again. So no window is ever computed
differently there and here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from metricstore.framing import window_starts
from metricstore.influx import flux
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.validation import MAX_TIME, MIN_TIME
from metricstore.window_edges import edges
from metricstore.windows import Window, zone

_DAY = Window(1, "d")
_MONTHS = {"mo": "1mo", "q": "3mo", "y": "1y"}


@dataclass(frozen=True)
class Span:
    """[start, stop) in nanoseconds, cut into windows: Flux durations; None for no windows."""

    start: int
    stop: int
    every: str | None = None
    offset: str = "0s"


NOWHERE = Span(MIN_TIME - 1, MIN_TIME)
"""Where InfluxDB can look but no point of ours can be."""


def clamped(start: int, stop: int) -> Span:
    """The part of a range that InfluxDB can hold."""
    found = Span(max(start, MIN_TIME), min(stop, MAX_TIME + 1))
    return found if found.start < found.stop else NOWHERE


def stretches(found: Sequence[Span]) -> list[Span]:
    """The same without windows, those that follow each other as one."""
    whole: list[Span] = []
    for one in found:
        if whole and whole[-1].stop == one.start:
            whole[-1] = Span(whole[-1].start, one.stop)
        else:
            whole.append(Span(one.start, one.stop))
    return whole


def spans(query: Query) -> list[Span]:
    """Stretches that cover the question's range; every window of theirs lies inside one of the question's."""
    whole = clamped(nanoseconds(query.start), nanoseconds(query.stop))
    if query.every is None or whole == NOWHERE:
        return [whole]
    months = _MONTHS.get(query.every.unit)
    if months is None:
        return _runs(query, whole)
    if query.timezone == "UTC":
        return [replace(whole, every=months)]
    # Hardly two months are of one length: by days they are fewer stretches.
    return _runs(replace(query, every=_DAY), whole)


def _runs(query: Query, whole: Span) -> list[Span]:
    """Windows of equal length side by side make one stretch."""
    assert query.every is not None
    starts = window_starts(query)
    last = query.every.next(edges(query.start, query.stop, query.every, query.timezone)[-1], zone(query.timezone))
    bounds = np.append(starts, nanoseconds(last))
    lengths = np.diff(bounds)
    changes = np.flatnonzero(np.diff(lengths)) + 1
    found = []
    for first, end in zip([0, *changes], [*changes, len(lengths)], strict=True):
        begin, finish = max(int(bounds[first]), whole.start), min(int(bounds[end]), whole.stop)
        if begin < finish:
            length = int(lengths[first])
            found.append(Span(begin, finish, flux.duration(length), flux.duration(int(bounds[first]) % length)))
    return found

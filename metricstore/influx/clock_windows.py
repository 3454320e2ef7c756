"""Which windows storage aggregates in, and what is left to do with the rows that come of it.

Storage can't look at the weekday or the hour of a row: it would hand all of them to Flux, which computes both row by row. It
aggregates quickly in windows of equal length, though. So where a question filters by the clock, windows are asked for that lie within
one hour of every clock that is meant (an hour long, in India half of one), and those of other hours and weekdays are left out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.conditions import Condition, condition
from metricstore.framing import window_starts
from metricstore.influx import flux
from metricstore.influx.plan import Conditions
from metricstore.influx.spans import NOWHERE, Span, clamped, spans
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.time_parts import CYCLES, Offset, offsets

_HOUR, _MINUTE = 3_600_000_000_000, 60_000_000_000
MOST_WINDOWS = 200_000
"""Of one question; 22 years of hours."""


@dataclass(frozen=True)
class Clock:
    """A filter on weekday or hour over stretches of equal offset."""

    condition: Condition
    offsets: tuple[Offset, ...]

    def passes(self, times: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of the times, nanoseconds in the range, meet the filter."""
        cycle = CYCLES[self.condition.filter.column]
        starts = np.array([one.start for one in self.offsets])
        ahead = np.array([one.nanoseconds for one in self.offsets])
        moved = times + ahead[np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)] + cycle.shift
        return np.isin(moved % cycle.period // cycle.unit, np.array(self.condition.values, dtype=np.int64))


@dataclass(frozen=True)
class Cut:
    """`spans`: the windows to ask for; `conditions`: what storage decides; `clocks`: filters that are left."""

    spans: list[Span]
    conditions: Conditions
    clocks: tuple[Clock, ...] = ()

    def passing(self, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Of rows with a `_time`, those that meet the filters that are left."""
        if not self.clocks:
            return tables
        found = {}
        for name, rows in tables.items():
            times = rows["_time"].to_numpy(dtype=np.int64)
            kept = np.logical_and.reduce([clock.passes(times) for clock in self.clocks])
            if kept.any():
                found[name] = rows[kept].reset_index(drop=True)
        return found


def cut(query: Query, conditions: Conditions, parts: Sequence[Query] = ()) -> Cut:
    """`parts`: the question over parts of its range, where only these are meant; all of it without any."""
    whole = clamped(nanoseconds(query.start), nanoseconds(query.stop))
    parts = parts or (query,)
    direct = [span for part in parts for span in spans(part)]
    if not conditions.times or conditions.timezone is not None or whole == NOWHERE:
        return Cut(direct, conditions)
    clocks = tuple(
        Clock(ready, offsets(whole.start, whole.stop, one.timezone))
        for one in query.where
        if (ready := condition(query.source, one)).kind == "time"
    )
    length = _length(query, clocks)
    if length < _MINUTE or (whole.stop - whole.start) // length > MOST_WINDOWS:
        return Cut(direct, conditions)
    ranges = [clamped(nanoseconds(part.start), nanoseconds(part.stop)) for part in parts]
    every = flux.duration(length)
    return Cut([replace(one, every=every) for one in ranges], replace(conditions, times=()), clocks)


def _length(query: Query, clocks: tuple[Clock, ...]) -> int:
    """The longest windows, counted from 1970, that lie within one of the question's and one hour of each clock."""
    edges = window_starts(query)[1:].tolist()
    for clock in clocks:
        edges += [one.nanoseconds for one in clock.offsets] + [one.start for one in clock.offsets[1:]]
    return gcd(_HOUR, *edges)

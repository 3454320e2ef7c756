"""Rows of days as a question needs them: of which window and group each is, or that it is of none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.conditions import condition
from metricstore.framing import window_starts
from metricstore.influx.clock_windows import Clock
from metricstore.influx.late import member
from metricstore.influx.rollups.cells import ROWS, Array, Column, Labels, nothing
from metricstore.influx.rollups.complete import HOURS
from metricstore.influx.rollups.memory import Days
from metricstore.point import nanoseconds
from metricstore.query import Filter, Query
from metricstore.rollups.hours import HOUR
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Plan
from metricstore.time_parts import TIME_PARTS, offsets

Group = tuple[str, ...]
NONE = -1


@dataclass(frozen=True)
class Rows:
    """`place`: by row its group times the number of windows, plus its window; NONE where hours or filters leave it out.
    `columns` as in `cells`, those of all days one behind the other."""

    groups: list[Group]
    place: npt.NDArray[np.int64]
    columns: Mapping[str, Column]


class Places:
    """Of hours and cells, for one question."""

    def __init__(self, query: Query, plan: Plan) -> None:
        self._query = query
        self.starts = window_starts(query)
        self._edges = np.array([edge for stretch in plan.hours for edge in stretch], dtype=np.int64)
        self._layout = plan.layout
        self.groups: dict[Group, int] = {}
        self._of_labels: dict[Labels, Array] = {}
        start, stop = nanoseconds(query.start), nanoseconds(query.stop)
        self._clocks = [
            Clock(condition(query.source, one), offsets(start - 24 * HOUR, stop + 24 * HOUR, one.timezone))
            for one in query.where
            if one.column in TIME_PARTS
        ]
        self._filters = [one for one in query.where if one.column not in TIME_PARTS]

    def windows(self, hours: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Of hours since 1970; NONE for those that are not wanted."""
        found = np.maximum(np.searchsorted(self.starts, hours * HOUR, side="right") - 1, 0)
        inside = np.searchsorted(self._edges, hours, side="right") % 2 == 1
        for clock in self._clocks:
            inside &= clock.passes(hours * HOUR)
        return np.where(inside, found, NONE)

    def cells(self, labels: Labels) -> Array:
        """The group of each cell; NONE for those that filters leave out."""
        known = self._of_labels.get(labels)
        if known is None:
            passing = passes(self._query, self._layout, self._filters, labels)
            chosen = [self._layout.keys.index(name) for name in self._query.by]
            known = np.full(len(labels), NONE, dtype=np.int64)
            for number, label in enumerate(labels):
                if passing[number]:
                    known[number] = self.groups.setdefault(tuple(label[key] for key in chosen), len(self.groups))
            self._of_labels[labels] = known
        return known

    def at(self, hours: npt.NDArray[np.int64], groups: Array) -> npt.NDArray[np.int64]:
        windows = self.windows(hours)
        return np.where((windows == NONE) | (groups == NONE), NONE, groups * len(self.starts) + windows)


def passes(query: Query, layout: Layout, filters: Iterable[Filter], labels: Labels) -> npt.NDArray[np.bool_]:
    """Which cells meet the filters on what they are made of."""
    kept = np.ones(len(labels), dtype=bool)
    for one in filters:
        ready = condition(query.source, one)
        values = pd.Series([label[layout.keys.index(one.column)] for label in labels], dtype=object)
        absent = (values == "").to_numpy(dtype=bool)
        among = member(ready, values.where(~absent), "string").to_numpy(dtype=bool) & ~absent
        if one.operator == "none":
            kept &= ~among & ~(absent & ready.absent)
        elif one.operator == "contains":
            kept &= ~absent if ready.absent else among
        else:
            kept &= among | (absent & ready.absent)
    return kept


def all_rows(places: Places, days: Mapping[str, Days], names: Iterable[str]) -> Rows:
    """Of all days, with values for each row under each name."""
    own = days[ROWS]
    hours = [day * HOURS + one.column[0].astype(np.int64) for day, one in own.items()]
    groups = [places.cells(one.labels)[one.column[1]] for one in own.values()]
    columns = {ROWS: _end_to_end([one.column for one in own.values()], 3)}
    for name in names:
        found = [
            stored.column if (stored := days[name].get(day)) is not None else nothing(len(one.column[0]))
            for day, one in own.items()
        ]
        columns[name] = _end_to_end(found, 4)
    place = places.at(_joined(hours), _joined(groups))
    return Rows(list(places.groups), place, columns)


def of_cells(places: Places, days: Mapping[str, Days], name: str) -> tuple[Array, Array, Array]:
    """Place, bucket and number of values, from the buckets of cells."""
    parts = []
    for day, one in days[name].items():
        rows = days[ROWS][day]
        hour, cell, _ = rows.column
        at = places.at(day * HOURS + hour.astype(np.int64), places.cells(rows.labels)[cell])
        parts.append((at[one.column[0]], *one.column[1:]))
    place, bucket, number = _end_to_end(parts, 3)
    return place, bucket, number


def of_hours(places: Places, days: Mapping[str, Days], name: str) -> tuple[Array, Array, Array]:
    """The same from the buckets of whole hours, for a question without groups and without filters on cells."""
    places.groups.setdefault((), 0)
    found = days[name]
    # windows of whole days are looked up once, not for each bucket
    windows = places.windows(_joined([day * HOURS + np.arange(HOURS) for day in found]))
    hours = [number * HOURS + one.column[0].astype(np.int64) for number, one in enumerate(found.values())]
    _, bucket, number = _end_to_end([one.column for one in found.values()], 3)
    return windows[_joined(hours)], bucket, number


def _joined(arrays: list[Array]) -> npt.NDArray[np.int64]:
    return np.concatenate(arrays).astype(np.int64) if arrays else np.empty(0, dtype=np.int64)


def _end_to_end(columns: list[Column], width: int) -> Column:
    if not columns:
        return tuple(np.empty(0, dtype=np.int64) for _ in range(width))
    return tuple(np.concatenate(arrays) for arrays in zip(*columns, strict=True))

"""Answers from days that are complete, together with those that points give for what lies beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from metricstore.framing import grid_of, per_time
from metricstore.grid import Grid
from metricstore.influx.rollups.cells import ROWS, cell_buckets, hour_buckets, values_of
from metricstore.influx.rollups.memory import Days
from metricstore.influx.rollups.rows import NONE, Group, Places, all_rows, of_cells, of_hours
from metricstore.query import PERCENTILES, Aggregate, Query
from metricstore.rollups.buckets import buckets_of, nearest_ranks
from metricstore.rollups.planner import Plan
from metricstore.time_parts import TIME_PARTS

Numbers = npt.NDArray[np.float64]
Groups = dict[Group, Numbers]
"""Values of each group by window."""
STEPS: Mapping[str, tuple[Aggregate, ...]] = {
    "sum": ("sum",),
    "mean": ("sum", "count"),
    "min": ("min",),
    "max": ("max",),
}
"""What an aggregate is made of; all others of counts."""
_PLACES = {"count": 0, "sum": 1, "min": 2, "max": 3}
_MOST_BINS = 20_000_000


def steps(query: Query) -> tuple[Aggregate, ...]:
    return STEPS.get(query.aggregate, ("count",))


def wanted(query: Query, plan: Plan) -> tuple[str, ...]:
    """Columns that are needed beside ROWS."""
    if query.field is None:
        return ()
    if query.aggregate not in PERCENTILES:
        return (values_of(query.field),)
    return (hour_buckets(query.field) if _of_all(query) else cell_buckets(query.field),)


def _of_all(query: Query) -> bool:
    """Whether cells don't matter."""
    return not query.by and all(one.column in TIME_PARTS for one in query.where)


def added_up(query: Query, plan: Plan, days: Mapping[str, Days], beside: Mapping[str, Grid]) -> Grid:
    """The answer to a question for anything but a percentile; `beside`: what points say of each of its steps, as answers to it."""
    places = Places(query, plan)
    names = [values_of(query.field)] if query.field is not None else []
    rows = all_rows(places, days, names)
    windows = len(places.starts)
    found: dict[str, Groups] = {}
    for step in map(str, steps(query)):
        column = rows.columns[names[0]][_PLACES[step]] if names else rows.columns[ROWS][2]
        present = rows.columns[names[0]][0] > 0 if names else np.ones(len(rows.place), dtype=bool)
        values = _reduced(step, rows.place, column, present, len(rows.groups) * windows)
        there = np.bincount(rows.place[rows.place != NONE] // windows, minlength=len(rows.groups)) > 0
        own = {group: values[n * windows :][:windows] for n, group in enumerate(rows.groups) if there[n]}
        found[step] = _together(step, own, beside[step].by_group() if step in beside else {})
    if not query.by:
        for step, groups in found.items():
            groups.setdefault((), np.full(windows, 0.0 if step == "count" else np.nan))
    last = found[steps(query)[0]]
    if query.aggregate == "mean":
        with np.errstate(invalid="ignore", divide="ignore"):
            last = {group: last[group] / found["count"][group] for group in last}
    labels = sorted(last)
    table = np.array([last[label] for label in labels]) if labels else np.empty((0, windows))
    return grid_of(query, places.starts, labels, per_time(query, table).ravel())


def _reduced(
    step: str, place: npt.NDArray[np.int64], column: Numbers, present: npt.NDArray[np.bool_], length: int
) -> Numbers:
    """A value for each place: 0 or NaN where there is none."""
    inside = (place != NONE) & present
    own, values = place[inside], column[inside]
    if step in ("count", "sum"):
        found: Numbers = np.bincount(own, values.astype(np.float64), minlength=length).astype(np.float64)
        return found if step == "count" else np.where(np.bincount(own, minlength=length) > 0, found, np.nan)
    found = np.full(length, np.nan)
    (np.fmin if step == "min" else np.fmax).at(found, own, values)
    return found


def _together(step: str, one: Groups, other: Groups) -> Groups:
    found = dict(one)
    for group, values in other.items():
        if group not in found:
            found[group] = values
        elif step in ("min", "max"):
            found[group] = (np.fmin if step == "min" else np.fmax)(found[group], values)
        else:
            left, right = found[group], values
            found[group] = np.where(np.isnan(left), right, np.where(np.isnan(right), left, left + right))
    return found


Points = tuple[npt.NDArray[np.int64], Sequence[Group], Numbers]
"""Times in nanoseconds, groups, and values, NaN where a point has none."""


def percentile(query: Query, plan: Plan, days: Mapping[str, Days], beside: Points) -> Grid:
    """The answer to a question for a percentile; `beside`: the points that are read besides."""
    assert query.field is not None
    places = Places(query, plan)
    windows = len(places.starts)
    place, bucket, number = (of_hours(places, days, hour_buckets(query.field)) if _of_all(query)
                             else of_cells(places, days, cell_buckets(query.field)))  # fmt: skip
    inside = place != NONE
    there = _groups_there(query, places, days)
    times, groups, values = beside
    numbers = np.fromiter(
        (places.groups.setdefault(group, len(places.groups)) for group in groups), dtype=np.int64, count=len(groups)
    )
    window = np.maximum(np.searchsorted(places.starts, times, side="right") - 1, 0)
    known = ~np.isnan(values)
    if not query.by:
        places.groups.setdefault((), 0)
    at, ranks = _ranks(
        np.concatenate([place[inside], (numbers * windows + window)[known]]),
        np.concatenate([bucket[inside], buckets_of(values[known])]),
        np.concatenate([number[inside], np.ones(int(known.sum()))]),
        query.aggregate,
    )
    table = np.full(len(places.groups) * windows, np.nan)
    table[at] = ranks
    named = there | set(groups) | ({()} if not query.by else set())
    labels = sorted(named)
    rows = [table[places.groups[label] * windows :][:windows] for label in labels]
    return grid_of(query, places.starts, labels, np.concatenate(rows) if rows else np.empty(0))


def _groups_there(query: Query, places: Places, days: Mapping[str, Days]) -> set[Group]:
    """Groups that have points in the hours that are asked for, with the field or without."""
    if not query.by:
        return set()
    rows = all_rows(places, days, ())
    some = np.unique(rows.place[rows.place != NONE] // len(places.starts)).tolist()
    return {rows.groups[number] for number in some}


def _ranks(
    place: npt.NDArray[np.int64], bucket: npt.NDArray[np.int64], number: Numbers, aggregate: str
) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Places that have values, and the percentile of each."""
    if not len(place):
        return np.empty(0, dtype=np.int64), np.empty(0)
    least = bucket.min()
    seen = np.zeros(int(bucket.max() - least) + 1, dtype=bool)
    seen[bucket - least] = True
    kinds = np.flatnonzero(seen)
    key = place * len(kinds) + (np.cumsum(seen) - 1)[bucket - least]
    length = (int(place.max()) + 1) * len(kinds)
    if length <= _MOST_BINS:
        counts = np.bincount(key, number, minlength=length)
        pairs = np.flatnonzero(counts)
        counts = counts[pairs]
    else:
        pairs, back = np.unique(key, return_inverse=True)
        counts = np.bincount(back, number)
    at, kind = np.divmod(pairs, len(kinds))
    begins = np.flatnonzero(np.append(True, at[1:] != at[:-1]))
    return at[begins], nearest_ranks(begins, kinds[kind] + least, counts.astype(np.int64), aggregate)

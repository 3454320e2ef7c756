"""Totals and windows of weeks, months and years made of the values of their days, which many ranges have in common."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from metricstore.framing import grid_of, per_time, window_starts
from metricstore.grid import Grid, Label
from metricstore.query import COUNTED, PER_TIME, PERCENTILES, Query
from metricstore.windows import Window, zone

Numbers = npt.NDArray[np.float64]
Groups = dict[Label, Numbers]
"""Values of each group by its windows."""
DAY = Window(1, "d")
FEWEST, MOST = timedelta(days=8), timedelta(days=1_100)
"""Of a range: below, the days cost as much as the whole; above, there are too many of them."""
_MONTH = Window(1, "mo")
_MOST_BESIDE = 1 / 2
"""Of a range, asked for beside it at either end."""
_TICK = timedelta(microseconds=1)
_CALENDAR = ("w", "mo", "q", "y")
"""Units of windows that begin where a day does."""
_EXACT = 2.0**53
"""Sums beyond that depend on the order of adding."""
_FOLDED = ("count", "sum", "min", "max", "last", *PER_TIME)
"""Aggregates that follow from those of parts. Sums do so exactly where they are of whole numbers."""


def by_days(query: Query) -> Query | None:
    """The question for its days, from whose answer its own follows; None where it does not.

    One that asks for days already is its own, whatever its aggregate."""
    if query.compare is not None:
        return None
    if query.every == DAY:
        return query if query.aggregate not in PER_TIME else replace(query, aggregate="count")
    if query.every is not None and query.every.unit not in _CALENDAR:
        return None
    if query.aggregate not in _FOLDED or not FEWEST <= query.stop - query.start <= MOST:
        return None
    if query.aggregate == "sum" and (query.field is None or query.source.field(query.field).type != "int"):
        return None
    return replace(query, every=DAY, aggregate="count" if query.aggregate in PER_TIME else query.aggregate)


def whole_months(days: Query) -> Query:
    """A question for days over all days of the months that its range begins and ends in: ranges of other days have those in common.

    As it is at an end that cuts a day, that too many days would be asked beside, or whose month is not over. Percentiles depend on the
    length of the range, which stays."""
    if days.aggregate in PERCENTILES or days.stop - days.start > MOST:
        return days
    tz, most = zone(days.timezone), (days.stop - days.start) * _MOST_BESIDE
    start, stop = days.start, days.stop
    month = _MONTH.floor(start, tz)
    if DAY.floor(start, tz) == start and start - month <= most:
        start = month
    end = _MONTH.next(_MONTH.floor(stop - _TICK, tz), tz)
    if DAY.floor(stop, tz) == stop and end - stop <= most and end <= datetime.now(UTC):
        stop = end
    return replace(days, start=start, stop=stop)


def grid_of_groups(query: Query, groups: Groups) -> Grid:
    labels = sorted(groups)
    values = np.concatenate([groups[label] for label in labels]) if labels else np.empty(0)
    return grid_of(query, window_starts(query), labels, values)


def folded(query: Query, days: Query, groups: Groups) -> Grid | None:
    """The answer to `query` from that to `days`, which is `by_days(query)`; None where it does not follow, since
    a window begins within a day, or not exactly."""
    starts, day_starts = window_starts(query), window_starts(days)
    first = np.searchsorted(day_starts, starts)
    first[0] = 0  # the first window's nominal start may lie before the range
    if (first == len(day_starts)).any() or (day_starts[first[1:]] != starts[1:]).any():
        return None
    labels = sorted(groups)
    rows = [_reduced(query, groups[label], first) for label in labels]
    if query.aggregate == "sum" and any((np.abs(row) >= _EXACT).any() for row in rows):
        return None
    values = per_time(query, np.array(rows)) if rows else np.empty(0)
    return grid_of(query, starts, labels, values.ravel())


def _reduced(query: Query, values: Numbers, first: npt.NDArray[np.intp]) -> Numbers:
    """A group's values in windows that begin with the days at `first`."""
    if len(first) == len(values):
        return values
    if query.aggregate in COUNTED:
        return np.add.reduceat(values, first)
    if query.aggregate in ("min", "max"):
        return (np.fmin if query.aggregate == "min" else np.fmax).reduceat(values, first)
    known = ~np.isnan(values)
    if query.aggregate == "sum":
        some = np.logical_or.reduceat(known, first)
        return np.where(some, np.add.reduceat(np.where(known, values, 0.0), first), np.nan)
    latest = np.maximum.reduceat(np.where(known, np.arange(len(values)), -1), first)
    return np.where(latest >= 0, values[latest], np.nan)

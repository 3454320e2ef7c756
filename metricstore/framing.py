"""From a store's raw rows to the answer that Query promises; the same for every store.

A store aggregates and hands over one row per window and group that has points. Here windows get their nominal
starts, empty windows are filled, rates are made of counts and comparisons are paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.grid import Grid, Label
from metricstore.point import nanoseconds
from metricstore.query import COUNTED, EXACT_RANGE, Query
from metricstore.window_edges import Integers, edge_numbers, edges
from metricstore.windows import Window, zone

_HOUR = 3_600_000_000_000
_TICK = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = Window(1, "d")
_BEYOND_WEEKS = ("mo", "q", "y")
"""Windows that whole weeks do not lead to: for them the same weekdays are those of the period before."""


def window_starts(query: Query) -> Integers:
    """Nominal starts of the question's windows in nanoseconds, ascending; `start` alone when `every` is None."""
    if query.every is None:
        return np.array([nanoseconds(query.start)], dtype=np.int64)
    return edge_numbers(query.start, query.stop, query.every, query.timezone)


def framed(query: Query, times: npt.ArrayLike | None, groups: Sequence[npt.ArrayLike], values: npt.ArrayLike) -> Grid:
    """The answer (without `comparison`) from one raw row per window and group, in any order.

    `times`: nanoseconds of any moment inside the row's window and the range (None when `every` is None).
    `groups`: one sequence of strings per name in `query.by`; None stands for "without it".
    `values`: numbers, None or NaN for nothing; for `rate` and `per_day` the plain counts.
    """
    starts = window_starts(query)
    measured = np.asarray(values, dtype=np.float64)
    if times is None or query.every is None:
        window = np.zeros(len(measured), dtype=np.intp)
    else:
        window = np.maximum(np.searchsorted(starts, np.asarray(times, dtype=np.int64), side="right") - 1, 0)
    codes, labels = _grouped(query, groups, len(measured))
    empty = 0.0 if query.aggregate in COUNTED else np.nan
    filled = np.full((len(labels), len(starts)), empty)
    present = ~np.isnan(measured)
    filled[codes[present], window[present]] = measured[present]
    return grid_of(query, starts, labels, per_time(query, filled).ravel())


def per_time(query: Query, counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Counts by group and window as the question's aggregate wants them; other values as they are."""
    if query.aggregate == "rate":
        return counts / _hours(query, window_starts(query))
    return counts / window_days(query) if query.aggregate == "per_day" else counts


def _grouped(
    query: Query, groups: Sequence[npt.ArrayLike], rows: int
) -> tuple[npt.NDArray[np.intp], list[tuple[str, ...]]]:
    """Each row's group number, and the groups in the order of the answer."""
    codes: npt.NDArray[np.intp] = np.zeros(rows, dtype=np.intp)
    labels: list[Label] = [()]
    for column in groups:
        own, texts = _texts(column)
        there, codes = np.unique(codes * len(texts) + own, return_inverse=True)
        labels = [(*labels[each // len(texts)], texts[each % len(texts)]) for each in there.tolist()]
    return codes, labels


def _texts(column: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Each row's number among the column's texts, and these, ascending; what is missing is the text ""."""
    codes, texts = pd.factorize(np.asarray(column, dtype=object), sort=True)
    if len(texts) and texts[0] == "":
        return np.maximum(codes, 0), texts.tolist()
    return codes + 1, ["", *texts.tolist()]


def window_days(query: Query) -> npt.NDArray[np.float64]:
    """How many days of the zone's calendar lie in each window's part inside the range; of days in part their part, as
    hours of a day of 23 or 25 are parts of that."""
    starts = window_starts(query)
    inside = (
        query.start,
        *(_EPOCH + timedelta(microseconds=start // 1_000) for start in starts[1:].tolist()),
        query.stop,
    )
    return np.array([_days_between(*pair) for pair in pairwise(_in_its_day(each, query.timezone) for each in inside)])


def _in_its_day(moment: datetime, timezone: str) -> tuple[datetime, timedelta, timedelta]:
    """When the day began on the zone's calendar, how much of it has passed, and how long it is."""
    place = zone(timezone)
    begin = _DAY.floor(moment, place)
    return begin, moment - begin, _DAY.next(begin, place) - begin


def _days_between(start: tuple[datetime, timedelta, timedelta], stop: tuple[datetime, timedelta, timedelta]) -> float:
    """Never the difference of two large numbers, in which a few microseconds would be lost."""
    (first, began, length), (last, ended, last_length) = start, stop
    if first == last:
        return (ended - began) / length
    # days that a zone left out (Apia's 30 December 2011) are none, and no clock is changed by half a day
    days = round((last - first) / timedelta(days=1))
    return (length - began) / length + (days - 1) + ended / last_length


def _hours(query: Query, starts: Integers) -> npt.NDArray[np.float64]:
    """Length of each window inside the range: the first and the last may be cut."""
    inside = np.append(starts, nanoseconds(query.stop))
    inside[0] = nanoseconds(query.start)
    return np.diff(inside) / _HOUR


def grid_of(query: Query, starts: Integers, labels: Sequence[Label], values: npt.NDArray[np.float64]) -> Grid:
    """The answer of groups in their order, `values` holding a value for each window of one group after the other."""
    return Grid(query.by, labels, starts, {"value": values})


def comparison_query(query: Query) -> Query:
    """The question that `comparison` is the answer to; only for queries with `compare`."""
    if query.compare == "year":
        start, stop = _year_before(query)
    elif query.compare == "weekdays" and (query.every is None or query.every.unit not in _BEYOND_WEEKS):
        start, stop = _weeks_before(query.start, query.stop, query.timezone)
    elif query.every is None:
        start, stop = _as_long_before(query.start, query.stop, query.timezone), query.start
    else:
        start, stop = _windows_before(query.start, query.stop, query.every, query.timezone)
    # months and clocks make it a little longer: an exact percentile is not compared with an estimate
    exact = query.exact or (query.is_exact_percentile and stop - start > EXACT_RANGE)
    return replace(query, start=start, stop=stop, compare=None, exact=exact)


def _as_long_before(start: datetime, stop: datetime, timezone: str) -> datetime:
    """So long before `start` as `stop` is after it; whole days count as days, however long the clock makes them."""
    place = zone(timezone)
    if _DAY.floor(start, place) == start and _DAY.floor(stop, place) == stop:
        return _DAY.back(start, round((stop - start) / timedelta(days=1)), place)
    return start - (stop - start)


def _weeks_before(start: datetime, stop: datetime, timezone: str) -> tuple[datetime, datetime]:
    """The same weekdays and times of day, as the wall clock shows them, the fewest whole weeks before that do not overlap."""
    place = zone(timezone)

    def earlier(moment: datetime, weeks: int) -> datetime:
        return (moment.astimezone(place) - timedelta(weeks=weeks)).astimezone(UTC)

    wall = stop.astimezone(place).replace(tzinfo=None) - start.astimezone(place).replace(tzinfo=None)
    weeks = max(1, ceil(wall / timedelta(weeks=1)))
    if earlier(stop, weeks) > start:  # the clock was changed in between
        weeks += 1
    first, last = earlier(start, weeks), earlier(stop, weeks)
    return first, max(last, first + _TICK)


def _year_before(query: Query) -> tuple[datetime, datetime]:
    """The same wall-clock range a year earlier; 52 weeks when windows are weeks, so that they pair."""
    tz = zone(query.timezone)

    def earlier(moment: datetime) -> datetime:
        local = moment.astimezone(tz)
        if query.every is not None and query.every.unit == "w":
            return (local - timedelta(weeks=52)).astimezone(UTC)
        leap = (local.month, local.day) == (2, 29)
        return local.replace(year=local.year - 1, day=28 if leap else local.day).astimezone(UTC)

    start, stop = earlier(query.start), earlier(query.stop)
    return start, max(stop, start + _TICK)


@lru_cache(maxsize=256)
def _windows_before(start: datetime, stop: datetime, every: Window, timezone: str) -> tuple[datetime, datetime]:
    """The range moved back by the fewest whole windows that bring its end before `start`."""
    starts = edges(start, stop, every, timezone)
    count = len(starts) - 1
    if count == 0 or _moved(stop, every, timezone, count, end=True) > start:
        count += 1
    earlier = _moved(start, every, timezone, count)
    return earlier, max(_moved(stop, every, timezone, count, end=True), earlier + _TICK)


def _moved(moment: datetime, every: Window, timezone: str, count: int, *, end: bool = False) -> datetime:
    """`moment` in the window `count` windows before its own, at the same place in it (as the wall clock shows it)."""
    tz = zone(timezone)
    own = every.floor(moment - _TICK if end else moment, tz)
    target = every.back(own, count, tz)
    following = every.next(target, tz)
    if end and every.next(own, tz) <= moment:
        return following
    if every.unit in ("m", "h"):
        found = target + (moment - own)
    else:
        inside = moment.astimezone(tz).replace(tzinfo=None) - own.astimezone(tz).replace(tzinfo=None)
        found = (target.astimezone(tz).replace(fold=0) + inside).astimezone(UTC)
    return min(found, following if end else following - _TICK)


def with_comparison(query: Query, found: Grid, earlier: Grid) -> Grid:
    """`found` with a column `comparison` from `earlier`, the answer to `comparison_query(query)`.

    Windows pair in order; one without a partner gets NaN. A group with points in only one of the two ranges
    has rows all the same, its other column empty.
    """
    empty = 0.0 if query.aggregate in COUNTED else np.nan
    labels = found.labels if found.labels == earlier.labels else sorted({*found.labels, *earlier.labels})
    now, before = found.with_labels(labels, empty), earlier.with_labels(labels, empty)
    paired = min(len(now.starts), len(before.starts))
    comparison = np.full((len(labels), len(now.starts)), np.nan)
    comparison[:, :paired] = before["value"].reshape(len(labels), len(before.starts))[:, :paired]
    return now.with_columns({"comparison": comparison.ravel()})

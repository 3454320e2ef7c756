"""Whether rollups answer a question, from which hours, and which points are read beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from metricstore.framing import window_starts
from metricstore.point import nanoseconds
from metricstore.query import PER_TIME, PERCENTILES, Filter, Query
from metricstore.rollups.hours import HOUR, Stretches, begins_between, joined, length, whole_hours, within, without
from metricstore.rollups.layout import Layout
from metricstore.time_parts import TIME_PARTS, offsets

FEWEST_HOURS = 24
"""Of fewer the points are read as quickly."""
MOST_PIECES = 8
"""Stretches of points to read beside the hours."""
SHORTEST_SECONDS = 86_400
"""Of windows whose percentiles come from buckets: all buckets of all windows are read at once."""
_ADDED_UP = ("count", "sum", "mean", "min", "max", *PER_TIME)


class Reason(StrEnum):
    """Why a question is asked of the points."""

    NOT_KEPT = "no rollups are kept of the measurement: its times are dates, it has few points, or nearly as many cells as points"
    AGGREGATE = "the latest value and the number of different values do not follow from those of hours"
    TEXT = "rollups are of numbers"
    COLUMN = "it is filtered or grouped by a column that cells do not have"
    WINDOWS = "a window begins within an hour of UTC"
    CLOCK = "the filter's time zone is not a whole number of hours from UTC"
    SHORT = "the range is short: its points are read as quickly"
    EXACT = "percentiles over a range of this length, and those that rules are judged by, are exact"
    NO_BUCKETS = "no metric asks for percentiles of the field"
    SHORT_WINDOWS = "percentiles of windows shorter than a day: their buckets are hardly fewer than their points"
    CHANGED = "too much has changed and was not recomputed yet"


@dataclass(frozen=True)
class Known:
    """The state of a measurement's rollups. What is in neither stretch is complete."""

    layout: Layout | None
    dirty: Stretches = ()
    """Hours that points have changed in since."""
    closed: Stretches = ()
    """Hours whose points were deleted: the rollups are all there is of them, and an hour that the range cuts counts where it begins."""


NOTHING = Known(None)
"""Of a measurement that no rollups are kept of."""


@dataclass(frozen=True)
class Plan:
    """Where the answer comes from: stretches of hours, and of points in nanoseconds. Together they are the range."""

    layout: Layout
    hours: Stretches
    points: Stretches


def plan(query: Query, known: Known) -> Plan | Reason:
    """Of a question without a comparison."""
    if known.layout is None:
        return Reason.NOT_KEPT
    refused = _refused(query, known.layout)
    if refused is not None:
        return refused
    start, stop = nanoseconds(query.start), nanoseconds(query.stop)
    closed = within(known.closed, *begins_between(start, stop))
    if closed:
        return _with_closed(known, closed, start, stop)
    first, last = whole_hours(start, stop)
    if query.is_exact_percentile:
        return Reason.EXACT
    if last - first < FEWEST_HOURS:
        return Reason.SHORT
    found = _from(known, without(((first, last),), known.dirty), start, stop)
    if len(found.points) > MOST_PIECES or length(found.hours) * 2 < last - first:
        return Reason.CHANGED
    return found


def planned_by(known: Mapping[str, Known]) -> Callable[[Query], Plan | None]:
    """How rollups answer questions without a comparison, by what is known of measurements; None where points do."""

    def planned(query: Query) -> Plan | None:
        found = plan(query, known.get(query.measurement, NOTHING))
        return found if isinstance(found, Plan) else None

    return planned


def refused_beforehand(query: Query, known: Known) -> bool:
    """Whether points answer it whichever hours are dirty, so that nobody need look. `known` may be of a moment ago: points are as right then."""
    if known.layout is None or _refused(query, known.layout) is not None:
        return True
    first, last = whole_hours(nanoseconds(query.start), nanoseconds(query.stop))
    return not known.closed and (query.is_exact_percentile or last - first < FEWEST_HOURS)


def _with_closed(known: Known, closed: Stretches, start: int, stop: int) -> Plan:
    """Nothing but rollups knows the closed hours, each of which counts where it begins: there is no reason not to take them."""
    complete = without((whole_hours(start, stop),), known.dirty)
    found = _from(known, joined((*complete, *closed)), start, stop)
    return found if len(found.points) <= MOST_PIECES else _from(known, closed, start, stop)


def _from(known: Known, hours: Stretches, start: int, stop: int) -> Plan:
    """From these hours, and else from points; never from those of closed hours, which were written too late."""
    assert known.layout is not None
    taken = joined((*hours, *known.closed))
    return Plan(
        known.layout, hours, without(((start, stop),), tuple((first * HOUR, last * HOUR) for first, last in taken))
    )


@lru_cache(maxsize=512)
def _refused(query: Query, layout: Layout) -> Reason | None:
    """What does not depend on the state of the rollups."""
    aggregate, field = query.aggregate, query.field
    if aggregate not in _ADDED_UP and aggregate not in PERCENTILES:
        return Reason.AGGREGATE
    if field is not None and field not in layout.fields:
        return Reason.TEXT
    if aggregate in PERCENTILES and field not in layout.bucketed:
        return Reason.NO_BUCKETS
    if aggregate in PERCENTILES and query.every is not None and query.every.seconds < SHORTEST_SECONDS:
        return Reason.SHORT_WINDOWS
    columns = {*query.by, *(one.column for one in query.where)} - TIME_PARTS.keys()
    if not columns <= set(layout.keys):
        return Reason.COLUMN
    if query.every is not None and (window_starts(query) % HOUR).any():
        return Reason.WINDOWS
    if not all(_of_whole_hours(one, query) for one in query.where):
        return Reason.CLOCK
    return None


def _of_whole_hours(condition: Filter, query: Query) -> bool:
    """Whether all moments of an hour of UTC pass or none does."""
    if condition.column not in TIME_PARTS:
        return True
    day = timedelta(days=1)
    found = offsets(nanoseconds(query.start - day), nanoseconds(query.stop + day), condition.timezone)
    changes = (one.start for one in found[1:])
    return not any(moment % HOUR for moment in (*changes, *(one.nanoseconds for one in found)))

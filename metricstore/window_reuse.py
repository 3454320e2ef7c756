"""An answer over windows put together from an earlier one and what has to be asked anew.

Windows do not depend on each other: whatever is counted in one, the same points lie in it whichever range it is a part of.
So a window of an earlier answer is as good as asked anew where it is cut alike by both ranges and none of its points has
changed. Only which groups there are is a question of the whole range: a group stays that has a value somewhere.
Where it has none and may be there all the same, the whole question has to be asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from metricstore.changed_days import Stretches
from metricstore.dates import DAY, counted_from
from metricstore.day_values import Groups
from metricstore.framing import window_starts
from metricstore.point import moment, nanoseconds
from metricstore.query import COUNTED, PER_TIME, Query

Integers = npt.NDArray[np.int64]
MOST_RUNS = 3
"""Runs of windows that are asked for one by one; what lies between closer ones is asked along."""
_LARGEST_PART = 0.5
"""Of all windows; asking for more costs as much as asking for all."""


@dataclass(frozen=True)
class Reuse:
    """`places`: each window's place in the earlier answer, -1 where it is asked anew, which are those in `runs` ([first, stop))."""

    query: Query
    earlier_query: Query
    earlier: Groups
    places: Integers
    runs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, query: Query, earlier_query: Query, earlier: Groups, changed: Stretches) -> Self | None:
        """None where the whole question had better be asked. The questions may differ in their range alone; `changed` is
        where points have changed since the earlier answer."""
        begins, ends = _insides(query)
        places = _places(begins, ends, earlier_query)
        for start, stop in _counted(query, changed):
            places[np.searchsorted(ends, start, side="right") : np.searchsorted(begins, stop, side="left")] = -1
        runs = _runs(np.flatnonzero(places < 0))
        if sum(stop - first for first, stop in runs) > _LARGEST_PART * len(places):
            return None
        for first, stop in runs:
            places[first:stop] = -1
        found = cls(query, earlier_query, earlier, places, runs)
        return found if found._windows_are_the_same() else None

    @property
    def queries(self) -> Iterator[Query]:
        """What has to be asked, a question for each run."""
        begins, _ = _insides(self.query)
        for first, stop in self.runs:
            yield replace(
                self.query,
                start=moment(int(begins[first])) if first else self.query.start,
                stop=moment(int(begins[stop])) if stop < len(begins) else self.query.stop,
            )

    @property
    def kept(self) -> int:
        """How many windows are not asked for."""
        return int(np.count_nonzero(self.places >= 0))

    @property
    def asked(self) -> int:
        """How many windows are asked for."""
        return len(self.places) - self.kept

    def merged(self, answers: Sequence[Groups]) -> Groups | None:
        """The answer, from those to `queries`; None where it can't be known from them."""
        kept = self.places >= 0
        places = self.places[kept]
        there: set[tuple[str, ...]] = set().union(*answers) if self.query.by else {()}
        for label, values in self.earlier.items():
            if label not in there:
                if _any_value(self.query, values[places]):
                    there.add(label)
                elif not empty_is_absent(self.query):
                    return None
        found: Groups = {}
        for label in there:
            row = np.full(len(kept), 0.0 if self.query.aggregate in COUNTED else np.nan)
            if label in self.earlier:
                row[kept] = self.earlier[label][places]
            for groups, (first, stop) in zip(answers, self.runs, strict=True):
                if label in groups:
                    row[first:stop] = groups[label]
            found[label] = row
        return found

    def _windows_are_the_same(self) -> bool:
        starts = window_starts(self.query)
        return all(
            np.array_equal(window_starts(query), starts[first:stop])
            for query, (first, stop) in zip(self.queries, self.runs, strict=True)
        )


def _insides(query: Query) -> tuple[Integers, Integers]:
    """Begin and end of each window's part inside the range."""
    bounds = np.append(window_starts(query), nanoseconds(query.stop))
    bounds[0] = nanoseconds(query.start)
    return bounds[:-1], bounds[1:]


def _places(begins: Integers, ends: Integers, earlier: Query) -> Integers:
    """Where an earlier answer has the same windows, cut alike; -1 where it has not."""
    old_begins, old_ends = _insides(earlier)
    places = np.searchsorted(old_begins, begins)
    places[places == len(old_begins)] = 0
    places[(old_begins[places] != begins) | (old_ends[places] != ends)] = -1
    return places


def _counted(query: Query, changed: Stretches) -> Iterator[tuple[int, int]]:
    """Where points count that are stored in stretches of whole days: dates do so where the zone's day begins."""
    for start, stop in changed:
        if query.source.dates is None:
            yield start, stop
            continue
        first, last = counted_from(start, query.timezone), counted_from(stop - DAY, query.timezone) + DAY
        yield min(start, first), max(stop, last)


def _runs(stale: npt.NDArray[np.intp]) -> tuple[tuple[int, int], ...]:
    """Windows that are `stale` as few runs: the widest gaps between them stay."""
    if not len(stale):
        return ()
    gaps = np.diff(stale)
    widest = np.sort(np.argsort(-gaps, kind="stable")[: MOST_RUNS - 1])
    cuts = [int(place) + 1 for place in widest if gaps[place] > 1]
    return tuple((int(stale[first]), int(stale[stop - 1]) + 1) for first, stop in pairwise([0, *cuts, len(stale)]))


def _any_value(query: Query, values: npt.NDArray[np.float64]) -> bool:
    return bool((values != 0).any() if query.aggregate in COUNTED else (~np.isnan(values)).any())


def empty_is_absent(query: Query) -> bool:
    """Whether a group that has points has a value: not where they may all lack the field."""
    if query.field is None:
        return query.aggregate in ("count", *PER_TIME)
    return any(one.column == query.field and one.demands_column for one in query.where)

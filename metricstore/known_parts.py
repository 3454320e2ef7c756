"""What of a question is known from earlier answers: of windows those in which no point has changed, of totals their days."""

from __future__ import annotations

import heapq
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from metricstore.day_values import DAY, Groups, by_days, folded, grid_of_groups, whole_months
from metricstore.grid import Grid
from metricstore.kept_answers import CacheKey, Kept, KeptAnswers
from metricstore.query import PERCENTILES, Query
from metricstore.store import Store, said_behind
from metricstore.window_reuse import Reuse, empty_is_absent

WHOLE_SECONDS = 600.0
"""So often all windows are asked anew whatever has changed: servers drop points by their own retention, and other programs may
write to them, without anybody being told."""
_EARLIER = 4
"""So many earlier answers are looked at."""
_MOST_VALUES = 40_000
"""Days of all groups: more are neither asked for nor kept."""
_LARGEST_PART = 1 / 6
"""Of the days, asked anew for the sake of a total: beyond that the total itself is asked for, or all days."""
_QUESTIONS = 2_000
"""Questions that are remembered to have been asked, whatever their range."""
_ENTRY, _GROUP = 1_000, 300
"""Bytes beside the numbers."""


@dataclass(frozen=True)
class Part:
    """How an answer is put together. `query` has the windows that are known or asked for, and `reuse` says which of them are known:
    None where none is."""

    wanted: Query
    query: Query
    reuse: Reuse | None
    since: float
    """When (`time.monotonic`) the oldest of it was asked."""

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """What has to be asked."""
        return (self.query,) if self.reuse is None else tuple(self.reuse.queries)

    def groups(self, found: Sequence[Grid]) -> Groups | None:
        """Values by windows, from the answers to `queries`; None where they can't be known."""
        answers = [one.by_group() for one in found]
        return answers[0] if self.reuse is None else self.reuse.merged(answers)

    def answer(self, groups: Groups) -> Grid | None:
        if self.query == self.wanted:
            return grid_of_groups(self.wanted, groups)
        days = by_days(self.wanted)
        assert days is not None
        within = groups if days == self.query else self._within(days, groups)
        return None if within is None else folded(self.wanted, days, within)

    def _within(self, days: Query, groups: Groups) -> Groups | None:
        """Values of a shorter range's days; None where they can't be known."""
        reuse = Reuse.of(days, self.query, groups, ())
        return None if reuse is None or reuse.runs else reuse.merged(())


class KnownParts:
    """Over what a cache keeps, which `lock` guards."""

    def __init__(self, store: Store, kept: KeptAnswers, lock: threading.Lock) -> None:
        self._store = store
        self._kept = kept
        self._lock = lock
        self._estimates = bool(said_behind(store, "estimates", default=True))
        """Whether percentiles over long ranges may be estimates; assumed of a store that does not say."""
        self._keeps_rollups: Callable[[str], bool] = said_behind(store, "keeps_rollups", default=lambda _: True)
        """Of which measurements they may be; of all of them where the store does not say."""
        self._groups: OrderedDict[Hashable, int] = OrderedDict()
        """How many groups there were in an earlier answer to the same question, whatever its range."""

    def of(self, key: CacheKey) -> Part | None:
        """None where the question had better be asked as it is."""
        if self._estimates and _may_be_estimated(key.query) and self._keeps_rollups(key.query.measurement):
            return None
        days = by_days(key.query)
        if days is not None:
            part = self._of_days(key, CacheKey(days, key.revision, by_days=True))
            if part is not None or days == key.query:
                return part
        if key.query.every is None:
            return None
        found = self._earlier(key)
        return found and Part(key.query, key.query, *found)

    def by_days(self, query: Query) -> bool:
        """Whether the days of such a question are known, or will be asked for."""
        days = by_days(query)
        return days is not None and self._worth_days(CacheKey(days, "", by_days=True))

    def keep_days(self, key: CacheKey, part: Part, groups: Groups) -> None:
        """For later questions. What was put together from one answer alone is a part of that."""
        if part.queries and by_days(part.query) == part.query:
            self._keep(CacheKey(part.query, key.revision, by_days=True), groups, part.since)

    def keep_whole(self, key: CacheKey, found: Grid, since: float) -> None:
        """Of a question that was asked as it is."""
        days = by_days(key.query)
        if days is None:
            return
        daily = CacheKey(days, key.revision, by_days=True)
        if days == key.query:
            self._keep(daily, found.by_group(), since)
        else:
            self._note(daily, len(found.labels))

    def _note(self, daily: CacheKey, groups: int) -> None:
        with self._lock:
            self._groups[daily.without_range] = groups
            self._groups.move_to_end(daily.without_range)
            while len(self._groups) > _QUESTIONS:
                self._groups.popitem(last=False)

    def _keep(self, key: CacheKey, groups: Groups, since: float) -> None:
        self._note(key, len(groups))
        values = sum(map(len, groups.values()))
        if values <= _MOST_VALUES:
            with self._lock:
                self._kept.keep(key, Kept(groups, _ENTRY + len(groups) * _GROUP + 8 * values, since))

    def _of_days(self, key: CacheKey, daily: CacheKey) -> Part | None:
        """From the days that are known or, where such a question is not asked for the first time, from all days. Where some have to be
        asked for, it is for those of whole months, so that the next range finds them."""
        found = self._earlier(daily)
        if found is not None and not found[0].runs:
            return Part(key.query, daily.query, *found)
        wider = daily._replace(query=_widened(daily.query))
        part = None if wider == daily else self._from_days(key, wider, self._earlier(wider))
        return part or self._from_days(key, daily, found)

    def _from_days(self, key: CacheKey, days: CacheKey, found: tuple[Reuse, float] | None) -> Part | None:
        if found is not None:
            reuse, since = found
            if key.query.every == DAY or reuse.asked <= _LARGEST_PART * len(reuse.places):
                return Part(key.query, days.query, reuse, since)
        if days.query != key.query and self._worth_days(days):
            return Part(key.query, days.query, None, time.monotonic())
        return None

    def _worth_days(self, daily: CacheKey) -> bool:
        with self._lock:
            groups = self._groups.get(daily.without_range)
        return (
            groups is not None and groups * ((daily.query.stop - daily.query.start) / timedelta(days=1)) <= _MOST_VALUES
        )

    def _earlier(self, key: CacheKey) -> tuple[Reuse, float] | None:
        """The earlier answer that leaves the least to ask, and since when it is known."""
        with self._lock:
            # a stable choice: of those that reach equally far the latest
            near = heapq.nlargest(
                _EARLIER, self._kept.over_ranges(key), key=lambda one: _common(key.query, one[0].query)
            )
        best: tuple[Reuse, float] | None = None
        chosen: CacheKey | None = None
        for asked, kept in near:
            if kept.since < time.monotonic() - WHOLE_SECONDS:
                continue
            same = asked.revision == key.revision
            changed = () if same else self._store.changed_since(key.query.measurement, asked.revision)
            if changed is None:
                continue
            earlier = kept.answer if key.by_days else kept.answer.by_group()
            reuse = Reuse.of(key.query, asked.query, earlier, changed)
            if reuse is not None and (best is None or reuse.kept > best[0].kept):
                best, chosen = (reuse, kept.since), asked
        if chosen is not None:
            with self._lock:
                self._kept.get(chosen)  # it is of use
        return best


def _widened(days: Query) -> Query:
    """Not where a group that is in the months and not in the range could not be known to be absent from it."""
    return days if days.by and not empty_is_absent(days) else whole_months(days)


def days_asked(key: CacheKey, part: Part | None) -> Hashable | None:
    """Which question for days, whatever its range, others may be asking at this moment; None where this one is not about days, or needs none."""
    days = by_days(key.query) if part is None or part.queries else None
    return None if days is None else CacheKey(days, "", by_days=True).without_range


def _may_be_estimated(query: Query) -> bool:
    """Whether windows that are asked by themselves, over a shorter range, would be exact beside estimates."""
    return query.aggregate in PERCENTILES and not query.is_exact_percentile


def _common(one: Query, other: Query) -> timedelta:
    return min(one.stop, other.stop) - max(one.start, other.start)

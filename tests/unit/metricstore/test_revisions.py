"""Which days have changed since a revision: of a store in this process, and of one that many share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import numpy as np
import pytest

from metricstore import revisions
from metricstore.changed_days import MOST_DAYS, ChangedDays, Days, days_between, days_of_points, days_of_times
from metricstore.dates import DAY
from metricstore.point import Point
from metricstore.revisions import Revisions, Total


def stretch(first: int, stop: int) -> tuple[int, int]:
    return first * DAY, stop * DAY


def test_days_that_have_changed_since_are_stretches_in_order() -> None:
    changed = ChangedDays()
    first = changed.record(frozenset({5, 9}))
    changed.record(frozenset({7, 6}))
    changed.record(frozenset({-1}))
    assert changed.since(first) == (stretch(-1, 0), stretch(6, 8))
    assert changed.since(0) == (stretch(-1, 0), stretch(5, 8), stretch(9, 10))
    assert changed.since(changed.number) == ()


def test_a_change_of_everything_is_all_that_is_known_of_what_came_before() -> None:
    changed = ChangedDays()
    before = changed.record(frozenset({5}))
    everything = changed.record(None)
    changed.record(frozenset({6}))
    assert changed.since(before) is None
    assert changed.since(everything) == (stretch(6, 7),)


def test_only_so_many_days_are_remembered() -> None:
    changed = ChangedDays()
    numbers = [changed.record(frozenset({day})) for day in range(MOST_DAYS + 10)]
    assert changed.since(numbers[8]) is None
    assert changed.since(numbers[9]) == (stretch(10, MOST_DAYS + 10),)
    assert len(changed._last) == MOST_DAYS


def test_the_days_of_a_change() -> None:
    assert days_of_times(np.array([0, DAY - 1, DAY, -1])) == {-1, 0, 1}
    assert days_of_times(np.arange(MOST_DAYS + 1) * DAY) is None
    points = [Point("post", 3 * DAY + 5), Point("post", 0), Point("batch", -DAY)]
    assert days_of_points(points) == {"post": {0, 3}, "batch": {-1}}
    assert days_of_points(Point("post", day * DAY) for day in range(MOST_DAYS + 1)) == {"post": None}
    assert days_between(DAY, 3 * DAY) == {1, 2}
    assert days_between(DAY - 1, 3 * DAY + 1) == {0, 1, 2, 3}
    assert days_between(0, int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * 10**9) is None


class Shared:
    """What several processes share, as a server would keep it: a day's mark replaces the one before."""

    def __init__(self) -> None:
        self.days: dict[str, dict[int, int]] = {}
        self.anywhere: dict[str, int] = {}
        self.readings = 0
        self._next = 0

    def totals(self) -> dict[str, Total]:
        self.readings += 1
        return {
            name: Total(str(self.anywhere.get(name, "")), sum(self.days.get(name, {}).values()))
            for name in self.days | self.anywhere
        }

    def by_day(self, measurements: Collection[str]) -> Mapping[str, Mapping[int, int]]:
        return {name: dict(self.days.get(name, {})) for name in measurements}

    def add(self, changes: Mapping[str, Days]) -> Mapping[str, Mapping[int, int]]:
        added: dict[str, dict[int, int]] = {}
        for name, days in changes.items():
            if days is None:
                self.anywhere[name] = self._number()
            else:
                added[name] = {day: self._number() for day in days}
                self.days.setdefault(name, {}).update(added[name])
        return added

    def applied(self, known: dict[int, int], new: Mapping[int, int]) -> None:
        known.update(new)

    def _number(self) -> int:
        self._next = self._next * 2 + 1
        return self._next


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Shared:
    monkeypatch.setattr(revisions, "SECONDS", 0.0)
    return Shared()


def test_a_change_of_another_process_is_known_by_its_days(shared: Shared) -> None:
    mine, other = Revisions(shared), Revisions(shared)
    other.changed({"post": frozenset({1, 2, 3})})
    first = mine.of("post")
    assert mine.changed_since("post", first) is None, "its days were not watched"
    first = mine.of("post")
    assert mine.changed_since("post", first) == ()
    other.changed({"post": frozenset({2}), "batch": frozenset({4})})
    second = mine.of("post")
    assert second == other.of("post") != first
    assert mine.changed_since("post", first) == (stretch(2, 3),)
    mine.changed({"post": frozenset({7})})
    third = mine.of("post")
    assert mine.changed_since("post", second) == (stretch(7, 8),)
    assert mine.changed_since("post", first) == (stretch(2, 3), stretch(7, 8))
    other.changed({"post": None})
    assert mine.of("post") == other.of("post") != third
    assert mine.changed_since("post", third) is None


def test_marks_that_have_gone_are_those_of_other_points(shared: Shared) -> None:
    """As where a backup was put in the place of what was there."""
    mine = Revisions(shared)
    mine.changed({"post": frozenset({1, 2})})
    mine.changed_since("post", mine.of("post"))
    before = mine.of("post")
    shared.days = {"post": {2: 77}}
    assert mine.of("post") != before
    assert mine.changed_since("post", before) is None


def test_a_revision_that_was_never_seen_may_be_of_any_time(shared: Shared) -> None:
    mine = Revisions(shared)
    mine.changed_since("post", "0")
    mine.of("post")
    assert mine.changed_since("post", "x-7") is None


def test_own_changes_are_seen_without_reading_again(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "SECONDS", 3600.0)
    mine = Revisions(shared)
    mine.changed({"post": frozenset({1})})
    seen = [mine.of("post")]
    readings = shared.readings
    for day in range(5):
        mine.changed({"post": frozenset({day})})
        seen.append(mine.of("post"))
        assert mine.at_hand("post") == seen[-1]
    assert shared.readings == readings
    assert len(set(seen)) == 6
    assert mine.changed_since("post", seen[3]) == (stretch(3, 5),)
    assert Revisions(shared).of("post") == seen[-1]


def test_a_change_that_was_broken_off_is_one_all_the_same(shared: Shared) -> None:
    mine = Revisions(shared)
    before = mine.of("post")
    with pytest.raises(ZeroDivisionError), mine.changing({"post": frozenset({1})}):
        raise ZeroDivisionError
    assert mine.of("post") != before

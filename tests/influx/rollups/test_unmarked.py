"""Points that no mark tells of by day are counted all the same: a day without a rollup is read from its points, whatever is known of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from metricstore import revisions
from metricstore.changed_days import MOST_DAYS
from metricstore.dates import DAY
from metricstore.influx import InfluxStore, line
from metricstore.point import Point
from tests.contract.asking import START, asked, generation
from tests.contract.reference import ns
from tests.influx.rollups.asking import OPENED, agrees, made, of_points, regular

pytestmark = pytest.mark.influx


def written_by_others(store: InfluxStore, *moments: datetime) -> None:
    store._connection.write(line.lines([generation(moment, duration_seconds=3.0) for moment in moments]))


def test_what_other_programs_write_outside_of_the_days_with_rollups_counts_at_once(opened: OPENED) -> None:
    store = opened()
    store.write(regular(5))
    made(store)
    now = datetime.now(UTC)
    written_by_others(store, now - timedelta(minutes=1), START - timedelta(days=30))
    time.sleep(revisions.SECONDS)
    for query in (asked("count", "1d"), asked("count"), asked("mean", field="duration_seconds")):
        whole = replace(query, start=START - timedelta(days=40), stop=now)
        agrees(store, whole, of_points(store, whole))
    assert store.ask(replace(asked("count"), start=START - timedelta(days=40), stop=now))["value"][0] == 5 * 48 + 2


def test_a_change_of_more_days_than_are_marked_counts_at_once(opened: OPENED) -> None:
    store, other = opened(), opened()
    store.write(regular(5))
    made(store)

    def long_ago() -> Iterator[Point]:
        for day in range(MOST_DAYS + 50):
            yield generation(START - timedelta(days=day + 1))

    other.write(list(long_ago()))
    whole = replace(asked("count"), start=START - timedelta(days=MOST_DAYS + 60), stop=START + timedelta(days=5))
    time.sleep(revisions.SECONDS)
    for one in (store, other):
        assert one.ask(whole)["value"][0] == 5 * 48 + MOST_DAYS + 50
    made(store)
    assert store.ask(whole)["value"][0] == 5 * 48 + MOST_DAYS + 50


def test_a_day_whose_rollup_is_gone_is_read_from_its_points(opened: OPENED) -> None:
    """As where shards are shorter than a day, and the oldest day's begin is dropped first."""
    store = opened()
    store.write(regular(5))
    made(store)
    first = ns(START) // DAY * DAY
    for name in ("store_rollups", "store_changes"):
        store._connection.delete(first, first, f'_measurement="{name}"')
    agrees(opened(), asked("count"), of_points(store, asked("count")))
    agrees(opened(), asked("count", "1d"), of_points(store, asked("count", "1d")))


def test_days_without_points_are_made_too_so_that_they_need_not_be_read(opened: OPENED) -> None:
    store = opened()
    store.write(regular(2))
    store.write([generation(START + timedelta(days=20 + 2 * day)) for day in range(12)])
    made(store)
    assert store.rollups.left() == 0
    assert store.refused_by_rollups(replace(asked("count"), stop=START + timedelta(days=60))) is None

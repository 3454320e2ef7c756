"""Rollups are kept where they are worth it, made anew where something changed, and compared with the points."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from metricstore.catalogue import MEASUREMENTS, Field, Tag
from metricstore.clickhouse import ClickHouseStore
from metricstore.clickhouse import rollup_tables as clickhouse_tables
from metricstore.duck import rollups as duck_rollups
from metricstore.errors import StoreFailed
from metricstore.point import Point
from metricstore.query import Query
from metricstore.rollups import upkeep
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Reason
from tests.contract.asking import START, asked, assert_same, generation, hours, rows
from tests.contract.reference import ns
from tests.contract.rollups.asking import SECONDS, Kept, Open, agrees, declare, lose, made, of_points, retry, spoil


def test_few_points_and_few_points_in_a_cell_are_not_worth_it(empty: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1_000)
    empty.write([generation(START + hours(number / 20)) for number in range(900)])
    made(empty)
    assert empty.refused_by_rollups(asked()) is Reason.NOT_KEPT
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 30)
    empty.write([generation(START + hours(number / 20)) for number in range(1_100)])
    made(empty)
    assert empty.refused_by_rollups(asked()) is Reason.NOT_KEPT, "twenty points in a cell"
    empty.write([generation(START + hours(number / 40)) for number in range(2_200)])
    made(empty)
    assert empty.refused_by_rollups(asked()) is None, "forty, and looked at again as it has grown"


def test_where_many_outcomes_share_few_points_tags_alone_make_cells(
    empty: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 4)
    outcomes = ("ok", "failed", "partial", "unknown")
    empty.write([generation(START + hours(number / 8), outcome=outcomes[number % 4]) for number in range(800)])
    made(empty)
    assert empty.refused_by_rollups(asked(by=("platform",))) is None
    assert empty.refused_by_rollups(asked(by=("outcome",))) is Reason.COLUMN


def test_a_measurement_that_is_declared_anew_gets_new_rollups(
    store: Kept, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(store.ask(asked("mean", "1d", field=SECONDS)))
    source = MEASUREMENTS["generation"]
    declared = replace(source, fields=(*source.fields, Field("tries", "int", "tries")))
    monkeypatch.setitem(MEASUREMENTS, "generation", declared)
    store = opened()
    declare(store, declared)
    assert store.refused_by_rollups(asked()) is Reason.NOT_KEPT
    made(store)
    assert_same(rows(store.ask(asked("mean", "1d", field=SECONDS))), before)
    assert store.refused_by_rollups(asked("sum", field="tries")) is None
    if isinstance(store, ClickHouseStore):
        store._connection.command("ALTER TABLE generation DROP COLUMN tries")


def test_tags_may_have_any_name(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("points", "bucket", "number")
    source = replace(MEASUREMENTS["generation"], name="odd", tags=tuple(Tag(name, name) for name in names))
    monkeypatch.setitem(MEASUREMENTS, "odd", source)
    monkeypatch.setattr("metricstore.rollups.layout._percentile_fields", lambda _: frozenset({SECONDS}))
    tags = [dict(zip(names, values, strict=True)) for values in (("1", "a", "x"), ("2", "b", "y"))]
    store = opened()
    declare(store, source)
    points = [Point("odd", ns(START + hours(n / 9)), tags[n % 2], {SECONDS: float(n)}) for n in range(900)]
    assert store.write(points).rejected == ()
    made(store)
    for query in (
        asked("count", by=names, measurement="odd"),
        asked("p95", by=names, field=SECONDS, measurement="odd"),
    ):
        agrees(store, query, of_points(store, query))
        assert store.refused_by_rollups(query) is None
    assert store.rollups.check(random.Random(1)).wrong == {}
    if isinstance(store, ClickHouseStore):
        store._connection.command("DROP TABLE odd")


def test_rollups_by_another_recipe_are_made_anew(store: Kept, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rows(store.ask(asked("count", "1d")))
    monkeypatch.setattr("metricstore.rollups.layout.RECIPE", -1)
    store = opened()
    assert store.refused_by_rollups(asked("count", "1d")) is Reason.NOT_KEPT
    made(store)
    assert store.refused_by_rollups(asked("count", "1d")) is None
    assert rows(store.ask(asked("count", "1d"))) == expected


@contextmanager
def without_generation() -> Iterator[None]:
    """The list afterwards has its order, too; `monkeypatch.delitem` would put back at the end what it took out."""
    before = dict(MEASUREMENTS)
    del MEASUREMENTS["generation"]
    try:
        yield
    finally:
        MEASUREMENTS.clear()
        MEASUREMENTS.update(before)


def test_rollups_of_a_measurement_that_is_not_known_are_left_alone(store: Kept, opened: Open) -> None:
    store.write([retry(number) for number in range(100)])
    made(store)
    expected = rows(store.ask(asked("count", "1d")))
    store.close()
    with without_generation():
        store = opened()
        made(store)
        assert store.rollups.check(random.Random(1)).wrong == {}
        store.write([retry(0)])
        assert store.refused_by_rollups(asked(measurement="ai_retry")) is None
        assert store.ask(asked(measurement="ai_retry"))["value"][0] == 100
    store = opened()
    assert store.refused_by_rollups(asked("count", "1d")) is None
    assert rows(store.ask(asked("count", "1d"))) == expected


def test_rollups_that_are_wrong_are_noticed_and_made_anew(store: Kept) -> None:
    query = asked("sum", "1d", field="position")
    expected = rows(store.ask(query))
    assert store.rollups.check(random.Random(1)).wrong == {}
    spoil(store, "generation", "position sum", "7", '"hour of UTC" % 4 = 0')
    found = store.rollups.check(random.Random(1))
    assert 1 <= len(found.wrong["generation"]) <= found.hours
    assert_same(rows(store.ask(query)), expected)
    made(store)
    assert store.refused_by_rollups(query) is None
    assert_same(rows(store.ask(query)), expected)
    assert store.rollups.check(random.Random(1)).wrong == {}


SPOILED: dict[str, Callable[[Kept], None]] = {
    "missing": lambda store: lose(store, '"hour of UTC" % 3 = 0'),
    "buckets": lambda store: spoil(store, "generation duration_seconds", "points in it", '"points in it" + 1'),
    "buckets of all": lambda store: spoil(store, "generation duration_seconds of all", "points in it", "3"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_check_sees_what_is_missing_and_buckets_too(store: Kept, how: str) -> None:
    SPOILED[how](store)
    assert store.rollups.check(random.Random(1)).wrong


def test_one_measurement_whose_rollups_fail_does_not_stop_the_others(
    empty: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    retries = [Point("ai_retry", ns(START + hours(number)), {}, {"wait_seconds": 1.0}) for number in range(100)]
    empty.write([*(generation(START + hours(number)) for number in range(100)), *retries])
    waits = Query("ai_retry", "sum", START, START + hours(100), "wait_seconds")
    first, *_ = [name for name in MEASUREMENTS if name in ("generation", "ai_retry")]
    place = clickhouse_tables if isinstance(empty, ClickHouseStore) else duck_rollups
    plain = place.fill

    def fill(*given: Any) -> None:
        if any(isinstance(one, Layout) and one.measurement == first for one in given):
            raise StoreFailed("no room for these hours", "out of memory")
        plain(*given)

    monkeypatch.setattr(place, "fill", fill)
    with pytest.raises(StoreFailed, match="no room"):
        made(empty)
    assert first == "generation"
    assert empty.refused_by_rollups(waits) is None
    assert empty.refused_by_rollups(replace(waits, measurement=first, aggregate="count", field=None)) is Reason.CHANGED
    monkeypatch.setattr(place, "fill", plain)
    made(empty)
    assert empty.refused_by_rollups(replace(waits, measurement=first, aggregate="count", field=None)) is None

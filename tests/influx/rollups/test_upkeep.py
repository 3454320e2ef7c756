"""Of which measurements rollups are kept on InfluxDB, how days are stored, and that a check finds what is wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from metricstore.catalogue import MEASUREMENTS, Field
from metricstore.dates import DAY
from metricstore.errors import StoreFailed
from metricstore.influx.deleting import predicate
from metricstore.influx.plan import Ask
from metricstore.influx.rollups import making, texts
from metricstore.influx.rollups.cells import ROWS, Day, cell_buckets, hour_buckets, names_of, values_of
from metricstore.influx.rollups.making import Points
from metricstore.influx.rollups.texts import NAME
from metricstore.influx.spans import Span
from metricstore.point import Point
from metricstore.query import Query
from metricstore.rollups import upkeep
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Reason
from tests.contract.asking import START, asked, assert_same, generation, hours, rows
from tests.contract.reference import ns
from tests.influx.rollups.asking import OPENED, SECONDS, agrees, made, of_points, regular
from tests.stores import InfluxServer

pytestmark = pytest.mark.influx


def test_rollups_that_are_wrong_are_noticed_and_made_anew(opened: OPENED) -> None:
    store, query = opened(), asked("sum", "1d", field="position")
    store.write(regular(10))
    made(store)
    expected = rows(store.ask(query))
    assert store.rollups.check(random.Random(1)) == upkeep.Checked(12, {})
    day = ns(START) // DAY + 3
    # another program takes points out without a mark
    store._connection.delete(day * DAY, (day + 4) * DAY - 1, predicate("generation"))
    found = store.rollups.check(random.Random(1))
    assert 1 <= len(found.wrong["generation"]) <= found.hours
    assert store.rollups.left() >= 24 * 10, "all days are to be made anew, those without points, too"
    assert_same(rows(store.ask(query)), of_points(store, query))
    assert rows(store.ask(query))[3] != expected[3]
    made(store)
    assert store.refused_by_rollups(query) is None
    assert_same(rows(store.ask(query)), of_points(store, query))
    assert store.rollups.check(random.Random(1)).wrong == {}


def test_what_is_missing_of_a_day_is_read_from_points(opened: OPENED) -> None:
    store = opened()
    store.write(regular(10))
    made(store)
    day = ns(START) // DAY + 3
    store._connection.delete(day * DAY, (day + 1) * DAY - 1, predicate(NAME, [("of", "generation"), ("part", "0")]))
    another = opened()
    for query in (asked("sum", "1d", field="position"), asked("p90", "1d", field=SECONDS)):
        agrees(another, query, of_points(another, query))
        assert another.refused_by_rollups(query) is None
    assert another.rollups.left() == 24


def test_a_day_that_is_longer_than_a_text_may_be_goes_on_in_further_parts(
    opened: OPENED, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, query = opened(), asked("p90", "1d", field=SECONDS, by=("platform",))
    store.write(regular(10))
    monkeypatch.setattr("metricstore.influx.rollups.texts._PIECE", 100)
    made(store)
    assert store.refused_by_rollups(query) is None
    agrees(store, query, of_points(store, query))
    monkeypatch.setattr("metricstore.influx.rollups.texts._PIECE", 300)
    store.write([generation(START + timedelta(days=3, minutes=7), **{SECONDS: 9.0})])
    made(store)
    another = opened()
    for one in (query, asked("sum", "1d", field=SECONDS), asked("p50", field=SECONDS)):
        assert another.refused_by_rollups(one) is None
        agrees(another, one, of_points(another, one))


def test_few_points_and_few_points_in_a_cell_are_not_worth_it(opened: OPENED, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened()
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1_000)
    store.write([generation(START + hours(number / 20)) for number in range(900)])
    made(store)
    assert store.refused_by_rollups(asked()) is Reason.NOT_KEPT
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 30)
    store.write([generation(START + hours(number / 20)) for number in range(1_100)])
    made(store)
    assert store.refused_by_rollups(asked()) is Reason.NOT_KEPT, "twenty points in a cell"
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 8)
    store.write(
        [
            generation(START + hours(number / 20), outcome=("ok", "failed", "partial")[number % 3])
            for number in range(1_100)
        ]
    )
    made(store)
    assert store.refused_by_rollups(asked(by=("platform",))) is None
    assert store.refused_by_rollups(asked(by=("outcome",))) is Reason.COLUMN, "twenty of a tag, seven of an outcome"


def test_a_measurement_that_is_declared_anew_gets_new_rollups(opened: OPENED, monkeypatch: pytest.MonkeyPatch) -> None:
    store, query = opened(), asked("mean", "1d", field=SECONDS)
    store.write(regular(5))
    made(store)
    source = MEASUREMENTS["generation"]
    declared = replace(source, fields=(*source.fields, Field("tries", "int", "tries")))
    monkeypatch.setitem(MEASUREMENTS, "generation", declared)
    another = opened()
    assert another.refused_by_rollups(query) is Reason.NOT_KEPT
    made(another)
    for one in (query, asked("sum", field="tries")):
        assert another.refused_by_rollups(one) is None
        agrees(another, one, of_points(another, one))


def test_days_that_the_bucket_has_dropped_are_left_out(
    influxd: InfluxServer, influx_bucket: str, opened: OPENED
) -> None:
    org = influxd.call("GET", f"/api/v2/orgs?org={influxd.org}")["orgs"][0]["id"]  # type: ignore[index]
    rules = [{"type": "expire", "everySeconds": 7 * 86_400}]
    influxd.call("POST", "/api/v2/buckets", {"orgID": org, "name": influx_bucket, "retentionRules": rules})
    store, now = opened(), datetime.now(UTC)
    store.write([generation(now - timedelta(hours=number)) for number in range(100)])
    state = store._complete
    today = ns(now) // DAY
    made(store)
    kept = state._kept["generation"]
    store.rollups._keep(replace(kept, first=today - 30))
    made(store)
    assert state._kept["generation"].first == kept.first
    query = asked("count", "1d", start=now - timedelta(days=5), stop=now)
    assert store.refused_by_rollups(query) is None
    assert_same(rows(store.ask(query)), of_points(store, query))


COLUMNS = [(ROWS, 2), (values_of("position"), 1), (cell_buckets(SECONDS), 2), (hour_buckets(SECONDS), 1)]


@pytest.mark.parametrize(("name", "place"), COLUMNS, ids=lambda one: str(one))
def test_a_check_sees_each_number_that_is_wrong(
    opened: OPENED, monkeypatch: pytest.MonkeyPatch, name: str, place: int
) -> None:
    store, day = opened(), ns(START) // DAY
    store.write(regular(1))
    made(store)
    state = store._complete.state("generation")
    assert state is not None and state.kept.layout is not None
    stored = texts.read(store._ask, "generation", names_of(state.kept.layout), [day])
    columns = {column: one.column for (column, _), one in stored.items()}
    columns[name] = tuple(array + (number == place) for number, array in enumerate(columns[name]))
    wrong = Day(day, stored[ROWS, day].labels, columns)
    store._connection.write("\n".join(texts.lines("generation", wrong, state.expected(day))).encode())
    monkeypatch.setattr(upkeep, "SAMPLED_HOURS", 3)
    assert len(store.rollups.check(random.Random(1)).wrong["generation"]) == 3
    made(store)
    assert store.rollups.check(random.Random(1)).wrong == {}


def test_one_measurement_whose_rollups_fail_does_not_stop_the_others(
    opened: OPENED, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    retries = [Point("ai_retry", ns(START + hours(number)), {}, {"wait_seconds": 1.0}) for number in range(100)]
    store.write([*(generation(START + hours(number)) for number in range(100)), *retries])
    waits = Query("ai_retry", "sum", START, START + hours(100), "wait_seconds")
    plain = Points.read

    def read(points: Points, ask: Ask, layout: Layout, span: Span) -> None:
        if layout.measurement == "generation":
            raise StoreFailed("too much at once", "out of memory")
        plain(points, ask, layout, span)

    monkeypatch.setattr(Points, "read", read)
    with pytest.raises(StoreFailed, match="too much"):
        made(store)
    assert store.refused_by_rollups(waits) is None
    assert store.refused_by_rollups(replace(asked(), stop=waits.stop)) is not None
    monkeypatch.setattr(Points, "read", plain)
    made(store)
    assert store.refused_by_rollups(replace(asked(), stop=waits.stop)) is None


def test_a_day_is_written_only_when_all_of_its_points_were_read_and_each_once(
    opened: OPENED, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, query = opened(), asked("sum", "1d", field="position")
    store.write(regular(3))
    plain = making.matching
    monkeypatch.setattr(making, "matching", lambda *asked: pd.concat([plain(*asked)] * 2))
    made(store)
    assert store.rollups.left() == 0
    assert_same(rows(store.ask(query)), of_points(store, query))
    late = START + timedelta(days=1, minutes=7)
    store.write([generation(late, position=5)])
    monkeypatch.setattr(making, "matching", lambda *asked: plain(*asked).iloc[1:])
    made(store)
    assert store.rollups.left() == 24, "a point is missing of what was read"
    monkeypatch.setattr(making, "matching", plain)
    made(store)
    assert store.rollups.left() == 0
    assert_same(rows(store.ask(query)), of_points(store, query))

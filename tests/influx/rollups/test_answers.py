"""Questions that rollups answer on InfluxDB have the answers that points give: what tests/contract/rollups/ promises."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from metricstore import query as query_module
from metricstore.caching import CachedStore
from metricstore.grid import Grid
from metricstore.influx import InfluxStore
from metricstore.influx.rollups import keeping
from metricstore.influx.rollups.memory import Memory
from metricstore.influx.rollups.texts import NAME
from metricstore.query import Filter, Query
from metricstore.rollups import upkeep
from metricstore.rollups.planner import Reason
from metricstore.windows import Window
from tests.contract.asking import START, any_of, asked, assert_same, generation, hours, rows
from tests.contract.reference import Reference
from tests.contract.rollups.asking import ANSWERED
from tests.contract.rollups.test_answers import REFUSED
from tests.contract.rollups.test_generated import Step, change, steps
from tests.contract.test_generated import QUIET
from tests.influx.rollups.asking import OPENED, SECONDS, agrees, made, of_points, regular
from tests.stores import InfluxServer, fresh_name

pytestmark = pytest.mark.influx


@settings(max_examples=6, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=steps())
def test_rollups_and_points_give_the_same_answers(influxd: InfluxServer, case: tuple[Step, ...]) -> None:
    bucket = fresh_name()
    reference, store = Reference(), InfluxStore(influxd.url, influxd.token, influxd.org, bucket)
    answered = 0
    try:
        for step in case:
            change(store, reference, step)
            made(store, step.pieces)
            if step.opened_anew:
                store.close()
                store = InfluxStore(influxd.url, influxd.token, influxd.org, bucket)
            for query in step.asked:
                single = replace(query, compare=None)
                agrees(store, single, reference.ask(single))
                agrees(store, single, of_points(store, single))
                answered += store.refused_by_rollups(single) is None
        made(store)
        assert store.rollups.check(random.Random(7)).wrong == {}
    finally:
        store.close()
        influxd.delete_bucket(bucket)


@pytest.fixture(scope="module")
def two_months(influxd: InfluxServer) -> Iterator[InfluxStore]:
    """A point every half hour, and rollups of all of them: for questions, not for changes."""
    bucket = fresh_name()
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(InfluxStore(influxd.url, influxd.token, influxd.org, bucket)) as store,
    ):
        patch.setattr(upkeep, "FEWEST_POINTS", 1)
        patch.setattr(keeping, "SETTLED_SECONDS", 0.0)
        patch.setattr(upkeep, "FEWEST_IN_CELL", 0)
        store.write(regular())
        made(store)
        yield store
    influxd.delete_bucket(bucket)


BESIDE = [
    asked("p90", "1w", field=SECONDS, by=("platform", "outcome"), start=START + hours(0.4)),
    asked("count", "1d", by=("outcome",), start=START + hours(0.4)),
    asked("count", where=(Filter("outcome", "none", ("failed",)),), start=START + hours(0.4)),
    asked("mean", field=SECONDS, by=("platform",), where=(any_of("outcome", "ok"),), start=START + hours(0.4)),
    asked("sum", "1d", field="position", by=("platform",), start=START + hours(0.4)),
    asked("max", field=SECONDS, by=("platform",), where=(Filter("hour", "any", (9,), "Europe/Berlin"),), start=START + hours(0.4)),
    asked("count", where=(Filter("platform", "contains", ("IN",)),), start=START + hours(0.4)),
]  # fmt: skip


@pytest.mark.parametrize("query", [*ANSWERED, *BESIDE], ids=lambda query: f"{query.aggregate} {query.every} {query.by}")
def test_rollups_answer_and_say_nothing_else(two_months: InfluxStore, query: Query) -> None:
    assert two_months.refused_by_rollups(query) is None
    agrees(two_months, query, of_points(two_months, query))


@pytest.mark.parametrize(("query", "reason"), REFUSED, ids=lambda one: one.name if isinstance(one, Reason) else "")
def test_what_rollups_cannot_answer_has_a_named_reason_and_is_asked_of_the_points(
    two_months: InfluxStore, query: Query, reason: Reason
) -> None:
    assert two_months.refused_by_rollups(query) is reason
    assert_same(rows(two_months.ask(query), query.by), of_points(two_months, query))


def test_days_that_were_read_are_not_read_again(two_months: InfluxStore, monkeypatch: pytest.MonkeyPatch) -> None:
    query = asked("mean", "1d", field=SECONDS)
    expected = rows(two_months.ask(query))
    monkeypatch.setattr("metricstore.influx.rollups.texts.read", lambda *_: 1 / 0)
    assert_same(rows(two_months.ask(query)), expected)
    monkeypatch.setattr(two_months._questions, "_memory", Memory(two_months._ask))
    with pytest.raises(ZeroDivisionError):
        two_months.ask(query)


def test_nothing_of_rollups_is_taken_for_points(two_months: InfluxStore) -> None:
    assert two_months.info().points == 60 * 48
    assert two_months._connection.query(f'from(bucket: bucket) |> range(start: 0) |> filter(fn: (r) => r._measurement == "{NAME}") |> limit(n: 1)')  # fmt: skip


def test_today_is_read_from_its_points(opened: OPENED) -> None:
    store, now = opened(), datetime.now(UTC).replace(microsecond=0)
    store.write([generation(now - timedelta(minutes=10 * number)) for number in range(1_000)])
    made(store)
    query = asked(start=now - timedelta(days=6), stop=now + timedelta(days=1))
    for _ in range(3):
        assert store.refused_by_rollups(query) is None
        assert_same(rows(store.ask(query)), of_points(store, query))
        store.write([generation(now + timedelta(microseconds=random.randrange(10**6)))])
    assert store.rollups.left() == 24


def test_windows_of_one_estimated_chart_are_all_estimated(
    two_months: InfluxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=32))
    earlier = asked("p95", "1d", field=SECONDS, stop=START + timedelta(days=50))
    longer = replace(earlier, stop=START + timedelta(days=55))
    cached = CachedStore(two_months)
    for query in (earlier, longer, replace(longer, every=Window.parse("1w"))):
        assert two_months.refused_by_rollups(query) is None
        assert rows(cached.ask(query)) == rows(two_months.ask(query)), (
            "not pieced together of estimates and exact values"
        )
    assert two_months.refused_by_rollups(replace(longer, exact=True)) is Reason.EXACT


def test_without_rollups_percentiles_are_put_together_of_days_that_have_not_changed(
    opened: OPENED, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=32))
    store, query = opened(), asked("p95", "1d", field=SECONDS, stop=START + timedelta(days=50))
    store.write(regular(50))
    cached, plain = CachedStore(store), store.ask_all
    lengths: list[timedelta] = []

    def ask_all(queries: Sequence[Query]) -> list[Grid]:
        lengths.extend(one.stop - one.start for one in queries)
        return plain(queries)

    monkeypatch.setattr(store, "ask_all", ask_all)
    for days in (50, 1):
        assert rows(cached.ask(query)) == of_points(store, query)
        assert max(lengths) == timedelta(days=days)
        store.write([generation(START + timedelta(days=3, minutes=5), **{SECONDS: 500.0})])
        lengths.clear()

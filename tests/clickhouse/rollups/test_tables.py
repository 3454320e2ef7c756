"""Rollups when points are deleted by age or restored, when programs of two versions meet, and their tables in a cluster."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from metricstore.clickhouse import ClickHouseStore, rollup_state, rollup_tables
from metricstore.clickhouse.replacing import beside, make_beside, take_place
from metricstore.clickhouse.tables import HOURS, Layout
from metricstore.rollups import layout as layout_module
from metricstore.rollups.layout import layouts
from metricstore.rollups.planner import Reason
from tests.clickhouse.rollups.asking import DAY, right
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, asked, generation, hours
from tests.contract.rollups.asking import SECONDS, made

pytestmark = pytest.mark.clickhouse


def test_times_before_1970_have_rollups(clickhouse_store: ClickHouseStore) -> None:
    begin = datetime(1969, 12, 30, tzinfo=UTC)
    clickhouse_store.write([generation(begin + timedelta(minutes=17 * n), **{SECONDS: n / 3}) for n in range(400)])
    made(clickhouse_store)
    query = asked("sum", "1d", field=SECONDS, start=begin, stop=begin + timedelta(days=5))
    assert clickhouse_store.refused_by_rollups(query) is None
    right(clickhouse_store, query)
    assert clickhouse_store.rollups.check(random.Random(1)).wrong == {}


def test_points_that_are_deleted_by_age_are_gone_from_rollups(store: ClickHouseStore) -> None:
    store.write([generation(START - timedelta(days=60) + hours(n), **{SECONDS: 2.0}) for n in range(200)])
    made(store)
    early = asked("count", start=START - timedelta(days=70))
    assert store.ask(early)["value"][0] == 1_160
    assert sum(store.expire("generation", START + timedelta(days=2))) == 200 + 96
    for _ in range(2):
        assert store.ask(early)["value"][0] == 960 - 96
        made(store)
    assert store.refused_by_rollups(early) is None
    assert store.rollups.left() == 0


def test_a_restored_database_has_no_rollups_of_what_was_there(
    store: ClickHouseStore, clickhouse: ClickHouseServer
) -> None:
    make_beside(store._connection)
    with closing(ClickHouseStore(beside(store._connection.server))) as new:
        new.write([generation(START + hours(n / 2 + 100), **{SECONDS: 3.0}) for n in range(960)])
    take_place(store._connection)
    right(store)
    assert store.ask(asked("sum", field=SECONDS))["value"][0] == 2_880
    made(store)
    assert store.refused_by_rollups(DAY) is None
    right(store)
    assert store.rollups.check(random.Random(1)).wrong == {}


def test_rollups_that_a_newer_program_removes_while_somebody_asks(
    store: ClickHouseStore, other: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup_state, "KEPT_SECONDS", 1_000.0)
    right(store)
    with monkeypatch.context() as patch:
        patch.setattr(layout_module, "RECIPE", 99)
        made(other)
    right(store)
    assert store.refused_by_rollups(DAY) is Reason.NOT_KEPT


def test_a_database_of_the_version_before_gets_what_rollups_need(
    store: ClickHouseStore, other: ClickHouseStore, clickhouse: ClickHouseServer
) -> None:
    """Points are there that nobody said anything of, and programs that would write more of them are refused."""
    for statement in (
        "DROP TABLE store_hours",
        "TRUNCATE TABLE store_schema",
        "INSERT INTO store_schema VALUES ('content-metrics-dashboard', 1)",
    ):
        store._connection.command(statement)
    for name in rollup_tables.names(store._connection):
        store._connection.command(f'DROP TABLE "{name}"')
    right(other)
    made(other)
    assert other.refused_by_rollups(DAY) is None
    right(other)
    assert other.rollups.check(random.Random(1)).wrong == {}
    text = f"SELECT max(version) FROM {other._layout.whole('store_schema')}"
    assert other._connection.query(text, ()).result_rows[0][0] == 2


def test_questions_beside_the_hours_are_of_the_same_range(store: ClickHouseStore) -> None:
    cut = asked("count", start=START + hours(0.3), stop=START + hours(99.9))
    assert store.refused_by_rollups(cut) is None
    right(store, cut)
    right(store, replace(cut, by=()))


def test_tables_of_a_cluster_are_made_of_the_same_declaration() -> None:
    table = rollup_tables.table_of(layouts("generation")[0])
    part, whole = Layout("metrics", "content").create(table)
    path = "'/clickhouse/tables/{database}/{table}/{shard}', '{replica}', version)"
    assert f'ENGINE = ReplicatedReplacingMergeTree({path} ORDER BY ("hour of UTC")' in part
    assert f"'{table.name}_local', cityHash64(\"hour of UTC\"))" in whole
    marks, all_marks = Layout("metrics", "content").create(HOURS)
    assert (
        "ReplicatedSummingMergeTree('/clickhouse/tables/{database}/{table}/{shard}', '{replica}', (marks, changes, open))"
        in marks
    )
    assert """'store_hours_local', cityHash64("name", "first", "stop"))""" in all_marks, (
        "a mark and who writes are seen together"
    )

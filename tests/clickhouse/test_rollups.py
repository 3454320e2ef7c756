"""Rollups that several processes share: writers that are killed, two that make hours at once, writers beside those who make and ask."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from metricstore.clickhouse import ClickHouseStore, hour_marks, rollup_state, rollup_tables, rollups, writing
from metricstore.clickhouse.replacing import beside, make_beside, take_place
from metricstore.clickhouse.rollup_names import table_name
from metricstore.clickhouse.tables import HOURS, Layout
from metricstore.errors import StoreFailed
from metricstore.rollups import layout as layout_module
from metricstore.rollups import planner, upkeep
from metricstore.rollups.layout import layouts
from metricstore.rollups.planner import Reason
from metricstore.sql.batches import batches
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, asked, assert_same, counts, generation, hours, rows
from tests.contract.rollups.asking import SECONDS, made, of_points

pytestmark = pytest.mark.clickhouse
DAY = asked("sum", "1d", field=SECONDS)


@pytest.fixture(autouse=True)
def kept_of_few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1)
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 0)
    monkeypatch.setattr(planner, "FEWEST_HOURS", 1)
    monkeypatch.setattr(rollup_state, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(rollups, "_AIM_SECONDS", 10.0)


@pytest.fixture
def store(clickhouse_store: ClickHouseStore) -> ClickHouseStore:
    """Twenty days, a point every half an hour, and rollups of all of them."""
    clickhouse_store.write([generation(START + hours(n / 2), **{SECONDS: 1.0}) for n in range(960)])
    made(clickhouse_store)
    assert clickhouse_store.rollups.left() == 0
    return clickhouse_store


@pytest.fixture
def other(clickhouse: ClickHouseServer, clickhouse_database: str) -> ClickHouseStore:
    """Another process's store on the same database."""
    return ClickHouseStore(clickhouse.named(clickhouse_database))


def right(store: ClickHouseStore, query: object = DAY) -> None:
    assert_same(rows(store.ask(query)), of_points(store, query))  # type: ignore[arg-type]


KILLED = """
import json, os, sys
from metricstore.clickhouse import ClickHouseStore, writing
from metricstore.clickhouse.connection import Server
from metricstore.revisions import Revisions
from tests.contract.asking import START, generation, hours
store = ClickHouseStore(Server(**json.loads(sys.argv[1])))
kill = lambda *_: os.kill(os.getpid(), 9)
if sys.argv[2] == "before its points":
    writing.insert = kill
else:
    Revisions.changed = kill
store.write([generation(START + hours(3 + n / 4), duration_seconds=50.0) for n in range(40)])
"""


@pytest.mark.parametrize("moment", ["before its points", "after its points"])
def test_a_writer_that_is_killed_is_noticed(
    store: ClickHouseStore, clickhouse: ClickHouseServer, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = asked("max", field=SECONDS)
    server = store._connection.server
    given = json.dumps({name: getattr(server, name) for name in ("url", "user", "password", "database")})
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, given, moment], check=False, cwd=root)
    assert killed.returncode == -9
    assert store.ask(longest)["value"][0] == (1.0 if moment == "before its points" else 50.0)
    right(store)
    made(store)
    assert store.rollups.left() == 10, "as far as anybody knows it is still being written"
    right(store)
    monkeypatch.setattr(hour_marks, "DEAD_SECONDS", 0)
    made(store)
    assert store.rollups.left() == 0
    assert store.refused_by_rollups(DAY) is None
    right(store)
    assert store.rollups.check(random.Random(1)).wrong == {}


def test_hours_that_are_being_written_to_are_not_made(store: ClickHouseStore, other: ClickHouseStore) -> None:
    """Else a rollup would be as of a change whose points it lacks."""
    point = generation(START + hours(5), "twitter", **{SECONDS: 9.0})
    (batch,) = batches([point])
    with other._hours.changing(hour_marks.written({"generation": ((474_797, 474_798),)})):
        made(store)
        assert store.rollups.left() == 1
        right(store)
        writing.insert(other._connection, other._layout, batch)
        right(store)
        assert store.ask(asked("max", field=SECONDS))["value"][0] == 9.0
    made(store)
    assert store.rollups.left() == 1, "the other process holds it"
    other.close()
    made(store)
    assert store.rollups.left() == 0
    right(store)


def test_a_write_that_failed_may_still_arrive(
    store: ClickHouseStore, other: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = generation(START + hours(5), "twitter", **{SECONDS: 9.0})
    (batch,) = batches([point])

    def failing(*_: object) -> None:
        raise StoreFailed("nobody knows", "time out")

    with monkeypatch.context() as patch:
        patch.setattr(writing, "insert", failing)
        with pytest.raises(StoreFailed):
            other.write([point])
    other.close()
    made(store)
    assert store.rollups.left() == 1
    writing.insert(store._connection, store._layout, batch)
    right(store)
    monkeypatch.setattr(hour_marks, "DEAD_SECONDS", 0)
    made(store)
    assert store.rollups.left() == 0
    right(store)


def test_of_two_who_make_an_hour_the_one_who_has_seen_more_counts(
    store: ClickHouseStore, other: ClickHouseStore
) -> None:
    (layout,) = store._rollup_state.kept(anew=True).values()
    table = table_name(layout)
    store.write([generation(START + hours(5), "twitter", **{SECONDS: 9.0})])
    store._hours.give_back()
    seen = store.rollups._due(layout)
    assert [one.hour for one in seen] == [474_797]
    store._connection.command(f'CREATE TABLE slow AS "{table}"')
    store._connection.copy(f'INSERT INTO slow SELECT * FROM "{table}" FINAL', ())
    store.write([generation(START + hours(5.5), "twitter", **{SECONDS: 90.0})])
    store._hours.give_back()
    rollup_tables.fill(store._connection, store._layout, layout, seen)
    assert store.rollups.left() == 1, "made as of what was seen before the second write"
    right(store)
    made(other)
    assert store.rollups.left() == 0
    right(store)
    # who was slow stores at last what the hour was before both
    store._connection.copy(f'INSERT INTO "{table}" SELECT * FROM slow', ())
    rollup_tables.fill(store._connection, store._layout, layout, seen)
    store._connection.command("DROP TABLE slow")
    assert store.rollups.left() == 0
    right(store)
    assert store.rollups.check(random.Random(1)).wrong == {}


def test_whoever_asks_reads_what_was_written_while_hours_are_made(
    store: ClickHouseStore, other: ClickHouseStore, clickhouse: ClickHouseServer, clickhouse_database: str
) -> None:
    ended, written = [False], [960, 960]
    maker = ClickHouseStore(clickhouse.named(clickhouse_database))

    def write() -> None:
        chance = random.Random(3)
        while not ended[0]:
            moment = START + timedelta(seconds=chance.randrange(20 * 86_400))
            written[1] += 1
            other.write([generation(moment, f"p{written[1] % 3}", **{SECONDS: written[1] / 7})])
            written[0] += 1
            other._hours.give_back()

    def make() -> None:
        while not ended[0]:
            made(maker)

    threads = [Thread(target=write), Thread(target=make)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            least = written[0]
            found = counts(store)
            assert least <= found <= written[1]
    finally:
        ended[0] = True
        for thread in threads:
            thread.join()
    made(store)
    assert store.rollups.left() == 0
    right(store)
    assert store.rollups.check(random.Random(1)).wrong == {}


def test_an_hour_that_is_held_is_said_once(store: ClickHouseStore, other: ClickHouseStore) -> None:
    def marks() -> int:
        text = f"SELECT sum(marks) FROM {store._layout.whole(HOURS.name)} WHERE kind = 'hour'"
        return int(store._connection.query(text, ()).result_rows[0][0])

    before = marks()
    for number in range(5):
        other.write([generation(START + hours(7) + timedelta(seconds=number), **{SECONDS: 4.0})])
        right(store)
    assert marks() == before + 1
    other._hours.give_back()
    other.write([generation(START + hours(7.1), **{SECONDS: 4.0})])
    assert marks() == before + 2
    other.close()


def test_hours_that_were_not_written_to_for_a_while_are_given_back_with_the_next(
    store: ClickHouseStore, other: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hour_marks, "IDLE_SECONDS", 0.0)
    other.write([generation(START + hours(7))])
    other.write([generation(START + hours(9))])
    made(store)
    assert store.rollups.left() == 1
    monkeypatch.setattr(hour_marks, "HELD_SECONDS", -1.0)
    other.write([generation(START + hours(9.1))])
    other.close()
    made(store)
    assert store.rollups.left() == 0
    right(store)


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
    marks, _ = Layout("metrics", "content").create(HOURS)
    assert (
        "ReplicatedSummingMergeTree('/clickhouse/tables/{database}/{table}/{shard}', '{replica}', (marks, changes, open))"
        in marks
    )

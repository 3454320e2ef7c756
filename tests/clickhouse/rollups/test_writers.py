"""Rollups that several processes share: writers that are killed, two that make hours at once, writers beside those who make and ask."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from metricstore.clickhouse import ClickHouseStore, hour_marks, rollup_tables, rollups, writing
from metricstore.clickhouse.rollup_names import table_name
from metricstore.errors import StoreFailed
from metricstore.sql.batches import batches
from tests.clickhouse.rollups.asking import DAY, right
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, asked, counts, generation, hours
from tests.contract.rollups.asking import SECONDS, made

pytestmark = pytest.mark.clickhouse

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
    root = Path(__file__).parents[3]
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


@pytest.mark.parametrize("hour", [24 * 10 + 5.5, 24 * 20 + 30])
def test_points_that_nobody_marked_are_in_rollups_after_a_check(
    store: ClickHouseStore, monkeypatch: pytest.MonkeyPatch, hour: float
) -> None:
    """Of an hour that has a mark of its own and of one that has none: written by hand, or by a program that knows no rollups."""
    (batch,) = batches([generation(START + hours(hour), "by hand", **{SECONDS: 9.0})])
    writing.insert(store._connection, store._layout, batch)
    with monkeypatch.context() as patch:
        patch.setattr(rollups, "sampled", lambda *_: [474_792 + int(hour)])
        (wrong,) = store.rollups.check(random.Random(1)).wrong["generation"]
    assert wrong == START + hours(int(hour))
    right(store)
    made(store)
    assert store.rollups.left() == 0
    assert store.refused_by_rollups(DAY) is None
    right(store)
    assert store.ask(asked("max", field=SECONDS))["value"][0] == 9.0
    monkeypatch.setattr(rollups, "sampled", lambda *_: [474_792 + int(hour)])
    assert store.rollups.check(random.Random(1)).wrong == {}

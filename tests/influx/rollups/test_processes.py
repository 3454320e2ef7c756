"""Several processes write and make rollups of one bucket, and nothing is a transaction: no day that has changed counts as complete."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from metricstore import revisions
from metricstore.dates import DAY
from metricstore.influx import InfluxStore
from metricstore.influx import revisions as influx_revisions
from metricstore.influx.deleting import predicate
from metricstore.influx.rollups import complete, keeping
from metricstore.influx.rollups.texts import NAME
from metricstore.rollups.planner import Reason
from tests import forkserver
from tests.contract.asking import START, asked, assert_same, generation, rows
from tests.contract.reference import ns
from tests.influx.rollups.asking import OPENED, SECONDS, agrees, made, of_points, regular
from tests.stores import InfluxServer

pytestmark = pytest.mark.influx

ROOT = Path(__file__).parents[3]


def test_another_process_uses_what_one_has_made_and_sees_its_changes(opened: OPENED) -> None:
    maker, reader = opened(), opened()
    query, total = asked("sum", "1d", field="position"), asked("p90", field=SECONDS)
    maker.write(regular(20))
    assert reader.refused_by_rollups(query) is Reason.NOT_KEPT
    made(maker)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(complete, "LOOK_SECONDS", 0.0)
        assert reader.refused_by_rollups(query) is None
    for store in (maker, reader):
        store.write([generation(START + timedelta(days=3, minutes=7), position=100)])
        assert store.refused_by_rollups(query) is None, "but for a day, all is taken from rollups"
        assert_same(rows(store.ask(query)), of_points(store, query))
    time.sleep(revisions.SECONDS)
    for store in (maker, reader):
        for one in (query, total):
            agrees(store, one, of_points(store, one))
    made(maker)
    agrees(reader, query, of_points(maker, query))


KILLED = """
import os, signal, sys
from datetime import timedelta
from metricstore.errors import StoreFailed
from metricstore.influx import InfluxStore
from metricstore.influx.connection import Connection
from tests.contract.asking import START, generation
moment, number = sys.argv[5], int(sys.argv[6])
calls = {"write": 0, "delete": 0}
def dying(name):
    plain = getattr(Connection, name)
    def last_words(self, *words):
        calls[name] += 1
        if name == moment.split()[0] and calls[name] == number:
            if moment.endswith("after"):
                plain(self, *words)
            os.kill(os.getpid(), signal.SIGKILL)
        return plain(self, *words)
    setattr(Connection, name, last_words)
dying("write")
dying("delete")
store = InfluxStore(*sys.argv[1:5])
store.write([generation(START + timedelta(days=2, minutes=5 * n), duration_seconds=3.0) for n in range(50)])
store.delete([generation(START + timedelta(days=5, minutes=30 * n), ("linkedin", "twitter")[n % 2]) for n in range(20)])
store.delete_range("generation", START + timedelta(days=7), START + timedelta(days=8))
"""

MOMENTS = [
    ("write after", 1),
    ("write after", 3),
    ("delete after", 1),
    ("write before", 4),
    ("write before", 5),
    ("write after", 99),
]
"""Of the writes the first is that of the points, then come the marks after them, those before the deletion, after it, and the end of it."""


@pytest.mark.parametrize(("moment", "number"), MOMENTS)
def test_what_a_kill_left_is_known_and_made_anew(
    influxd: InfluxServer, influx_bucket: str, opened: OPENED, monkeypatch: pytest.MonkeyPatch, moment: str, number: int
) -> None:
    store = opened()
    store.write(regular(10))
    made(store)
    words = [influxd.url, influxd.token, influxd.org, influx_bucket, moment, str(number)]
    killed = forkserver.run(KILLED, words, env=forkserver.environment(), cwd=ROOT)
    assert killed.returncode == (-signal.SIGKILL if number < 99 else 0)
    monkeypatch.setattr(influx_revisions, "_DELETIONS", influx_revisions._DELETIONS.replace("-1h", "0h"))
    own = opened()
    for done in (False, True):
        for query in (asked("sum", "1d", field=SECONDS), asked("count"), asked("p50", "1d", field=SECONDS)):
            agrees(own, query, of_points(own, query))
        if not done:
            made(own)
    assert own.refused_by_rollups(asked("count")) is None
    assert own.rollups.left() == 0
    assert own.rollups.check(random.Random(3)).wrong == {}


def test_a_day_is_not_made_while_points_of_it_are_being_deleted_nor_before_its_mark_has_stood(
    opened: OPENED, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = opened(), opened()
    store.write(regular(10))
    made(store)
    day = ns(START) // DAY + 4
    with other._deleting({"generation": frozenset({day})}):
        store.write([generation(START + timedelta(days=4, minutes=1))])
        made(store)
        time.sleep(revisions.SECONDS)
        assert store._complete.state("generation").incomplete() == (day,)  # type: ignore[union-attr]
        other._connection.delete(day * DAY, (day + 1) * DAY - 1, predicate("generation"))
        made(store)
        agrees(store, asked("count", "1d"), of_points(store, asked("count", "1d")))
    made(opened())
    time.sleep(revisions.SECONDS)
    monkeypatch.setattr(complete, "LOOK_SECONDS", 0.0)
    assert store.rollups.left() == 0
    monkeypatch.setattr(keeping, "SETTLED_SECONDS", 0.3)
    store.write([generation(START + timedelta(days=4, minutes=1))])
    made(store)
    assert store.rollups.left() == 24
    time.sleep(0.3)
    store.write([generation(START + timedelta(days=4, minutes=2))])
    made(store)
    assert store.rollups.left() == 24, "the mark is another one"
    time.sleep(0.3)
    made(store)
    assert store.rollups.left() == 0


def test_points_that_change_while_their_day_is_made_make_it_worthless(
    opened: OPENED, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, writer = opened(), opened()
    store.write(regular(5))
    late = [generation(START + timedelta(days=number, minutes=3), position=50) for number in range(5)]
    plain = store._connection.write

    def write(body: bytes) -> None:
        if body.startswith(NAME.encode()) and b"asof" in body:
            writer.write(late)
        plain(body)

    monkeypatch.setattr(store._connection, "write", write)
    made(store)
    time.sleep(revisions.SECONDS)
    query = asked("sum", "1d", field="position")
    assert_same(rows(store.ask(query)), of_points(store, query))
    assert store.rollups.left() == 24 * 5
    monkeypatch.setattr(store._connection, "write", plain)
    made(store)
    assert store.refused_by_rollups(query) is None
    assert_same(rows(store.ask(query)), of_points(store, query))


def test_answers_are_right_while_one_writes_and_two_make_rollups(opened: OPENED) -> None:
    """Each write keeps the sum, as one line does: whoever asks must never see another."""
    reader, writer, makers = opened(), opened(), [opened(), opened()]
    writer.write([generation(START + timedelta(minutes=30 * number), position=1) for number in range(20 * 48)])
    made(makers[0])
    ended = [False]
    failed: list[BaseException] = []

    @contextmanager
    def noted() -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            failed.append(error)

    def write() -> None:
        chance = random.Random(3)
        with noted():
            while not ended[0]:
                writer.write(
                    [
                        generation(
                            START + timedelta(minutes=30 * chance.randrange(20 * 48)),
                            position=1,
                            line=chance.randrange(9),
                        )
                    ]
                )

    def work(store: InfluxStore) -> None:
        with noted():
            while not ended[0]:
                made(store)

    threads = [Thread(target=write), *(Thread(target=work, args=[store]) for store in makers)]
    for thread in threads:
        thread.start()
    try:
        until = time.monotonic() + 5
        while time.monotonic() < until:
            assert reader.ask(asked("sum", field="position"))["value"][0] == 20 * 48
    finally:
        ended[0] = True
        for thread in threads:
            thread.join()
    assert failed == []
    made(makers[1])
    assert makers[1].rollups.check(random.Random(1)).wrong == {}
    last = opened()
    for one in (asked("sum", "1d", field="line"), asked("count")):
        agrees(last, one, of_points(last, one))
        assert last.refused_by_rollups(one) is None

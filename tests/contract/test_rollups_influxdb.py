"""What tests/contract/test_rollups.py promises, on InfluxDB: several processes write and make rollups, and nothing is a transaction."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
from hypothesis import given, settings

from metricstore import query as query_module
from metricstore import revisions
from metricstore.caching import CachedStore
from metricstore.catalogue import MEASUREMENTS, Field
from metricstore.dates import DAY
from metricstore.influx import InfluxStore
from metricstore.influx import revisions as influx_revisions
from metricstore.influx.deleting import predicate
from metricstore.influx.rollups import complete, keeping
from metricstore.influx.rollups.memory import Memory
from metricstore.influx.rollups.texts import NAME
from metricstore.point import Point
from metricstore.query import PERCENTILES, Filter, Query
from metricstore.rollups import planner, upkeep
from metricstore.rollups.planner import Reason
from metricstore.windows import Window
from tests import forkserver
from tests.contract.asking import START, any_of, asked, assert_same, generation, hours, rows
from tests.contract.reference import Reference, Row, ns
from tests.contract.test_generated import QUIET
from tests.contract.test_rollups import ANSWERED, REFUSED, Step, assert_near, steps
from tests.stores import InfluxServer, fresh_name

pytestmark = pytest.mark.influx

ROOT = Path(__file__).parents[2]
SECONDS = "duration_seconds"
PLATFORMS = ("linkedin", "twitter", "")
OPENED = Callable[[], InfluxStore]


@pytest.fixture(autouse=True)
def kept_of_few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few there are, for ranges of any length, and at once."""
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1)
    monkeypatch.setattr(keeping, "SETTLED_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "DECIDE_SECONDS", 0.0)
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 0)
    monkeypatch.setattr(upkeep, "SAMPLED_HOURS", 12)
    monkeypatch.setattr(planner, "FEWEST_HOURS", 1)
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(0))


@pytest.fixture
def opened(influxd: InfluxServer, influx_bucket: str) -> Iterator[OPENED]:
    """Another process's store of the bucket at each call."""
    stores: list[InfluxStore] = []

    def another() -> InfluxStore:
        stores.append(InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket))
        return stores[-1]

    yield another
    for store in stores:
        store.close()


def made(store: InfluxStore, most: int | None = None) -> None:
    """Rollups of all there is, or so many steps."""
    for _ in islice(store.rollups.work(), most):
        pass


def of_points(store: InfluxStore, query: Query) -> list[Row]:
    """The answer without rollups, to a question without a comparison."""
    return rows(store._questions.of_points(query, store._ask), query.by)


def agrees(store: InfluxStore, query: Query, expected: list[Row]) -> None:
    (assert_near if query.aggregate in PERCENTILES else assert_same)(rows(store.ask(query), query.by), expected)


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


def change(store: InfluxStore, reference: Reference, step: Step) -> None:
    if step.written:
        assert store.write(step.written).rejected == ()
        reference.write(step.written)
    if step.deleted:
        store.delete(step.deleted)
        reference.delete(step.deleted)
    if step.removed:
        store.delete_range("generation", *step.removed)
        first, last = (round(moment.timestamp()) * 10**9 for moment in step.removed)
        for key in [key for key in reference.points if first <= key[1] < last]:
            del reference.points[key]


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


def regular(days: int = 60) -> Iterator[Point]:
    chance = random.Random(5)
    for number in range(days * 48):
        fields = {
            SECONDS: round(chance.uniform(-5, 60), 3),
            "position": number % 7,
            "outcome": chance.choice(["ok", "failed"]),
        }
        yield generation(START + timedelta(minutes=30 * number), PLATFORMS[number % 2], **fields)  # type: ignore[arg-type]


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
        assert store._complete.state("generation").incomplete == (day,)  # type: ignore[union-attr]
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
    assert store.rollups.left() == 24 * 10, "all days are to be made anew"
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

    def ask_all(queries: Sequence[Query]) -> list[pd.DataFrame]:
        lengths.extend(one.stop - one.start for one in queries)
        return plain(queries)

    monkeypatch.setattr(store, "ask_all", ask_all)
    for days in (50, 1):
        assert rows(cached.ask(query)) == of_points(store, query)
        assert max(lengths) == timedelta(days=days)
        store.write([generation(START + timedelta(days=3, minutes=5), **{SECONDS: 500.0})])
        lengths.clear()

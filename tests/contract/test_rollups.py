"""Questions that rollups answer have the answers that points give: equal counts, least and greatest values, sums as far as floats add up, and
percentiles within 2 %."""

from __future__ import annotations

import math
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore import framing
from metricstore import query as query_module
from metricstore.caching import CachedStore
from metricstore.catalogue import MEASUREMENTS, Field, Tag
from metricstore.duck import DuckStore, rollups
from metricstore.duck.damage import save
from metricstore.errors import StoreFailed
from metricstore.point import Point
from metricstore.query import PERCENTILES, Filter, Query
from metricstore.rollups import planner, upkeep
from metricstore.rollups.buckets import ERROR
from metricstore.rollups.layout import Layout
from metricstore.rollups.planner import Reason
from metricstore.windows import Window
from tests.contract.asking import START, STOP, any_of, asked, assert_same, generation, hours, rows
from tests.contract.reference import Reference, Row, ns
from tests.contract.test_generated import NUMBERS, QUIET, SWITCHES, WINDOWS, points

EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
SECONDS = "duration_seconds"
PLATFORMS = ("linkedin", "twitter", "")


@pytest.fixture(autouse=True)
def kept_of_few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few there are, and for ranges of any length."""
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1)
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 0)
    monkeypatch.setattr(planner, "FEWEST_HOURS", 1)
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(0))


def made(store: DuckStore, most: int | None = None) -> None:
    """Rollups of all there is, or so many pieces of work."""
    for _ in islice(store.rollups.work(), most):
        pass


def of_points(store: DuckStore, query: Query) -> list[Row]:
    """The answer without rollups."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store._marks, "names", frozenset())
        return rows(store.ask(query), query.by)


def assert_near(found: list[Row], expected: list[Row]) -> None:
    """The same rows, values within the error of buckets."""
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    for (_, _, value), (_, _, wanted) in zip(found, expected, strict=True):
        assert math.isclose(value, wanted, rel_tol=ERROR) or (math.isnan(value) and math.isnan(wanted)), (value, wanted)


def agrees(store: DuckStore, query: Query, expected: list[Row]) -> None:
    (assert_near if query.aggregate in PERCENTILES else assert_same)(rows(store.ask(query), query.by), expected)


@dataclass(frozen=True)
class Step:
    """What changes, how many pieces of work are done then (None: all), whether the file is opened anew, and what is asked."""

    written: tuple[Point, ...] = ()
    deleted: tuple[Point, ...] = ()
    removed: tuple[datetime, datetime] | None = None
    pieces: int | None = None
    opened_anew: bool = False
    asked: tuple[Query, ...] = ()


FILTERS = st.one_of(
    st.builds(lambda values: Filter("platform", "any", tuple(values)), st.lists(st.sampled_from(PLATFORMS), min_size=1, max_size=2)),
    st.builds(lambda values: Filter("outcome", "none", tuple(values)), st.lists(st.sampled_from(["ok", "failed", ""]), min_size=1, max_size=2)),
    st.builds(lambda word: Filter("platform", "contains", (word,)), st.sampled_from(["IN", "x", ""])),
    st.builds(lambda day, zone: Filter("weekday", "any", (day,), zone), st.sampled_from(["mon", "sat"]), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"])),
    st.builds(lambda hour: Filter("hour", "none", (f"{hour:02d}",), "Europe/Berlin"), st.integers(0, 23)),
    st.builds(lambda least: Filter(SECONDS, "min", (least,)), NUMBERS),
)  # fmt: skip


@st.composite
def asking(draw: st.DrawFn, zone: str, around: datetime) -> Query:
    """Mostly what rollups can answer."""
    aggregate = draw(
        st.sampled_from(
            ["count", "sum", "mean", "min", "max", "p50", "p90", "p95", "p99", "rate", "per_day", "last", "distinct"]
        )
    )
    field = draw(st.sampled_from([SECONDS, SECONDS, "position"]))
    if aggregate in ("count", "rate", "per_day"):
        field = draw(st.sampled_from([None, field]))
    minutes = st.one_of(st.integers(-40 * 24, 40 * 24).map(lambda one: one * 60), st.integers(-40 * 1440, 40 * 1440))
    edges = sorted((around + timedelta(minutes=draw(minutes)), around + timedelta(minutes=draw(minutes))))
    stop = max(edges[1], edges[0] + timedelta(microseconds=1))
    every = draw(st.one_of(st.none(), st.sampled_from(WINDOWS).map(Window.parse)))
    by = draw(st.sampled_from([(), (), ("platform",), ("outcome",), ("platform", "outcome"), ("outcome_reason",)]))
    where = tuple(draw(st.lists(FILTERS, max_size=2)))
    compare = draw(st.sampled_from([None, None, None, "previous", "year"])) if every is None else None
    return Query("generation", aggregate, edges[0], stop, field, every, by, where, zone, compare).checked()  # type: ignore[arg-type]


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    zone, around = draw(st.sampled_from(SWITCHES))
    known = draw(st.lists(points(around), min_size=1, max_size=60))
    wanted = st.lists(asking(zone, around), min_size=2, max_size=5).map(tuple)
    found = [Step(tuple(known), asked=draw(wanted))]
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["written", "rewritten", "deleted", "removed", "nothing"]))
        change: dict[str, Any] = {}
        if kind == "written":
            change["written"] = tuple(draw(st.lists(points(around), min_size=1, max_size=10)))
        elif kind == "rewritten":
            old = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4))
            change["written"] = tuple(replace(draw(points(around)), time=one.time, tags=one.tags) for one in old)
        elif kind == "deleted":
            change["deleted"] = tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=4)))
        elif kind == "removed":
            begin = around + timedelta(minutes=draw(st.integers(-30 * 1440, 30 * 1440)))
            change["removed"] = (begin, begin + timedelta(minutes=draw(st.integers(1, 9000))))
        known += change.get("written", ())
        pieces = draw(st.sampled_from([None, None, 0, 1, 3]))
        found.append(Step(**change, pieces=pieces, opened_anew=draw(st.booleans()), asked=draw(wanted)))
    return tuple(found)


@settings(max_examples=40, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=steps())
def test_rollups_and_points_give_the_same_answers(
    empty_duck_file: Path, tmp_path: Path, case: tuple[Step, ...]
) -> None:
    path = Path(shutil.copy(empty_duck_file, tmp_path / f"{random.random()}.duckdb"))
    reference, store = Reference(), DuckStore(path)
    answered = 0
    try:
        for step in case:
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
            made(store, step.pieces)
            if step.opened_anew:
                store.close()
                store = DuckStore(path)
            for query in step.asked:
                agrees(store, query, of_points(store, query))
                single = replace(query, compare=None)
                agrees(store, single, reference.ask(single))
                answered += store.refused_by_rollups(single) is None
        made(store)
        assert store.rollups.check(random.Random(7)).wrong == {}
    finally:
        store.close()
        path.unlink()


@pytest.fixture
def store(duck_store: DuckStore) -> DuckStore:
    """Two months, a point every ten minutes, and rollups of all of them."""
    duck_store.write(regular())
    made(duck_store)
    return duck_store


def regular() -> Iterator[Point]:
    chance = random.Random(5)
    for number in range(60 * 144):
        fields = {
            SECONDS: round(chance.uniform(-5, 60), 3),
            "position": number % 7,
            "outcome": chance.choice(["ok", "failed"]),
        }
        yield generation(START + timedelta(minutes=10 * number), PLATFORMS[number % 2], **fields)


ANSWERED = [
    asked("count", "1d"),
    asked("count", by=("platform",)),
    asked("mean", "1d", field=SECONDS, timezone="Europe/Berlin"),
    asked("mean", "1w", field=SECONDS, where=(any_of("platform", "twitter"),)),
    asked("sum", "1mo", field="position", by=("outcome",), timezone="America/New_York"),
    asked("min", "6h", field=SECONDS),
    asked("max", field=SECONDS, where=(any_of("outcome", "failed"),)),
    asked("p95", "1d", field=SECONDS),
    asked("p50", field=SECONDS, by=("platform",)),
    asked("per_day", "1w", where=(Filter("weekday", "none", ("sun",), "Europe/Berlin"),)),
    asked("count", "1h", start=START + hours(0.3), stop=STOP - hours(30.9)),
]


@pytest.mark.parametrize("query", ANSWERED, ids=lambda query: f"{query.aggregate} {query.every} {query.by}")
def test_rollups_answer_and_say_nothing_else(store: DuckStore, query: Query) -> None:
    assert store.refused_by_rollups(query) is None
    agrees(store, query, of_points(store, query))


def test_questions_of_one_scan_are_answered_together(store: DuckStore) -> None:
    failed, quick = any_of("outcome", "failed"), any_of("platform", "twitter")
    together = [
        asked("mean", "1d", field=SECONDS, by=("platform",), where=(failed,)),
        asked("mean", "1d", field="position", by=("platform",)),
        asked("count", "1d", by=("platform",), where=(quick, failed)),
        asked("last", "1d", field=SECONDS, by=("platform",)),
        asked("p90", "1d", field=SECONDS, by=("platform",), where=(failed,)),
    ]
    for query, frame in zip(together, store.ask_all(together), strict=True):
        (assert_near if query.aggregate == "p90" else assert_same)(rows(frame, query.by), of_points(store, query))


REFUSED = [
    (asked("p95", "6h", field=SECONDS), Reason.SHORT_WINDOWS),
    (asked("last", "1d", field=SECONDS), Reason.AGGREGATE),
    (asked("distinct", field="outcome"), Reason.AGGREGATE),
    (asked("count", field="topic"), Reason.TEXT),
    (asked("count", where=(Filter(SECONDS, "min", (3,)),)), Reason.COLUMN),
    (asked("count", by=("outcome_reason",)), Reason.COLUMN),
    (asked("count", "15m", stop=START + hours(30)), Reason.WINDOWS),
    (asked("count", "1d", timezone="Asia/Kolkata"), Reason.WINDOWS),
    (asked("count", "1d", timezone="Australia/Lord_Howe"), Reason.WINDOWS),
    (asked("count", where=(Filter("hour", "any", (9,), "Asia/Kolkata"),)), Reason.CLOCK),
    (asked("p90", field="position"), Reason.NO_BUCKETS),
    (asked("count", measurement="post"), Reason.NOT_KEPT),
    (asked("count", stop=START + hours(0.9)), Reason.SHORT),
]


@pytest.mark.parametrize(("query", "reason"), REFUSED, ids=lambda one: one.name if isinstance(one, Reason) else "")
def test_what_rollups_cannot_answer_has_a_named_reason_and_is_asked_of_the_points(
    store: DuckStore, query: Query, reason: Reason
) -> None:
    assert store.refused_by_rollups(query) is reason
    assert_same(rows(store.ask(query), query.by), of_points(store, query))


@pytest.mark.parametrize(("query", "reason"), REFUSED, ids=lambda one: one.name if isinstance(one, Reason) else "")
def test_marks_are_not_read_for_what_rollups_cannot_answer(
    store: DuckStore, monkeypatch: pytest.MonkeyPatch, query: Query, reason: Reason
) -> None:
    expected = rows(store.ask(query), query.by)
    monkeypatch.setattr("metricstore.duck.marks.read", lambda *_: 1 / 0)
    assert_same(rows(store.ask(query), query.by), expected)
    if reason is not Reason.NOT_KEPT:
        with pytest.raises(ZeroDivisionError):
            store.ask_all([query, asked("count", "1d")])


def test_percentiles_over_a_month_are_exact(store: DuckStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=32))
    month = asked("p95", "1d", field=SECONDS, stop=START + timedelta(days=32))
    assert store.refused_by_rollups(month) is Reason.EXACT
    longer = replace(month, stop=month.stop + timedelta(seconds=1))
    assert store.refused_by_rollups(longer) is None
    assert store.refused_by_rollups(replace(longer, exact=True)) is Reason.EXACT
    cached = CachedStore(store)
    assert_near(rows(cached.ask(longer)), of_points(store, longer))
    for exact in (month, replace(longer, exact=True)):
        assert rows(cached.ask(exact)) == of_points(store, exact), "not made of windows that were estimated"


@pytest.mark.parametrize("aggregate", sorted(PERCENTILES))
def test_windows_of_one_estimated_chart_are_all_estimated(
    store: DuckStore, monkeypatch: pytest.MonkeyPatch, aggregate: str
) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=32))
    earlier = asked(aggregate, "1d", field=SECONDS, stop=START + timedelta(days=50))
    longer = replace(earlier, stop=START + timedelta(days=55))
    cached = CachedStore(store)
    for query in (earlier, longer, replace(longer, every=Window.parse("1w"))):
        assert rows(cached.ask(query)) == rows(store.ask(query)), "not pieced together of estimates and exact values"
    store.write([generation(START + timedelta(days=3, minutes=5), **{SECONDS: 500.0})])
    assert rows(cached.ask(longer)) == rows(store.ask(longer))


def test_an_exact_percentile_is_compared_with_an_exact_one(store: DuckStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_module, "EXACT_RANGE", timedelta(days=29))
    monkeypatch.setattr(framing, "EXACT_RANGE", timedelta(days=29))
    april = START + timedelta(days=31)
    query = asked("p95", "1d", field=SECONDS, start=april, stop=april + timedelta(days=29), compare="previous")
    assert store.refused_by_rollups(replace(query, compare=None)) is Reason.EXACT
    monkeypatch.setattr(framing, "_windows_before", lambda *_: (START, START + timedelta(days=29, hours=1)))
    assert store.refused_by_rollups(framing.comparison_query(query)) is Reason.EXACT
    longer = replace(query, stop=april + timedelta(days=30))
    assert store.refused_by_rollups(framing.comparison_query(longer)) is None


def test_few_points_and_few_points_in_a_cell_are_not_worth_it(
    duck_store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "FEWEST_POINTS", 1_000)
    duck_store.write([generation(START + hours(number / 20)) for number in range(900)])
    made(duck_store)
    assert duck_store.refused_by_rollups(asked()) is Reason.NOT_KEPT
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 30)
    duck_store.write([generation(START + hours(number / 20)) for number in range(1_100)])
    made(duck_store)
    assert duck_store.refused_by_rollups(asked()) is Reason.NOT_KEPT, "twenty points in a cell"
    duck_store.write([generation(START + hours(number / 40)) for number in range(2_200)])
    made(duck_store)
    assert duck_store.refused_by_rollups(asked()) is None, "forty, and looked at again as it has grown"


def test_where_many_outcomes_share_few_points_tags_alone_make_cells(
    duck_store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "FEWEST_IN_CELL", 4)
    outcomes = ("ok", "failed", "partial", "unknown")
    duck_store.write([generation(START + hours(number / 8), outcome=outcomes[number % 4]) for number in range(800)])
    made(duck_store)
    assert duck_store.refused_by_rollups(asked(by=("platform",))) is None
    assert duck_store.refused_by_rollups(asked(by=("outcome",))) is Reason.COLUMN


KILLED = """
import os, sys
from datetime import timedelta
from itertools import islice
from pathlib import Path
from metricstore.duck import DuckStore
from metricstore.rollups import upkeep
upkeep.FEWEST_POINTS, upkeep.FEWEST_IN_CELL = 1, 0
from tests.contract.asking import START, generation
store = DuckStore(Path(sys.argv[1]))
store.write([generation(START + timedelta(minutes=5 * n), duration_seconds=1.0) for n in range(10_000)])
for _ in islice(store.rollups.work(), int(sys.argv[2])):
    pass
store.write([generation(START + timedelta(days=2, minutes=5 * n), duration_seconds=3.0) for n in range(50)])
store.delete([generation(START + timedelta(days=20, minutes=5 * n)) for n in range(20)])
store.delete_range("generation", START + timedelta(days=25), START + timedelta(days=26))
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("pieces", [0, 1, 3, 1_000])
def test_what_a_kill_left_is_known_and_made_anew(tmp_path: Path, pieces: int) -> None:
    path = tmp_path / "metrics.duckdb"
    subprocess.run([sys.executable, "-c", KILLED, str(path), str(pieces)], check=False, cwd=Path(__file__).parents[2])
    reference = Reference()
    reference.write([generation(START + timedelta(minutes=5 * n), duration_seconds=1.0) for n in range(10_000)])
    reference.write([generation(START + timedelta(days=2, minutes=5 * n), duration_seconds=3.0) for n in range(50)])
    reference.delete([generation(START + timedelta(days=20, minutes=5 * n)) for n in range(20)])
    reference.delete([generation(START + timedelta(days=25, minutes=5 * n)) for n in range(288)])
    day, total = asked("sum", "1d", field=SECONDS), asked("count")
    with closing(DuckStore(path)) as store:
        for _ in range(2):
            for query in (day, total):
                assert_same(rows(store.ask(query)), reference.ask(query))
            made(store)
        assert store.refused_by_rollups(day) is None
        assert store.rollups.left() == 0


def test_the_current_hour_is_read_from_its_points(duck_store: DuckStore) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    duck_store.write([generation(now - timedelta(minutes=number)) for number in range(3_000)])
    made(duck_store)
    query = asked(start=now - timedelta(days=2), stop=now + timedelta(days=1))
    for _ in range(3):
        assert duck_store.refused_by_rollups(query) is None
        assert_same(rows(duck_store.ask(query)), of_points(duck_store, query))
        duck_store.write([generation(now + timedelta(microseconds=random.randrange(10**6)))])
    assert 1 <= duck_store.rollups.left() <= 2


def test_hours_whose_points_were_deleted_are_answered_from_rollups_alone(store: DuckStore) -> None:
    store.delete([generation(START + hours(3), "linkedin")])  # one of the hours is dirty when it is closed
    store.write([generation(START + hours(3), "linkedin", **{SECONDS: 30.0, "outcome": "ok"})])
    before = {query: rows(store.ask(query), query.by) for query in ANSWERED[:-1]}
    until = START + timedelta(days=30)
    assert store.delete_keeping_rollups("generation", START + hours(0.5), until + hours(0.5))
    kept = of_points(store, asked())
    assert kept[0][2] == 6 + 30 * 144, "the hour that the range began in is still there, and all after it"
    for query, expected in before.items():
        agrees(store, query, expected)
    store.write([generation(START + hours(40), "linkedin", **{SECONDS: 1_000.0})])
    store.write([generation(START + timedelta(days=40, hours=3 * number), "x") for number in range(60)])
    late = asked("max", field=SECONDS, where=(any_of("platform", *PLATFORMS),))
    assert store.ask(late)["value"][0] < 100, "what is written too late is nobody's"
    made(store)
    assert store.rollups.check(random.Random(1)).wrong == {}
    twice = asked("count", start=START + hours(0.5), where=(any_of("platform", *PLATFORMS),))
    assert store.ask(twice)["value"][0] == 60 * 144 - 3, (
        "an hour that is cut counts where it begins: the first three points are not there"
    )
    assert not store.delete_keeping_rollups("ai_retry", START, until)
    store.delete_range("generation", START + timedelta(days=5), START + timedelta(days=6))
    assert store.ask(asked("count", "1d"))["value"].tolist()[4:7] == [144.0, 0.0, 144.0], (
        "what is deleted is gone from closed hours, too"
    )
    store.write([generation(START + timedelta(days=5, hours=1))])
    assert store.ask(asked("count", "1d"))["value"].tolist()[4:7] == [144.0, 1.0, 144.0]


def test_a_measurement_that_is_declared_anew_gets_new_rollups_and_keeps_those_of_closed_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "metrics.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        made(store)
        store.delete_keeping_rollups("generation", START, START + timedelta(days=10))
        before = rows(store.ask(asked("mean", "1d", field=SECONDS)))
    source = MEASUREMENTS["generation"]
    monkeypatch.setitem(
        MEASUREMENTS, "generation", replace(source, fields=(*source.fields, Field("tries", "int", "tries")))
    )
    with closing(DuckStore(path)) as store:
        assert store.refused_by_rollups(asked()) is Reason.NOT_KEPT
        made(store)
        assert_same(rows(store.ask(asked("mean", "1d", field=SECONDS))), before)
        assert store.refused_by_rollups(asked("sum", field="tries")) is None


def retry(number: int) -> Point:
    return Point("ai_retry", ns(START + hours(number)), {"endpoint": "x"}, {"wait_seconds": 1.0})


def test_tags_may_have_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("points", "bucket", "number")
    source = replace(MEASUREMENTS["generation"], name="odd", tags=tuple(Tag(name, name) for name in names))
    monkeypatch.setitem(MEASUREMENTS, "odd", source)
    monkeypatch.setattr("metricstore.rollups.layout._percentile_fields", lambda _: frozenset({SECONDS}))
    tags = [dict(zip(names, values, strict=True)) for values in (("1", "a", "x"), ("2", "b", "y"))]
    with closing(DuckStore(None)) as store:
        made_of = [Point("odd", ns(START + hours(n / 9)), tags[n % 2], {SECONDS: float(n)}) for n in range(900)]
        assert store.write(made_of).rejected == ()
        made(store)
        for query in (
            asked("count", by=names, measurement="odd"),
            asked("p95", by=names, field=SECONDS, measurement="odd"),
        ):
            agrees(store, query, of_points(store, query))
            assert store.refused_by_rollups(query) is None
        assert store.rollups.check(random.Random(1)).wrong == {}


def test_rollups_by_another_recipe_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "metrics.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        made(store)
        expected = rows(store.ask(asked("count", "1d")))
    monkeypatch.setattr("metricstore.rollups.layout.RECIPE", -1)
    with closing(DuckStore(path)) as store:
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


def test_rollups_of_a_measurement_that_is_not_known_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "metrics.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        store.write([retry(number) for number in range(100)])
        made(store)
        expected = rows(store.ask(asked("count", "1d")))
    with without_generation(), closing(DuckStore(path)) as store:
        made(store)
        assert store.rollups.check(random.Random(1)).wrong == {}
        store.write([retry(0)])
        assert store.refused_by_rollups(asked(measurement="ai_retry")) is None
        assert store.ask(asked(measurement="ai_retry"))["value"][0] == 100
        store.read_through()
    with closing(DuckStore(path)) as store:
        assert store.refused_by_rollups(asked("count", "1d")) is None
        assert rows(store.ask(asked("count", "1d"))) == expected


def test_a_file_whose_marks_cannot_be_read_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "metrics.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        made(store)
    with monkeypatch.context() as patch:
        patch.setattr("metricstore.duck.marks.known_layout", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            DuckStore(path)
    DuckStore(path).close()


def test_rollups_that_are_wrong_are_noticed_and_made_anew(store: DuckStore) -> None:
    query = asked("sum", "1d", field="position")
    expected = rows(store.ask(query))
    assert store.rollups.check(random.Random(1)).wrong == {}
    with store._database.transaction() as connection:
        connection.execute('UPDATE rollups.generation SET "position sum" = 7 WHERE "hour of UTC" % 4 = 0')
    found = store.rollups.check(random.Random(1))
    assert 1 <= len(found.wrong["generation"]) <= found.hours
    assert_same(rows(store.ask(query)), expected)
    made(store)
    assert store.refused_by_rollups(query) is None
    assert_same(rows(store.ask(query)), expected)
    assert store.rollups.check(random.Random(1)).wrong == {}


@pytest.mark.parametrize("statement", ['DELETE FROM rollups.generation WHERE "hour of UTC" % 3 = 0', 'UPDATE rollups."generation duration_seconds" SET "points in it" = "points in it" + 1'])  # fmt: skip
def test_a_check_sees_what_is_missing_and_buckets_too(store: DuckStore, statement: str) -> None:
    with store._database.transaction() as connection:
        connection.execute(statement)
    assert store.rollups.check(random.Random(1)).wrong


def test_a_repaired_file_has_all_points_and_gets_its_rollups_anew(tmp_path: Path) -> None:
    path, fresh = tmp_path / "metrics.duckdb", tmp_path / "fresh.duckdb"
    with closing(DuckStore(path)) as store:
        store.write(regular())
        made(store)
        store.read_through()
        expected = rows(store.ask(asked("count", "1d")))
    DuckStore(fresh).close()
    assert save(path, tmp_path / "none.wal", fresh).points["generation"] == 60 * 144
    with closing(DuckStore(fresh)) as store:
        assert store.refused_by_rollups(asked("count", "1d")) is Reason.NOT_KEPT
        assert_same(rows(store.ask(asked("count", "1d"))), expected)
        made(store)
        assert store.refused_by_rollups(asked("count", "1d")) is None


def test_answers_are_of_one_moment_while_points_are_written_and_hours_made(duck_store: DuckStore) -> None:
    """Each write keeps the sum; whoever asks must never see another."""
    from threading import Thread

    duck_store.write([generation(START + timedelta(minutes=7 * number), position=1) for number in range(5_000)])
    made(duck_store)
    ended = [False]

    def write() -> None:
        chance = random.Random(3)
        while not ended[0]:
            one, other = (START + timedelta(minutes=7 * number) for number in chance.sample(range(5_000), 2))
            value = chance.randrange(5)
            # two points whose positions come to 2, as those of any two do at first
            duck_store.write([generation(one, position=1 + value), generation(other, position=1 - value)])
            duck_store.write([generation(one, position=1), generation(other, position=1)])

    def work() -> None:
        while not ended[0]:
            made(duck_store)

    threads = [Thread(target=write), Thread(target=work)]
    for thread in threads:
        thread.start()
    try:
        query = asked("sum", field="position")
        for _ in range(400):
            assert duck_store.ask(query)["value"][0] == 5_000
    finally:
        ended[0] = True
        for thread in threads:
            thread.join()


def test_one_measurement_whose_rollups_fail_does_not_stop_the_others(
    duck_store: DuckStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    retries = [Point("ai_retry", ns(START + hours(number)), {}, {"wait_seconds": 1.0}) for number in range(100)]
    duck_store.write([*(generation(START + hours(number)) for number in range(100)), *retries])
    waits = Query("ai_retry", "sum", START, START + hours(100), "wait_seconds")
    first, *_ = [name for name in MEASUREMENTS if name in ("generation", "ai_retry")]
    plain = rollups.fill

    def fill(connection: Any, layout: Layout, begin: int, stop: int) -> None:
        if layout.measurement == first:
            raise StoreFailed("no room for these hours", "out of memory")
        plain(connection, layout, begin, stop)

    monkeypatch.setattr(rollups, "fill", fill)
    with pytest.raises(StoreFailed, match="no room"):
        made(duck_store)
    assert first == "generation"
    assert duck_store.refused_by_rollups(waits) is None
    assert (
        duck_store.refused_by_rollups(replace(waits, measurement=first, aggregate="count", field=None))
        is Reason.CHANGED
    )
    monkeypatch.setattr(rollups, "fill", plain)
    made(duck_store)
    assert duck_store.refused_by_rollups(replace(waits, measurement=first, aggregate="count", field=None)) is None

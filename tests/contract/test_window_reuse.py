"""A cache that asks again only what has changed gives the answers that the store gives, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore import revisions
from metricstore.caching import CachedStore
from metricstore.clickhouse import ClickHouseStore
from metricstore.grid import Grid
from metricstore.influx import InfluxStore
from metricstore.point import Point
from metricstore.query import Query
from metricstore.store import Store
from metricstore.windows import Window
from tests.clickhouse.server import ClickHouseServer
from tests.contract.asking import START, asked, generation, hours
from tests.contract.reference import ns
from tests.contract.test_dates import dated, instant
from tests.contract.test_generated import OFFSETS, QUIET, SWITCHES, WINDOWS, points, questions
from tests.stores import InfluxServer

EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
MOVES = st.one_of(
    st.just(timedelta()),
    st.integers(0, 7200).map(lambda seconds: timedelta(seconds=seconds)),
    st.sampled_from([-48, -24, 1, 6, 23, 24, 25, 24 * 31]).map(lambda hours: timedelta(hours=hours)),
)


@dataclass(frozen=True)
class Step:
    """What is written, deleted or removed by range, by this process or another one, and what is asked then."""

    written: tuple[Point, ...] = ()
    deleted: tuple[Point, ...] = ()
    removed: tuple[datetime, datetime] | None = None
    by_another: bool = False
    asked: tuple[Query, ...] = ()

    def change(self, store: Store, measurement: str) -> None:
        if self.written:
            assert store.write(self.written).rejected == ()
        if self.deleted:
            store.delete(self.deleted)
        if self.removed:
            store.delete_range(measurement, *self.removed)


def moved(query: Query, start: timedelta, stop: timedelta) -> Query:
    begin, end = query.start + start, query.stop + stop
    return replace(query, start=begin, stop=max(end, begin + timedelta(microseconds=1)))


@st.composite
def totals(draw: st.DrawFn, zone: str, around: datetime) -> list[Query]:
    """A total and the same question over days, weeks or months: what follows from the same values of days."""
    base = draw(questions(zone, around))
    start, stop = around - timedelta(days=draw(st.integers(8, 40))), around + timedelta(days=draw(st.integers(0, 40)))
    compared = draw(st.sampled_from([None, None, "previous", "weekdays", "year"]))
    field, aggregate = (
        base.field or "position",
        draw(st.sampled_from(["count", "sum", "min", "max", "last", "rate", "per_day"])),
    )
    whole = replace(base, start=start, stop=stop, aggregate=aggregate, field=field, every=None, compare=compared)
    if field == "topic":
        whole = replace(whole, aggregate="count")
    return [whole, replace(whole, every=Window.parse(draw(st.sampled_from(["1d", "1w", "1mo"]))))]


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    """A question again and again, its range moving as now does, between changes of all that it is about or of a part."""
    zone, around = draw(st.sampled_from(SWITCHES))
    first = tuple(draw(st.lists(points(around), min_size=1, max_size=40)))
    windowed = questions(zone, around).filter(lambda query: query.every is not None)
    compared = st.sampled_from([None, None, "previous", "weekdays", "year"])
    courses = draw(st.lists(st.builds(lambda q, c: replace(q, compare=c), windowed, compared), min_size=1, max_size=2))
    courses += draw(totals(zone, around))
    found = [Step(first, asked=tuple(courses))]
    known = list(first)
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["written", "written", "rewritten", "deleted", "removed", "nothing"]))
        change: dict[str, Any] = {}
        if kind == "written":
            change["written"] = tuple(draw(st.lists(points(around), min_size=1, max_size=3)))
        elif kind == "rewritten":
            old = draw(st.sampled_from(known))
            change["written"] = (replace(draw(points(around)), time=old.time, tags=old.tags),)
        elif kind == "deleted":
            change["deleted"] = tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)))
        elif kind == "removed":
            begin = around + draw(OFFSETS)
            change["removed"] = (begin, begin + timedelta(hours=draw(st.integers(1, 72))))
        known += change.get("written", ())
        wanted = tuple(moved(query, draw(MOVES), draw(MOVES)) for query in courses)
        found.append(Step(**change, by_another=draw(st.booleans()), asked=wanted))
    return tuple(found)


def same(found: Sequence[pd.DataFrame], expected: Sequence[pd.DataFrame]) -> None:
    for left, right in zip(found, expected, strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True, check_freq=True)


def agrees(store: Store, another: Store, case: Sequence[Step], measurement: str = "generation") -> None:
    store.delete_range(measurement, *EVER)
    cached = CachedStore(store)
    for step in case:
        step.change(another if step.by_another else store, measurement)
        expected = [one.frame() for one in store.ask_all(step.asked)]
        same([one.frame() for one in cached.ask_all(step.asked)], expected)
        same([one.frame() for one in cached.ask_all(step.asked[::-1])], expected[::-1])


@pytest.fixture
def another_influx(influxd: InfluxServer, influx_bucket: str, monkeypatch: pytest.MonkeyPatch) -> InfluxStore:
    """Another process's store on the same bucket; what it writes is seen at once."""
    monkeypatch.setattr(revisions, "SECONDS", 0.0)
    return InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket)


@pytest.fixture
def another_clickhouse(
    clickhouse: ClickHouseServer, clickhouse_database: str, monkeypatch: pytest.MonkeyPatch
) -> ClickHouseStore:
    monkeypatch.setattr(revisions, "SECONDS", 0.0)
    return ClickHouseStore(clickhouse.named(clickhouse_database))


@settings(max_examples=100, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=steps())
def test_duckdb_answers_alike_with_and_without(duck_store: Store, case: tuple[Step, ...]) -> None:
    agrees(duck_store, duck_store, case)


@pytest.mark.influx
@settings(max_examples=20, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=steps())
def test_influxdb_answers_alike_with_and_without(
    influx_store: Store, another_influx: Store, case: tuple[Step, ...]
) -> None:
    agrees(influx_store, another_influx, case)


@pytest.mark.clickhouse
@settings(max_examples=15, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=steps())
def test_clickhouse_answers_alike_with_and_without(
    clickhouse_store: Store, another_clickhouse: Store, case: tuple[Step, ...]
) -> None:
    agrees(clickhouse_store, another_clickhouse, case)


@st.composite
def dated_steps(draw: st.DrawFn) -> tuple[Step, ...]:
    """Posts with dates for times beside posts with instants, around changes of the clock and a day that was left out."""
    zone, around = draw(st.sampled_from(SWITCHES))
    days = st.integers(-5, 5).map(lambda number: (around + timedelta(days=number)).date())
    post = st.one_of(
        st.builds(dated, days, st.integers(0, 2)), st.builds(instant, OFFSETS.map(lambda one: around + one))
    )
    every = st.sampled_from(WINDOWS[1:]).map(Window.parse)
    start, stop = around - timedelta(days=draw(st.integers(0, 40))), around + timedelta(days=draw(st.integers(1, 40)))
    courses = [
        Query("post", draw(st.sampled_from(["count", "per_day"])), start, stop, every=draw(every), timezone=zone,
              by=draw(st.sampled_from([(), ("time_kind",)])))
        for _ in range(3)
    ]  # fmt: skip
    found = [Step(tuple(draw(st.lists(post, min_size=1, max_size=20))), asked=tuple(courses))]
    for _ in range(draw(st.integers(1, 5))):
        deleted = draw(st.booleans())
        change = tuple(draw(st.lists(post, min_size=1, max_size=2)))
        wanted = tuple(moved(query, draw(MOVES), draw(MOVES)) for query in courses)
        found.append(Step(() if deleted else change, change if deleted else (), asked=wanted))
    return tuple(found)


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=dated_steps())
def test_dates_are_asked_anew_where_they_count(duck_store: Store, case: tuple[Step, ...]) -> None:
    agrees(duck_store, duck_store, case, "post")


class Watched:
    """How many windows the store itself is asked for."""

    def __init__(self, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.windows = 0
        ask_all = store.ask_all

        def counted(queries: Sequence[Query]) -> list[Grid]:
            found = ask_all(queries)
            self.windows += sum(map(len, found))
            return found

        monkeypatch.setattr(store, "ask_all", counted)

    def asked(self, cached: CachedStore, query: Query) -> tuple[list[float], int]:
        """Values, and how many windows they took."""
        self.windows = 0
        return cached.ask(query)["value"].tolist(), self.windows


YEAR = asked(every="1d", start=START, stop=START + timedelta(days=365))


@pytest.mark.parametrize("aggregate", ["count", "sum", "min", "max", "last", "per_day"])
def test_totals_weeks_and_months_of_any_range_follow_from_days_asked_once(
    duck_store: Store, monkeypatch: pytest.MonkeyPatch, aggregate: Any
) -> None:
    watched, cached = Watched(duck_store, monkeypatch), CachedStore(duck_store)
    cached.write(
        [
            generation(START + timedelta(hours=5 * hour), "x" if hour % 3 else "linkedin", position=hour % 7)
            for hour in range(5 * 365)
        ]
    )
    year = replace(YEAR, every=None, aggregate=aggregate, field="position", by=("platform",))
    assert watched.asked(cached, year)[1] == 2  # for the first time asked as it is
    assert watched.asked(cached, replace(year, start=START + timedelta(days=1)))[1] == 2 * 364
    for days in (3, 30, 100):
        for every in (None, "1d", "1w", "1mo"):
            for compare in (None, "previous"):
                query = replace(
                    year, start=START + timedelta(days=days + 120), every=every and Window.parse(every), compare=compare
                )
                expected = duck_store.ask(query)
                watched.windows = 0
                same([cached.ask(query)], [expected])
                assert watched.windows == 0 or compare
    cached.write([generation(START + timedelta(days=200), "x", position=9)])
    moved_on = replace(year, start=START + timedelta(days=100))
    expected = duck_store.ask(moved_on)
    watched.windows = 0
    same([cached.ask(moved_on)], [expected])
    assert watched.windows == 2, "a day of two platforms"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu"])
@pytest.mark.parametrize("aggregate", ["count", "sum", "min", "per_day"])
def test_ranges_of_the_same_months_are_asked_for_once(
    duck_store: Store, monkeypatch: pytest.MonkeyPatch, aggregate: Any, zone: str
) -> None:
    """A platform that has no points in a range is not in its answer, though it has some in the months around. Where it may have
    some that lack the field, the store has to be asked."""
    watched, cached, midnight = Watched(duck_store, monkeypatch), CachedStore(duck_store), ZoneInfo(zone)
    cached.write([generation(START + timedelta(hours=7 * number), "x", position=number % 5) for number in range(1_000)])
    cached.write([generation(START + timedelta(days=31, hours=20), "linkedin", position=2)])
    local = START.replace(tzinfo=midnight)
    field = "position" if aggregate in ("sum", "min") else None
    total = replace(YEAR, every=None, aggregate=aggregate, field=field, by=("platform",), timezone=zone)
    for number, (first, last) in enumerate([(31, 200), (40, 190), (33, 185), (45, 201), (32, 182), (50, 199)]):
        for every in (None, "1d", "1w", "1mo"):
            query = replace(
                total, start=local + timedelta(days=first), stop=local + timedelta(days=last),
                every=every and Window.parse(every),
            )  # fmt: skip
            expected = duck_store.ask(query)
            watched.windows = 0
            same([cached.ask(query)], [expected])
            assert watched.windows == 0 or number < 2 or field


def test_more_days_than_are_worth_keeping_are_not_asked_for(duck_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, cached = Watched(duck_store, monkeypatch), CachedStore(duck_store)
    cached.write([generation(START + timedelta(hours=number), f"p{number}") for number in range(200)])
    year = replace(YEAR, every=None, by=("platform",))
    for day in range(3):
        assert watched.asked(cached, replace(year, stop=YEAR.stop + timedelta(days=day)))[1] == 200


def test_only_windows_that_points_have_changed_in_are_asked_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, cached = Watched(store, monkeypatch), CachedStore(store)
    cached.write([generation(START + timedelta(days=day)) for day in range(365)])
    values = [1.0] * 365
    # A server's days are watched from the first time that an earlier answer could be of use.
    for expected in (365, None, None):
        cached.write([generation(START + timedelta(days=1), "twitter")])
        values[1] = 2.0
        found, windows = watched.asked(cached, YEAR)
        assert found == values
        assert expected in (None, windows)
    assert windows == 1
    cached.write([generation(START + timedelta(days=364, hours=1), "x"), generation(START + hours(2))])
    values[0], values[364] = 2.0, 2.0
    assert watched.asked(cached, YEAR) == (values, 2)
    cached.delete([generation(START + timedelta(days=3))])
    values[3] = 0.0
    assert watched.asked(cached, YEAR) == (values, 1)
    cached.delete_range("generation", START + timedelta(days=10), START + timedelta(days=20))
    values[10:20] = [0.0] * 10
    assert watched.asked(cached, YEAR) == (values, 10)
    assert watched.asked(cached, YEAR) == (values, 0)
    cached.delete_range("generation", datetime(1800, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert watched.asked(cached, YEAR) == ([0.0] * 365, 365)


def test_a_range_that_moves_with_now_takes_its_outermost_windows_alone(
    duck_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, cached = Watched(duck_store, monkeypatch), CachedStore(duck_store)
    cached.write([generation(START + timedelta(hours=hour)) for hour in range(24 * 365)])
    now = START + timedelta(days=100, hours=5)
    query = replace(YEAR, start=now - timedelta(days=90), stop=now)
    assert watched.asked(cached, query)[1] == 91
    moved_on = replace(query, start=query.start + timedelta(seconds=5), stop=now + timedelta(seconds=5))
    found, windows = watched.asked(cached, moved_on)
    assert (found, windows) == (duck_store.ask(moved_on)["value"].tolist(), 2)


@pytest.mark.influx
def test_a_day_that_changed_in_another_process_is_asked_again_of_influxdb(
    influx_store: InfluxStore, another_influx: InfluxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_from_another_process(influx_store, another_influx, monkeypatch)


@pytest.mark.clickhouse
def test_a_day_that_changed_in_another_process_is_asked_again_of_clickhouse(
    clickhouse_store: ClickHouseStore, another_clickhouse: ClickHouseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_from_another_process(clickhouse_store, another_clickhouse, monkeypatch)


def seen_from_another_process(store: Any, another: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, cached = Watched(store, monkeypatch), CachedStore(store)
    another.write([generation(START + timedelta(days=day)) for day in range(365)])
    cached.ask(YEAR)
    windows = 0
    for count in range(2, 6):
        another.write([generation(START + timedelta(days=7, hours=count))])
        found, windows = watched.asked(cached, YEAR)
        assert found[7] == float(count)
    assert windows == 1
    another.delete_range("generation", *EVER)
    assert watched.asked(cached, YEAR) == ([0.0] * 365, 365)


def test_a_group_that_may_have_gone_is_looked_for_in_the_whole_range(store: Store) -> None:
    """Its points lack the field, so that no window has a value of it."""
    query = replace(YEAR, aggregate="mean", field="duration_seconds", by=("platform",))
    cached = CachedStore(store)
    cached.write([generation(START + timedelta(days=day)) for day in range(20)])
    cached.write([generation(START + timedelta(days=day), "quiet", topic="x") for day in (5, 9)])
    for gone in (5, 9):
        same([cached.ask(query)], [store.ask(query)])
        cached.delete([generation(START + timedelta(days=gone), "quiet")])
        same([cached.ask(query)], [store.ask(query)])
    assert set(cached.ask(query)["platform"]) == {"linkedin"}


def test_dates_change_the_days_they_count_in(store: Store) -> None:
    """In Kiritimati, fourteen hours ahead, a date begins the day before in UTC."""
    zone, day = "Pacific/Kiritimati", date(2026, 10, 19)
    start = datetime(2026, 9, 30, 10, tzinfo=UTC)
    query = Query("post", "count", start, start + timedelta(days=61), every=Window(1, "d"), timezone=zone)
    cached = CachedStore(store)
    for number in range(5):
        cached.write([dated(day, number)])
        found = cached.ask(query)
        same([found], [store.ask(query)])
        assert found["value"].sum() == number + 1.0
    assert ns(start) < dated(day).time

"""Rows that are kept give the answers that reading all of them gives, and only what is missing is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore import revisions
from metricstore.influx import InfluxStore, kept_rows
from metricstore.influx.kept_rows import KeptRows
from metricstore.influx.plan import Conditions
from metricstore.influx.sharing import Shared
from metricstore.influx.spans import Span
from metricstore.query import Filter, Query
from metricstore.windows import Window
from tests.contract.asking import START, asked, generation
from tests.contract.reference import ns
from tests.contract.test_generated import OFFSETS, QUIET, SWITCHES, filters, points
from tests.contract.test_window_reuse import EVER, MOVES, Step, moved
from tests.stores import InfluxServer

pytestmark = pytest.mark.influx


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other processes write."""
    monkeypatch.setattr(revisions, "SECONDS", 0.0)


@st.composite
def of_rows(draw: st.DrawFn, zone: str, around: datetime) -> Query:
    """A question that takes every row, over a range that is long enough to keep them."""
    start = around - timedelta(days=draw(st.integers(4, 90)))
    aggregate, field = draw(
        st.sampled_from([("p50", "duration_seconds"), ("p95", "position"), ("distinct", "topic"), ("distinct", "position"),
                         ("max", "duration_seconds"), ("last", "position"), ("count", None)])
    )  # fmt: skip
    by = draw(st.sampled_from([(), ("platform",), ("outcome",), ("outcome", "platform")]))
    every = draw(st.sampled_from([None, *map(Window.parse, ["6h", "1d", "1w", "1mo"])]))
    where = tuple(draw(st.lists(filters(zone), max_size=2)))
    stop = around + timedelta(days=draw(st.integers(4, 40)))
    return Query("generation", aggregate, start, stop, field, every, by, where, zone).checked()  # type: ignore[arg-type]


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    """Questions again and again, their ranges moving, between changes of some points."""
    zone, around = draw(st.sampled_from(SWITCHES))
    known = draw(st.lists(points(around), min_size=5, max_size=40))
    courses = draw(st.lists(of_rows(zone, around), min_size=1, max_size=3))
    found = [Step(tuple(known), asked=tuple(courses))]
    for _ in range(draw(st.integers(2, 5))):
        change: dict[str, Any] = {}
        match draw(st.sampled_from(["written", "rewritten", "deleted", "removed", "nothing"])):
            case "written":
                change["written"] = tuple(draw(st.lists(points(around), min_size=1, max_size=3)))
            case "rewritten":
                old = draw(st.sampled_from(known))
                change["written"] = (replace(draw(points(around)), time=old.time, tags=old.tags),)
            case "deleted":
                change["deleted"] = tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)))
            case "removed":
                begin = around + draw(OFFSETS)
                change["removed"] = (begin, begin + timedelta(hours=draw(st.integers(1, 72))))
        wanted = tuple(moved(query, draw(MOVES), draw(MOVES)) for query in courses)
        found.append(Step(**change, by_another=draw(st.booleans()), asked=wanted))
    return tuple(found)


@settings(max_examples=25, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=steps())
def test_answers_are_those_of_a_store_that_keeps_nothing(
    influx_store: InfluxStore, influxd: InfluxServer, influx_bucket: str, case: tuple[Step, ...]
) -> None:
    influx_store.delete_range("generation", *EVER)
    another = InfluxStore(influxd.url, influxd.token, influxd.org, influx_bucket)
    another._questions._rows = KeptRows(another._ask, another._revisions, most=0)
    for step in case:
        step.change(another if step.by_another else influx_store, "generation")
        for query in (*step.asked, *step.asked):
            pd.testing.assert_frame_equal(influx_store.ask(query), another.ask(query), check_exact=True)
    another.close()


class Read:
    """Which stretches of rows the store is asked for."""

    def __init__(self, store: InfluxStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.days: list[tuple[str, str]] = []
        query = store._connection.query

        def watched(script: str, **words: Any) -> bytes:
            if '"_value", "platform"])' in script and "yield" not in script:
                self.days += re.findall(r"range\(start: (\S{10})\S*, stop: (\S{10})", script)
            return query(script, **words)

        monkeypatch.setattr(store._connection, "query", watched)

    def of(self, store: InfluxStore, query: Query) -> list[tuple[str, str]]:
        self.days.clear()
        store.ask(query)
        return list(self.days)


@pytest.fixture
def filled(influx_store: InfluxStore) -> InfluxStore:
    influx_store.write(
        [
            generation(START + timedelta(hours=7 * number), duration_seconds=float(number), topic=f"t{number % 9}")
            for number in range(300)
        ]
    )
    return influx_store


P95 = asked("p95", "1d", field="duration_seconds", start=START + timedelta(days=9), stop=START + timedelta(days=80))
TOPICS = replace(P95, aggregate="distinct", field="topic", every=None)
EVEN = replace(P95, where=(Filter("topic", "any", ("t0", "t2", "t4")),))


@pytest.fixture
def read(filled: InfluxStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """After the first question that days are watched for."""
    filled.ask(replace(P95, field="position"))
    yield Read(filled, monkeypatch)


@pytest.mark.parametrize("query", [P95, TOPICS])
def test_a_range_that_moves_on_has_only_what_is_new_read(filled: InfluxStore, read: Read, query: Query) -> None:
    assert read.of(filled, query) == [("2024-03-01", "2024-05-20")], "from the first of the month"
    assert read.of(filled, replace(query, start=START + timedelta(days=3))) == []
    later = replace(query, start=query.start + timedelta(days=2), stop=query.stop + timedelta(days=2))
    assert read.of(filled, later) == [("2024-05-20", "2024-05-22")]
    assert read.of(filled, replace(later, every=Window.parse("1w"))) == []


@pytest.mark.parametrize("query", [P95, EVEN])
def test_a_day_that_has_changed_is_read_again(filled: InfluxStore, read: Read, query: Query) -> None:
    first = read.of(filled, query)
    filled.write([generation(START + timedelta(days=40, hours=3), duration_seconds=1e6, topic="t2")])
    assert read.of(filled, query) == [("2024-04-10", "2024-04-11")] * len(first)
    assert filled.ask(query)["value"].max() == 1e6
    assert read.of(filled, query) == []


def test_what_is_compared_with_is_kept_beside_what_is_shown(filled: InfluxStore, read: Read) -> None:
    month = replace(P95, start=START + timedelta(days=40), stop=START + timedelta(days=60))
    assert len(read.of(filled, replace(month, compare="previous"))) == 2
    later = replace(
        month, start=month.start + timedelta(days=1), stop=month.stop + timedelta(days=1), compare="previous"
    )
    assert read.of(filled, later) == [("2024-04-30", "2024-05-01")]


def test_more_rows_than_there_is_room_for_are_read_as_ever(filled: InfluxStore, read: Read) -> None:
    filled._questions._rows = KeptRows(filled._ask, filled._revisions, most=4_000)
    read.of(filled, P95)
    for _ in range(2):
        assert read.of(filled, P95) == [("2024-03-10", "2024-05-20")]


def test_questions_asked_together_never_keep_rows_that_were_read_before_a_change(filled: InfluxStore) -> None:
    shared, kept = Shared(filled._ask), filled._questions._rows
    span, conditions = Span(ns(P95.start), ns(P95.stop)), Conditions.of(P95.source, ())
    before = len(kept.read(shared, span, conditions, "duration_seconds"))
    filled.write([generation(START + timedelta(days=40, hours=3, minutes=1), duration_seconds=1.0)])
    for _ in range(2):
        assert len(kept.read(shared, span, conditions, "duration_seconds")) == before + 1


def test_where_most_has_changed_all_is_read(filled: InfluxStore, read: Read) -> None:
    read.of(filled, P95)
    filled.write([generation(START + timedelta(days=day, hours=3)) for day in range(10, 80, 2)])
    assert read.of(filled, P95) == [("2024-03-01", "2024-05-20")]


def test_what_changed_beside_the_range_is_read_when_it_is_wanted(filled: InfluxStore, read: Read) -> None:
    read.of(filled, P95)
    filled.write([generation(START + timedelta(days=12, hours=3), duration_seconds=1e6)])
    short = replace(P95, start=START + timedelta(days=30))
    assert read.of(filled, short) == []
    assert read.of(filled, P95) == [("2024-03-01", "2024-03-14")]
    assert filled.ask(P95)["value"].max() == 1e6


def test_now_and_then_all_is_read_anew(filled: InfluxStore, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read.of(filled, P95)
    monkeypatch.setattr(kept_rows, "WHOLE_SECONDS", 0.0)
    assert read.of(filled, P95) == first


def test_short_ranges_dates_and_filters_by_the_clock_are_read_as_ever(filled: InfluxStore, read: Read) -> None:
    week = replace(P95, stop=P95.start + timedelta(days=7))
    mondays = replace(P95, where=(Filter("weekday", "any", ("mon",)),))
    for query in (week, mondays):
        assert read.of(filled, query) == read.of(filled, query) != []
    assert filled._questions._rows._kept.bytes < 10_000


def test_memory_has_a_bound(filled: InfluxStore) -> None:
    kept = filled._questions._rows = KeptRows(filled._ask, filled._revisions, most=120_000)
    for number in range(12):
        filled.ask(replace(P95, where=(Filter("topic", "none", (f"t{number}",)),)))
    assert 0 < kept._kept.bytes <= 120_000


def test_times_before_1970_are_kept_as_any(filled: InfluxStore, read: Read) -> None:
    early = replace(P95, start=datetime(1969, 3, 5, tzinfo=UTC), stop=datetime(1970, 2, 1, tzinfo=UTC))
    assert read.of(filled, early) == [("1969-03-01", "1970-02-01")]
    assert read.of(filled, early) == []

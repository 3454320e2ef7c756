"""Points and questions nobody thought of: each store must agree with the plain-Python reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metricstore.catalogue import FieldValue
from metricstore.point import Point
from metricstore.query import AGGREGATES, Filter, Query
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS
from metricstore.windows import Window
from tests.contract.asking import assert_same, rows
from tests.contract.reference import Reference, ns

SWITCHES = [
    ("Europe/Berlin", datetime(2024, 3, 31, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2024, 10, 27, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2024, 3, 10, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2024, 11, 3, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2024, 4, 6, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2024, 10, 5, 15, 30, tzinfo=UTC)),
    ("America/Santiago", datetime(2024, 9, 8, 4, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2024, 4, 25, 22, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2024, 2, 29, tzinfo=UTC)),
    ("UTC", datetime(2024, 12, 31, tzinfo=UTC)),
]
WINDOWS = ["15m", "1h", "6h", "1d", "1d", "1w", "1mo", "1q", "1y"]
HOSTILE = [
    "linkedin",
    "twitter",
    "",
    'a"b',
    "a\\b",
    '") |> drop()',
    "${x}",
    "'; DROP TABLE generation; --",
    "a=b,c d",
    "日本 🎉",
    "[a](b)*?",
]
OFFSETS = st.one_of(
    st.integers(-30 * 24 * 60, 30 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.sampled_from([-25, -24, -3, -1, 0, 1, 3, 23, 24, 25]).map(lambda hours: timedelta(hours=hours)),
)
NUMBERS = st.one_of(st.integers(-50, 50).map(float), st.floats(-1e6, 1e6, allow_nan=False))
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "duration_seconds": NUMBERS,
        "position": st.one_of(st.integers(-3, 3), st.integers(-(2**53), 2**53)),
        "topic": st.one_of(st.sampled_from(HOSTILE[3:]), st.sampled_from(["Launch", "launch party"])),
        "outcome": st.sampled_from(["ok", "failed", "unknown"]),
    },
).map(lambda fields: fields or {"line": 1})


@st.composite
def points(draw: st.DrawFn, around: datetime) -> Point:
    time = ns(around + draw(OFFSETS)) + draw(st.sampled_from([0, 0, 1, -1, 999]))
    tags = {"platform": draw(st.sampled_from(HOSTILE))}
    fields: dict[str, FieldValue] = draw(FIELDS)
    return Point("generation", time, tags, fields)


@st.composite
def filters(draw: st.DrawFn, zone: str) -> Filter:
    kind = draw(st.sampled_from(["any", "none", "contains", "min", "max", "clock"]))
    if kind == "clock":
        part = draw(st.sampled_from(["weekday", "hour"]))
        chosen = draw(st.lists(st.sampled_from(TIME_PARTS[part]), min_size=1, max_size=4))
        return Filter(part, draw(st.sampled_from(["any", "none"])), tuple(chosen), zone)
    if kind in ("min", "max"):
        return Filter(draw(st.sampled_from(["duration_seconds", "position"])), kind, (draw(st.integers(-40, 40)),))  # type: ignore[arg-type]
    if kind == "contains":
        return Filter(
            "topic",
            "contains",
            tuple(draw(st.lists(st.sampled_from(["launch", '"', "\\", "$", "日"]), min_size=1, max_size=2))),
        )
    column = draw(st.sampled_from(["platform", "outcome", "position"]))
    choices: list[str] = {"platform": HOSTILE, "outcome": ["ok", "failed", ""], "position": ["1", "2", ""]}[column]
    return Filter(column, kind, tuple(draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3))))  # type: ignore[arg-type]


@st.composite
def questions(draw: st.DrawFn, zone: str, around: datetime) -> Query:
    first, second = sorted((draw(OFFSETS), draw(OFFSETS)))
    every = draw(st.sampled_from([None, *map(Window.parse, WINDOWS)]))
    if every is not None and every.unit == "m":
        # A quarter of an hour over two months would be thousands of windows.
        second = min(second, first + timedelta(days=3))
    aggregate = draw(st.sampled_from(AGGREGATES))
    field = draw(st.sampled_from(["duration_seconds", "position"]))
    if aggregate in ("count", "rate", "distinct"):
        field = draw(st.sampled_from([field, "topic"] if aggregate == "distinct" else [field, "topic", None]))
    by = draw(st.sampled_from([(), ("platform",), ("outcome",), ("platform", "outcome"), ("outcome", "platform")]))
    where = tuple(draw(st.lists(filters(zone), max_size=2)))
    stop = max(around + second, around + first + timedelta(microseconds=1))
    return Query("generation", aggregate, around + first, stop, field, every, by, where, zone).checked()  # type: ignore[arg-type]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[Point]], list[Point], list[Query]]:
    zone, around = draw(st.sampled_from(SWITCHES))
    batches = draw(st.lists(st.lists(points(around), min_size=1, max_size=30), min_size=1, max_size=3))
    written = [point for batch in batches for point in batch]
    deleted = draw(st.lists(st.sampled_from(written), max_size=4))
    return batches, deleted, draw(st.lists(questions(zone, around), min_size=4, max_size=8))


def agrees(store: Store, case: tuple[list[list[Point]], list[Point], list[Query]]) -> None:
    batches, deleted, asked = case
    reference = Reference()
    store.delete_range("generation", datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    for batch in batches:
        assert store.write(batch).rejected == ()
        reference.write(batch)
    store.delete(deleted)
    reference.delete(deleted)
    for query in asked:
        assert_same(rows(store.ask(query), query.by), reference.ask(query))
        found = store.values("generation", "outcome", query.start, query.stop, query.where)
        assert found == reference.values(query, "outcome")
    together = [other for query in asked for other in alike(query)]
    for query, answer in zip(together, store.ask_all(together), strict=True):
        assert_same(rows(answer.frame(), query.by), reference.ask(query))


def alike(query: Query) -> list[Query]:
    """Questions about the same points, each with conditions of its own: a store may answer them in one go."""
    failed = Filter("outcome", "any", ("failed", ""))
    return [
        query,
        replace(query, aggregate="count", field=None, where=()),
        replace(query, aggregate="sum", field="duration_seconds", where=(*query.where, failed)),
        replace(query, aggregate="last", field="position", where=(failed, *query.where[:1])),
        replace(query, aggregate="p90", field="duration_seconds", where=query.where[1:]),
        query,
    ]


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=cases())
def test_duckdb_answers_as_the_reference_does(
    duck_store: Store, case: tuple[list[list[Point]], list[Point], list[Query]]
) -> None:
    agrees(duck_store, case)


@pytest.mark.influx
@settings(max_examples=15, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=cases())
def test_influxdb_answers_as_the_reference_does(
    influx_store: Store, case: tuple[list[list[Point]], list[Point], list[Query]]
) -> None:
    agrees(influx_store, case)


@pytest.mark.clickhouse
@settings(max_examples=15, deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)
@given(case=cases())
def test_clickhouse_answers_as_the_reference_does(
    clickhouse_store: Store, case: tuple[list[list[Point]], list[Point], list[Query]]
) -> None:
    agrees(clickhouse_store, case)

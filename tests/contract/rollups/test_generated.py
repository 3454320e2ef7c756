"""Changes and questions nobody thought of: rollups, points and the plain reference give the same answers."""

from __future__ import annotations

import random
import shutil
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.clickhouse import ClickHouseStore
from metricstore.duck import DuckStore
from metricstore.point import Point
from metricstore.query import Filter, Query
from metricstore.store import Store
from metricstore.windows import Window
from tests.clickhouse.server import ClickHouseServer
from tests.contract.reference import Reference
from tests.contract.rollups.asking import PLATFORMS, SECONDS, Open, agrees, made, of_points
from tests.contract.test_generated import NUMBERS, QUIET, SWITCHES, WINDOWS, points


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


def change(store: Store, reference: Reference, step: Step) -> None:
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


def checked(open_: Open, case: tuple[Step, ...]) -> None:
    reference, store = Reference(), open_()
    answered = 0
    for step in case:
        change(store, reference, step)
        made(store, step.pieces)
        if step.opened_anew:
            store = open_()
        for query in step.asked:
            agrees(store, query, of_points(store, query))
            single = replace(query, compare=None)
            agrees(store, single, reference.ask(single))
            answered += store.refused_by_rollups(single) is None
    made(store)
    assert store.rollups.check(random.Random(7)).wrong == {}


GENERATED = settings(deadline=None, suppress_health_check=QUIET, derandomize=True, database=None)


@settings(GENERATED, max_examples=40)
@given(case=steps())
def test_rollups_and_points_give_the_same_answers(
    empty_duck_file: Path, tmp_path: Path, case: tuple[Step, ...]
) -> None:
    path = Path(shutil.copy(empty_duck_file, tmp_path / f"{random.random()}.duckdb"))
    with ExitStack() as stack:
        checked(lambda: (stack.close(), stack.enter_context(closing(DuckStore(path))))[1], case)
    path.unlink()


@pytest.mark.clickhouse
@settings(GENERATED, max_examples=10)
@given(case=steps())
def test_rollups_and_points_give_the_same_answers_on_clickhouse(
    clickhouse: ClickHouseServer, clickhouse_database: str, case: tuple[Step, ...]
) -> None:
    clickhouse.empty(clickhouse_database)
    place = clickhouse.named(clickhouse_database)
    with ExitStack() as stack:
        checked(lambda: (stack.close(), stack.enter_context(closing(ClickHouseStore(place))))[1], case)

"""Stores that keep rollups, what is asked of them in these tests, and the same asked of the points."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

from metricstore.catalogue import Measurement
from metricstore.clickhouse import ClickHouseStore
from metricstore.clickhouse.rollup_names import table_name
from metricstore.clickhouse.tables import table_of
from metricstore.duck import DuckStore
from metricstore.point import Point
from metricstore.query import PERCENTILES, Filter, Query
from metricstore.rollups.buckets import ERROR
from metricstore.sql.questions import PointsAlone
from tests.contract.asking import START, STOP, any_of, asked, assert_same, generation, hours, rows
from tests.contract.reference import Row, ns

Kept = DuckStore | ClickHouseStore
Open = Callable[[], Kept]
SECONDS = "duration_seconds"
PLATFORMS = ("linkedin", "twitter", "")


def made(store: Kept, most: int | None = None) -> None:
    """Rollups of all there is, or so many pieces of work."""
    for _ in islice(store.rollups.work(), most):
        pass


def of_points(store: Kept, query: Query) -> list[Row]:
    """The answer without rollups."""
    return rows(PointsAlone(store).ask(query), query.by)


def assert_near(found: list[Row], expected: list[Row]) -> None:
    """The same rows, values within the error of buckets."""
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    for (_, _, value), (_, _, wanted) in zip(found, expected, strict=True):
        assert math.isclose(value, wanted, rel_tol=ERROR) or (math.isnan(value) and math.isnan(wanted)), (value, wanted)


def agrees(store: Kept, query: Query, expected: list[Row]) -> None:
    (assert_near if query.aggregate in PERCENTILES else assert_same)(rows(store.ask(query), query.by), expected)


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


def retry(number: int) -> Point:
    return Point("ai_retry", ns(START + hours(number)), {"endpoint": "x"}, {"wait_seconds": 1.0})


def spoil(store: Kept, table: str, column: str, value: str, which: str = "1 = 1") -> None:
    """Make rollups wrong behind everybody's back: `value` in place of a column of a table of rollups, in hours `which`."""
    if isinstance(store, DuckStore):
        with store._database.transaction() as connection:
            connection.execute(f'UPDATE rollups."{table}" SET "{column}" = {value} WHERE {which}')
        return
    layout = store._rollup_state.kept(anew=True)["generation"]
    array = f'"{table.removeprefix("generation").strip() or "cell"}: {column}"'
    value = value.replace(f'"{column}"', "one")
    change = f'ALTER TABLE "{table_name(layout)}" UPDATE {array} = arrayMap(one -> {value}, {array}) WHERE {which} SETTINGS mutations_sync = 1'
    store._connection.command(change)


def lose(store: Kept, which: str) -> None:
    """What is kept of some hours is gone behind everybody's back."""
    if isinstance(store, DuckStore):
        with store._database.transaction() as connection:
            connection.execute(f"DELETE FROM rollups.generation WHERE {which}")
        return
    layout = store._rollup_state.kept(anew=True)["generation"]
    table = table_name(layout)
    lists = [name for name in table_columns(store, table) if name.startswith("cell: ")]
    change = ", ".join(f'"{name}" = []' for name in lists)
    store._connection.command(f'ALTER TABLE "{table}" UPDATE {change} WHERE {which} SETTINGS mutations_sync = 1')


def table_columns(store: ClickHouseStore, table: str) -> list[str]:
    text = f"SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '{table}'"
    return [name for (name,) in store._connection.query(text, ()).result_rows]


def declare(store: Kept, source: Measurement) -> None:
    """Tables as a program has them that was started with this declaration."""
    if isinstance(store, ClickHouseStore):
        present = table_columns(store, source.name)
        wanted = table_of(source)
        for statement in store._layout.create(wanted):
            store._connection.command(statement)
        for name in wanted.columns if present else ():
            if name not in present:
                store._connection.command(f'ALTER TABLE "{source.name}" ADD COLUMN "{name}" {wanted.columns[name]}')

"""Short words for the tests of rollups on InfluxDB."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

from metricstore.influx import InfluxStore
from metricstore.point import Point
from metricstore.query import PERCENTILES, Query
from tests.contract.asking import START, assert_same, generation, rows
from tests.contract.reference import Row
from tests.contract.rollups.asking import assert_near

SECONDS = "duration_seconds"

PLATFORMS = ("linkedin", "twitter", "")

OPENED = Callable[[], InfluxStore]


def made(store: InfluxStore, most: int | None = None) -> None:
    """Rollups of all there is, or so many steps."""
    for _ in islice(store.rollups.work(), most):
        pass


def of_points(store: InfluxStore, query: Query) -> list[Row]:
    """The answer without rollups, to a question without a comparison."""
    return rows(store._questions.of_points(query, store._ask).frame(), query.by)


def agrees(store: InfluxStore, query: Query, expected: list[Row]) -> None:
    (assert_near if query.aggregate in PERCENTILES else assert_same)(rows(store.ask(query), query.by), expected)


def regular(days: int = 60) -> Iterator[Point]:
    chance = random.Random(5)
    for number in range(days * 48):
        fields = {
            SECONDS: round(chance.uniform(-5, 60), 3),
            "position": number % 7,
            "outcome": chance.choice(["ok", "failed"]),
        }
        yield generation(START + timedelta(minutes=30 * number), PLATFORMS[number % 2], **fields)  # type: ignore[arg-type]

"""Numerator and denominator are taken of the same records: one that lacks a part changes no metric, on either store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.assumptions import taken_as_they_are
from metricstore.catalogue import Measurement, measurement
from metricstore.duck import DuckStore
from metricstore.evaluation import evaluate
from metricstore.metrics import METRICS, Measure, Metric, metric
from metricstore.metrics.formula import Formula, Term
from metricstore.metrics.model import any_of
from metricstore.metrics.pairing import paired
from metricstore.point import Point, nanoseconds
from metricstore.query import Filter
from metricstore.selection import Selection
from metricstore.store import Store

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ASSUMED = taken_as_they_are().with_values({"ai_budget": 10})
DERIVED = tuple(found for found in METRICS.values() if found.per is not None or found.model is not None)
NUMBERS = (7, 3, 11, 5)


def looked_at(measure: Measure) -> set[str]:
    """Every column that decides whether a record counts, the other parts' among them."""
    demanded = {one.column for one in measure.where if one.demands_column}
    return demanded | set(measure.beside) | ({measure.field} if measure.field else set())


def meeting(condition: Filter) -> str | float:
    """A value that passes a condition."""
    if condition.operator in ("any", "min", "max"):
        return condition.values[0]
    return "something else"


def record(measure: Measure, time: int, numbers: tuple[int, ...], lacking: str = "") -> Point:
    """A record that has nothing but what the measure looks at, without `lacking`."""
    source = measurement(measure.measurement)
    columns = looked_at(measure)
    held: dict[str, str | float] = {one.column: meeting(one) for one in measure.where + measure.usual}
    for place, name in enumerate(sorted(columns - held.keys())):
        held[name] = numbers[place % len(numbers)] if is_number(source, name) else "something"
    held.pop(lacking, None)
    tags = {name: str(value) for name, value in held.items() if name in source.tag_names}
    fields = {name: typed(source, name, value) for name, value in held.items() if name not in source.tag_names}
    return Point(source.name, time, tags, fields or dict([neither_part(source)]))


def neither_part(source: Measurement) -> tuple[str, str | float | int]:
    """A field that no metric looks at: a point needs one."""
    used = set().union(*(looked_at(one) for found in DERIVED for one in found.measures))
    name = next(one.name for one in source.fields if one.name not in used)
    return name, typed(source, name, 1)


def is_number(source: Measurement, name: str) -> bool:
    return source.has_field(name) and source.field(name).type != "string"


def typed(source: Measurement, name: str, value: str | float) -> str | float | int:
    kind = source.field(name).type
    return str(value) if kind == "string" else int(value) if kind == "int" else float(value)


def whole(declared: Metric, day: datetime, number: int, numbers: tuple[int, ...]) -> Iterator[Point]:
    """`number` records for each of its measures."""
    for place in range(number * len(declared.measures)):
        yield record(declared.measures[place % len(declared.measures)], nanoseconds(day) + place * 1_000, numbers)


def cut(declared: Metric, day: datetime, numbers: tuple[int, ...]) -> Iterator[Point]:
    """For each measure and each column that it looks at a record without it."""
    place = 1_000_000
    for measure in declared.measures:
        for column in sorted(looked_at(measure)):
            place += 1
            yield record(measure, nanoseconds(day) + place * 1_000, numbers, lacking=column)


def value(store: Store, declared: Metric, day: datetime) -> float:
    selection = Selection(day.isoformat(), (day + timedelta(days=1)).isoformat(), every="none", assume=ASSUMED)
    return float(evaluate(store, declared, selection).frame["value"].iloc[0])


def test_a_record_that_lacks_a_part_changes_no_metric(store: Store) -> None:
    # DuckDB answers all of them within seconds; on InfluxDB those whose parts are different columns do.
    asked = DERIVED if isinstance(store, DuckStore) else [one for one in DERIVED if any(m.beside for m in one.measures)]
    days = {declared: FIRST + timedelta(days=2 * place) for place, declared in enumerate(asked)}
    store.write([point for declared, day in days.items() for point in whole(declared, day, 3, NUMBERS)])
    before = {declared.name: value(store, declared, day) for declared, day in days.items()}
    assert [name for name, found in before.items() if np.isnan(found)] == []
    written = store.write([point for declared, day in days.items() for point in cut(declared, day, NUMBERS)])
    assert not written.rejected
    assert {declared.name: value(store, declared, day) for declared, day in days.items()} == before


@settings(max_examples=20, deadline=None)
@given(
    declared=st.sampled_from(DERIVED),
    number=st.integers(1, 4),
    numbers=st.lists(st.integers(0, 10_000), min_size=4, max_size=4).map(tuple),
)
def test_whatever_the_figures_a_record_that_lacks_a_part_changes_nothing(
    declared: Metric, number: int, numbers: tuple[int, ...]
) -> None:
    store = DuckStore(None)
    try:
        store.write(whole(declared, FIRST, number, numbers))
        before = value(store, declared, FIRST)
        store.write(cut(declared, FIRST, numbers[::-1]))
        np.testing.assert_equal(value(store, declared, FIRST), before)
    finally:
        store.close()


def test_the_parts_of_any_new_ratio_need_each_other() -> None:
    def of(field: str, **where: str) -> Measure:
        conditions = tuple(any_of(column, text) for column, text in where.items())
        return Measure("engagement", "sum", field, where=conditions)

    upper, lower = paired((of("saves", media_type="video"), of("reach")), [(0, 1)])
    assert upper.beside == ("reach",)
    assert lower.beside == ("media_type", "saves")
    formula = Formula("(a + b) / c - d", tuple(Term(name, name, of(field)) for name, field in (
        ("a", "likes"), ("b", "shares"), ("c", "views"), ("d", "clicks"))))  # fmt: skip
    assert formula.ratios == ((0, 1, 2),), "what is only taken away from a ratio is no part of it"
    other = Measure("post", "count")
    assert paired((of("saves"), other), [(0, 1)]) == (of("saves"), other), "other records have nothing in common"


@pytest.mark.parametrize(("name", "told"), [("engagement_rate", {"reach": 5000, "exposures": 5000}),
                                            ("clickthrough_rate", {"impressions": 5000})])  # fmt: skip
def test_a_row_with_reach_alone_leaves_the_rate_as_it_is(store: Store, name: str, told: dict[str, int]) -> None:
    tags = {"platform": "linkedin", "provenance": "imported", "grain": "post"}
    both = {"impressions": 1000, "exposures": 1000, "engagements": 10, "clicks": 10, "likes": 10}
    store.write([Point("engagement", nanoseconds(FIRST), tags, {"row_id": "a", **both})])
    assert value(store, metric(name), FIRST) == 1.0
    store.write([Point("engagement", nanoseconds(FIRST) + 1, tags, {"row_id": "b", **told})])
    assert value(store, metric(name), FIRST) == 1.0

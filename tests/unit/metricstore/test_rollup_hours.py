"""Stretches of hours, and buckets whose numbers are off by no more than they say."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from metricstore.duck.dialect import DUCKDB
from metricstore.rollups.buckets import ERROR, nearest_ranks, standing_for
from metricstore.rollups.hours import (
    HOUR,
    begins_between,
    hours_between,
    hours_of_times,
    joined,
    length,
    whole_hours,
    within,
    without,
)
from metricstore.sql.rollups import bucket

PAIRS = st.lists(
    st.tuples(st.integers(-30, 30), st.integers(0, 8)).map(lambda one: (one[0], one[0] + one[1])), max_size=8
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)


def members(stretches: tuple[tuple[int, int], ...]) -> set[int]:
    return {hour for first, stop in stretches for hour in range(first, stop)}


@given(PAIRS, PAIRS, st.integers(-30, 30), st.integers(0, 20))
def test_stretches_are_sets_of_hours(
    pairs: list[tuple[int, int]], others: list[tuple[int, int]], first: int, size: int
) -> None:
    one, other = joined(pairs), joined(others)
    assert members(one) == members(tuple(pairs))
    assert all(stop < begin for (_, stop), (begin, _) in pairwise(one)), "apart from each other"
    assert members(without(one, other)) == members(one) - members(other)
    assert members(within(one, first, first + size)) == members(one) & set(range(first, first + size))
    assert length(one) == len(members(one))


def test_what_many_stretches_have_apart_from_many_others_is_seen_in_one_walk() -> None:
    class Counted(tuple[tuple[int, int], ...]):
        reads = 0

        def __getitem__(self, place: Any) -> Any:
            found = super().__getitem__(place)
            Counted.reads += len(found) if isinstance(place, slice) else 1
            return found

    many = tuple((number, number + 1) for number in range(0, 20_000, 2))
    others = Counted(many[::2])
    assert without(many, others) == many[1::2]
    assert Counted.reads < 10 * len(many)


@given(st.integers(-100, 100), st.integers(1, 300))
def test_hours_of_a_range(start: int, size: int) -> None:
    minute = HOUR // 60
    first, last = start * minute, (start + size) * minute
    minutes = {(start + number) * minute for number in range(size)}
    assert members(hours_between(first, last)) == {moment // HOUR for moment in minutes}
    assert members(hours_of_times(np.array(sorted(minutes)))) == members(hours_between(first, last))
    whole = {hour for hour in range(-5, 10) if hour * HOUR >= first and (hour + 1) * HOUR <= last}
    assert members((whole_hours(first, last),)) == whole
    assert members((begins_between(first, last),)) == {hour for hour in range(-5, 10) if first <= hour * HOUR < last}


@given(st.lists(FLOATS, min_size=1, max_size=40))
def test_percentiles_of_buckets_are_near_the_exact_ones(values: list[float]) -> None:
    numbers = exp.select(exp.alias_(exp.Explode(this=exp.Placeholder()), "value", quoted=True)).subquery("numbers")
    text = DUCKDB.text(exp.select(bucket(DUCKDB, "value")).from_(numbers))
    found = np.array([number for (number,) in duckdb.execute(text, [values]).fetchall()], dtype=np.int64)
    for value, near in zip(values, standing_for(found), strict=True):
        assert math.isclose(value, near, rel_tol=ERROR)
    buckets, counts = np.unique(found, return_counts=True)
    for aggregate, percent in (("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99)):
        exact = sorted(values)[-(-percent * len(values) // 100) - 1]
        near = nearest_ranks(np.array([0]), buckets, counts, aggregate)
        assert math.isclose(exact, near[0], rel_tol=ERROR)

"""Sums come out the same whoever adds them up."""

from __future__ import annotations

import math
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from metricstore.rounding import SIGNIFICANT_DIGITS, settled

NUMBERS = st.floats(-1e15, 1e15, allow_nan=False, allow_subnormal=False)


def one(value: float) -> float:
    return float(settled(np.array([value]))[0])


@given(NUMBERS)
def test_a_rounded_number_is_as_close_as_the_digits_allow_and_stays(value: float) -> None:
    found = one(value)
    assert math.isclose(found, value, rel_tol=0.5000001 * 10 ** (1 - SIGNIFICANT_DIGITS), abs_tol=1e-300)
    assert one(found) == found


@given(st.integers(-(2**53), 2**53))
def test_whole_numbers_are_exact(value: int) -> None:
    assert one(float(value)) == value


def test_the_order_of_adding_does_not_show() -> None:
    chance = random.Random(7)
    parts = [round(chance.lognormvariate(1, 0.5), 3) for _ in range(20_000)]
    sums = set()
    for _ in range(20):
        chance.shuffle(parts)
        total = 0.0
        for part in parts:
            total += part
        sums.add(one(total))
    assert sums == {one(math.fsum(parts))}


def test_what_is_no_number_stays_none() -> None:
    found = settled(np.array([np.nan, np.inf, -np.inf, 0.0, 1e-30, 3.0000000000004]))
    assert np.isnan(found[0]) and np.isinf(found[1]) and np.isinf(found[2])
    assert found[3] == 0.0 and math.isclose(found[4], 1e-30) and found[5] == 3.0

"""Percentiles from counts in logarithmic buckets, which can be added up.

Bucket n > 0 holds numbers in (BASE^(n - ORIGIN - 1), BASE^(n - ORIGIN)], bucket -n the same below zero, bucket 0 zero alone: buckets are in
the order of their numbers. A bucket stands for the number that is off by at most ERROR from every number in it.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from metricstore.query import PERCENTILES

BASE = 1.04
ERROR = 0.02
"""Of a percentile, relative to the exact one; (BASE - 1) / (BASE + 1) is a little less."""
LOG_BASE = math.log(BASE)
ORIGIN = 20_000
"""More than buckets are needed for the numbers below 1 that a float can hold."""


def buckets_of(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The number of each value's bucket."""
    size = np.abs(values)
    size[size == 0] = 1.0  # whose bucket is not asked for
    number = np.sign(values) * (ORIGIN + np.ceil(np.log(size) / LOG_BASE))
    return np.where(values == 0, 0, number).astype(np.int64)


def standing_for(buckets: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The number that each bucket stands for."""
    size = np.exp((np.abs(buckets) - ORIGIN) * LOG_BASE) * (2 / (1 + BASE))
    return np.where(buckets == 0, 0.0, np.sign(buckets) * size)


def nearest_ranks(
    begins: npt.NDArray[np.intp], buckets: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], aggregate: str
) -> npt.NDArray[np.float64]:
    """A percentile of each run of rows. Runs begin at `begins`; within one, buckets ascend and hold `numbers` values each."""
    percent = round(PERCENTILES[aggregate] * 100)
    upto = np.cumsum(numbers)
    before = upto[begins] - numbers[begins]
    ends = np.append(begins[1:], len(numbers)) - 1
    rank = -(-percent * (upto[ends] - before) // 100)
    return standing_for(buckets[np.searchsorted(upto, before + rank)])

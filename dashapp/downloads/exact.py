"""Sums that do not depend on the order of what is added up, nor on how it is cut into pieces."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

from metricstore.rounding import settled

_LOW_BITS = 27
_LOW_MASK = (1 << _LOW_BITS) - 1


class ExactSum:
    """Adds whole arrays without any rounding. `value` is rounded once: the sum of ints exact, that of floats to
    the twelve digits every surface shows (metricstore.rounding)."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole
        self.count = 0
        self._parts: dict[int, int] = defaultdict(int)

    def add(self, values: npt.NDArray[Any]) -> None:
        """int64 or float64 values; masked ones and not-a-number are left out."""
        present = np.ma.compressed(values) if isinstance(values, np.ma.MaskedArray) else values
        if not self.whole:
            present = present[np.isfinite(present)]
        if not len(present):
            return
        self.count += len(present)
        if self.whole:
            integers = present.astype(np.int64, copy=False)
            self._parts[0] += (int((integers >> 32).sum()) << 32) + int((integers & 0xFFFFFFFF).sum())
            return
        fractions, exponents = np.frexp(present)
        mantissas = (fractions * 2.0**53).astype(np.int64)
        lowest = int(exponents.min())
        high = np.bincount(exponents - lowest, weights=(mantissas >> _LOW_BITS).astype(np.float64))
        low = np.bincount(exponents - lowest, weights=(mantissas & _LOW_MASK).astype(np.float64))
        for place in np.flatnonzero((high != 0) | (low != 0)).tolist():
            self._parts[lowest + place - 53] += (int(high[place]) << _LOW_BITS) + int(low[place])

    @property
    def value(self) -> int | float | None:
        """None when nothing was added."""
        if not self.count:
            return None
        if self.whole:
            return self._parts[0]
        lowest = min(self._parts, default=0)
        total = sum(part << (exponent - lowest) for exponent, part in self._parts.items())
        exact = total / (1 << -lowest) if lowest < 0 else float(total << lowest)
        return float(settled(np.array([exact]))[0])

"""Columns of answers as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


class NoRows(dict[str, npt.NDArray[Any]]):
    """An answer without rows, of which ClickHouse does not say what columns it would have."""

    def __missing__(self, name: str) -> npt.NDArray[Any]:
        return np.empty(0, dtype=np.float64)


def masked(values: Sequence[Any], kind: str) -> npt.NDArray[Any]:
    """int64, float64 or objects by ClickHouse's name of their type; masked where there is none."""
    plain = np.array(values, dtype=object)
    missing = np.fromiter((value is None for value in values), dtype=bool, count=len(values))
    number = np.int64 if "Int" in kind else np.float64 if "Float" in kind else None
    if number is None:
        return np.ma.MaskedArray(plain, mask=missing)
    plain[missing] = 0
    return np.ma.MaskedArray(plain.astype(number), mask=missing)

"""A frame as a cache keeps it: its columns alone, without what pandas puts around them.

A frame takes more than its values in most answers, and pandas notes each copy of one in the axes that both share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

_COLUMN = 350
"""Bytes of an array beside its values."""
_VALUE, _TEXT = 8, 80
"""Bytes of a number, or of where a text stands; and of a text itself."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Of an answer, by name. Nobody else holds them, and nobody changes them."""

    arrays: Mapping[str, Any]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Columns:
        """What nobody changes any more."""
        return cls({str(name): frame[name].array for name in frame.columns})

    def __getitem__(self, name: str) -> Any:
        return self.arrays[name]

    def frame(self) -> pd.DataFrame:
        """One of the caller's own."""
        return pd.DataFrame({name: array.copy() for name, array in self.arrays.items()}, copy=False)

    def size(self, labels: int) -> int:
        """Bytes, where there are so many different texts."""
        values = sum(len(array) for array in self.arrays.values())
        return len(self.arrays) * _COLUMN + values * _VALUE + labels * _TEXT

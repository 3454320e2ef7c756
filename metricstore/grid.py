"""An answer as numbers by group and window: what stores give and caches keep, without what a data frame puts around it.

Putting a frame of a few hundred numbers together takes longer than adding them up, and a page has a hundred such answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
Label = tuple[str, ...]
"""A group: a text for each name in the question's `by`."""

_COLUMN = 350
"""Bytes of an array beside its values."""
_VALUE, _TEXT = 8, 80
"""Bytes of a number, or of where a text stands; and of a text itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The frame that Query describes, in parts: a row for each window of the first group, then of the second, and so on.

    `columns` hold a value for each row: `value`, and what else is known of it. Nobody writes to any of its arrays from then on:
    they are made read-only.
    """

    by: tuple[str, ...]
    labels: Sequence[Label]
    """The groups, ascending; `()` alone without `by`."""
    starts: Integers
    """Nominal starts of the windows in nanoseconds, ascending."""
    columns: Mapping[str, Array]

    def __post_init__(self) -> None:
        for column in self.columns.values():
            column.flags.writeable = False

    def __len__(self) -> int:
        """How many rows it has."""
        return len(self.labels) * len(self.starts)

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def by_group(self, name: str = "value") -> dict[Label, Array]:
        """A column's values of each group, by window."""
        return dict(zip(self.labels, self.columns[name].reshape(len(self.labels), len(self.starts)), strict=True))

    def windows(self) -> npt.NDArray[np.intp]:
        """Number of each row's window."""
        return np.tile(np.arange(len(self.starts)), len(self.labels))

    def texts(self, name: str) -> Array:
        """Of each row the text of one of `by`."""
        place = self.by.index(name)
        own = np.array([label[place] for label in self.labels], dtype=object)
        return np.repeat(own, len(self.starts))

    def part(self, first: int, stop: int) -> Grid:
        """The groups from the number `first` to before `stop`."""
        begin, end = first * len(self.starts), stop * len(self.starts)
        columns = {name: column[begin:end] for name, column in self.columns.items()}
        return replace(self, labels=self.labels[first:stop], columns=columns)

    def by_first(self) -> list[tuple[str, Grid]]:
        """The rows of each value of the first of `by`."""
        # Groups are sorted: those with the same first value stand one after the other.
        begins = [n for n, label in enumerate(self.labels) if n == 0 or label[0] != self.labels[n - 1][0]]
        return [
            (self.labels[first][0], self.part(first, stop)) for first, stop in pairwise([*begins, len(self.labels)])
        ]

    def added_up(self, name: str = "value") -> Numbers:
        """A column's sum over all groups by window; NaN where no group has a number."""
        numbers = self.columns[name].reshape(len(self.labels), len(self.starts))
        known = ~np.isnan(numbers)
        return np.where(known.any(axis=0), np.where(known, numbers, 0.0).sum(axis=0), np.nan)

    def with_columns(self, added: Mapping[str, Array]) -> Grid:
        """Beside its own, or in their place."""
        return replace(self, columns={**self.columns, **added})

    def with_labels(self, labels: Sequence[Label], empty: float) -> Grid:
        """For the groups `labels`, numbers of those that it does not have being `empty`."""
        if labels == self.labels:
            return self
        nothing = np.full(len(self.starts), empty)
        columns = {}
        for name in self.columns:
            known = self.by_group(name)
            rows = [known.get(label, nothing) for label in labels]
            columns[name] = np.concatenate(rows) if rows else np.empty(0)
        return replace(self, labels=labels, columns=columns)

    def frame(self) -> pd.DataFrame:
        """One of the caller's own: `time` (UTC), a column for each of `by`, and the grid's own."""
        times = pd.DatetimeIndex(np.tile(self.starts, len(self.labels)).view("M8[ns]")).tz_localize("UTC")
        found: dict[str, Any] = {"time": times}
        found |= {name: pd.Series(self.texts(name), dtype="str") for name in self.by}
        for name, column in self.columns.items():
            found[name] = pd.array(column, dtype="str") if column.dtype == object else column.copy()
        return pd.DataFrame(found, copy=False)  # nobody else holds them

    @property
    def size(self) -> int:
        """Bytes, without `starts`: those of windows are kept once for all answers (`window_edges`)."""
        values = len(self) * len(self.columns) + len(self.labels)
        return len(self.columns) * _COLUMN + values * _VALUE + len(self.labels) * len(self.by) * _TEXT

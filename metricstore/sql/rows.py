"""A piece of an answer, which can be put in order and told as lines; here as arrays of Python's objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from metricstore.spelling import Lines


class Piece(Protocol):
    """Its column `time` is nanoseconds."""

    @property
    def times(self) -> npt.NDArray[np.int64]: ...

    def taken(self, order: npt.NDArray[np.intp]) -> Self:
        """The same rows in this order."""

    def lines(self, text: str, numbers: Iterable[str]) -> Lines:
        """`text` is the column of rows as text; `numbers` are given out as they are."""


@dataclass(frozen=True)
class Columns:
    """Arrays by name, masked where a value is missing."""

    values: Mapping[str, npt.NDArray[Any]]

    @property
    def times(self) -> npt.NDArray[np.int64]:
        times: npt.NDArray[np.int64] = np.ma.getdata(self.values["time"])
        return times

    def taken(self, order: npt.NDArray[np.intp]) -> Self:
        return type(self)({name: values[order] for name, values in self.values.items()})

    def lines(self, text: str, numbers: Iterable[str]) -> Lines:
        texts = self.values[text].tolist()
        return Lines(len(texts), "".join(texts).encode(), {name: self.values[name] for name in numbers})

"""What databases write differently, and how one is asked. All else of a question is the same tree for every one of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy.typing as npt
from sqlglot import exp

from metricstore.catalogue import Measurement
from metricstore.rollups.layout import Layout
from metricstore.sql.trees import Parameter, column


class Dialect(ABC):
    """One object for each database: compiled texts are kept by it."""

    edges_joined = False
    """Whether a list of edges is bound in FROM and not where `edge` stands."""
    identities_first = False
    """Whether a page of records is found by identity before its other columns are read."""

    @abstractmethod
    def text(self, tree: exp.Expression) -> str:
        """The statement; placeholders take parameters in the order of the text."""

    @abstractmethod
    def points(self, measurement: str) -> exp.Expression:
        """What stands in FROM: the points of a measurement, every identity once."""

    def rows(self, measurement: str) -> exp.Expression:
        """As `points`, for questions to which it does not matter how often a point is seen."""
        return self.points(measurement)

    @abstractmethod
    def kept(self, layout: Layout, name: str, columns: Sequence[str]) -> exp.Expression:
        """What stands in FROM: the rows of a table of rollups (`metricstore.sql.rollups.tables`), with the hour and at least these columns."""

    @abstractmethod
    def member(self, own: exp.Expression) -> exp.Expression:
        """Whether a value is in the list that is bound to one placeholder."""

    @abstractmethod
    def chosen_by(self, own: Sequence[exp.Expression], query: exp.Select) -> exp.Expression:
        """Whether several values together are a row of `query`."""

    @abstractmethod
    def holds(self, own: exp.Expression, *, pattern: bool) -> exp.Expression:
        """Whether a text holds the placeholder's word or matches its regular expression, case ignored."""

    @abstractmethod
    def edge(self) -> exp.Expression:
        """The last of a list of edges that is not after a point's time."""

    def with_edges(self, query: exp.Select) -> exp.Select:
        """`query`, made ready for `edge`."""
        return query

    @abstractmethod
    def latest(self, own: exp.Expression) -> exp.Expression:
        """The value at the latest time, of several the greatest; only over points that have one."""

    @abstractmethod
    def percentile(self, own: exp.Expression, share: float) -> exp.Expression:
        """See query.PERCENTILE_METHOD."""

    @abstractmethod
    def size(self, text: exp.Expression) -> exp.Expression:
        """Bytes of a text."""

    def total(self, own: exp.Expression, *, whole: bool) -> exp.Expression:
        """The sum, of whole numbers (`whole`) also beyond 64 bits."""
        return exp.Sum(this=own)

    def whole(self, number: exp.Expression) -> exp.Expression:
        """A number without a fraction as one of 32 bits."""
        return exp.cast(number, "int")

    def mean(self, own: exp.Expression) -> exp.Expression:
        return exp.Avg(this=own)


class Engine(Protocol):
    """A database that is ready to be asked. Raises only errors of `metricstore.errors`, or those its store translates."""

    @property
    def dialect(self) -> Dialect: ...

    def columns(self, text: str, parameters: Sequence[Parameter]) -> Mapping[str, npt.NDArray[Any]]:
        """An answer's columns by name: int64, float64 or objects, masked where a value is missing."""

    def rows(self, text: str, parameters: Sequence[Parameter]) -> list[tuple[Any, ...]]:
        """A small answer."""


def identity(source: Measurement) -> tuple[exp.Expression, ...]:
    """The columns that name a point."""
    return tuple(column(name) for name in ("time", *source.tag_names))

"""The reading half of metricstore.store for stores that answer in SQL; streaming and writing are their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache

import pandas as pd
from sqlglot import exp

from metricstore.catalogue import measurement
from metricstore.dates import counted_from
from metricstore.grid import Grid
from metricstore.point import moment, nanoseconds
from metricstore.query import Filter, Query, RecordQuery, check_filters, check_range
from metricstore.sql import aggregates, conditions, records
from metricstore.sql.dialect import Dialect, Engine
from metricstore.sql.source import Source, is_date
from metricstore.sql.trees import column
from metricstore.store import Page

_OF_IDENTITY = ("tag", "time", "clock", "date")
"""Kinds of conditions that depend on a point's identity alone."""


class SqlQuestions(ABC):
    """Answers questions by whatever `asking` lends."""

    @abstractmethod
    def asking(self) -> AbstractContextManager[Engine]:
        """An engine for one question; what goes wrong while it is used becomes an error of ours."""

    def ask(self, query: Query) -> pd.DataFrame:
        return self.ask_all([query])[0].frame()

    def ask_all(self, queries: Sequence[Query]) -> list[Grid]:
        for query in queries:
            query.checked()
        with self.asking() as engine:
            return aggregates.answered(engine, queries)

    def records(self, query: RecordQuery, *, count: bool = False) -> Page:
        query.checked()
        with self.asking() as engine:
            return records.page(engine, query, count=count)

    def values(
        self, measurement: str, dimension: str, start: datetime, stop: datetime, where: tuple[Filter, ...] = (),
        timezone: str = "UTC",
    ) -> list[str]:  # fmt: skip
        source = _known(measurement)
        source.require_dimension(dimension)
        check_range(start, stop)
        check_filters(source, where)
        first, last = nanoseconds(start), nanoseconds(stop)
        restricted = conditions.where(source, first, last, where)
        read = Source.of(source, first, last, timezone)
        with self.asking() as engine:
            rows = engine.rows(_values_text(engine.dialect, read, dimension, restricted.shape), restricted.parameters)
        return sorted(value for (value,) in rows if value)

    def bounds(self, measurement: str, timezone: str = "UTC") -> tuple[datetime, datetime] | None:
        source = _known(measurement)
        with self.asking() as engine:
            rows = engine.rows(_bounds_text(engine.dialect, source.name), ())
        times = [counted_from(time, timezone) if dated else time
                 for dated, first, last in rows if first is not None for time in (first, last)]  # fmt: skip
        return (moment(min(times)), moment(max(times))) if times else None


class PointsAlone:
    """A store whose answers come from points only: what is to be deleted does not depend on whether rollups are right."""

    def __init__(self, store: SqlQuestions) -> None:
        self._store = store
        self.bounds = store.bounds

    def ask(self, query: Query) -> pd.DataFrame:
        return SqlQuestions.ask_all(self._store, [query])[0].frame()


_known = measurement  # which is a parameter's name in the store's methods


@lru_cache(maxsize=64)
def _bounds_text(dialect: Dialect, name: str) -> str:
    """Of dates and of instants: whether they are dates, the first and the last time."""
    time, source = column("time"), measurement(name)
    dated = is_date(source) if source.dates else exp.false()
    ends = exp.Min(this=time), exp.Max(this=time.copy())
    return dialect.text(exp.select(dated, *ends).from_(dialect.rows(name)).group_by(exp.Literal.number(1)))


@lru_cache(maxsize=256)
def _values_text(dialect: Dialect, source: Source, dimension: str, shape: tuple[conditions.ConditionShape, ...]) -> str:
    of_identity = all(kind in _OF_IDENTITY for _, _, kind, _, _ in shape)
    once = not (of_identity and dimension in measurement(source.measurement).tag_names)
    query = exp.select(column(dimension)).distinct().from_(source.table(dialect, once=once))
    return dialect.text(query.where(conditions.restriction(dialect, shape)))

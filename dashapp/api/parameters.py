"""Reading query strings, strictly: an unknown parameter is an error that names it, never ignored.

Free of Flask, so that the command line's `query` reads the very same words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from metricstore import vocabulary
from metricstore.catalogue import Measurement
from metricstore.errors import InvalidQuestion, UnknownName
from metricstore.metrics import Metric
from metricstore.query import RecordQuery
from metricstore.selection import RESERVED, Selection
from metricstore.store import Store
from metricstore.time_parts import TIME_PARTS

if TYPE_CHECKING:
    from layouts.tables import Table

RANGE = ("start", "stop", "tz")
MOST_RECORDS = 10_000
TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")


@dataclass(frozen=True)
class MetricRequest:
    """What `/metrics/<name>` was asked."""

    selection: Selection
    by: tuple[str, ...] = ()
    aggregate: str | None = None

    @classmethod
    def read(
        cls, metric: Metric, params: Mapping[str, str], store: Callable[[], Store], default: Selection | None = None,
        further: Collection[str] = (),
    ) -> MetricRequest:  # fmt: skip
        """UnknownName (kind `dimension`) for a bad `by`, else InvalidQuestion. `store` knows values sources have of
        their own. `further`: what `by` may name besides the metric's dimensions."""
        own = {key: value for key, value in params.items() if key not in ("by", "agg")}
        refuse_strange(own, metric, ("start", "stop", "every", "by", "agg", "tz", "compare", "assume"))
        selection = vocabulary.asked(own, store, default)
        by = words(params.get("by", ""))
        for name in by:
            if name not in further:
                metric.require_dimension(name)
        if len(set(by)) != len(by):
            raise InvalidQuestion("by", "names a column twice")
        aggregate = params.get("agg")
        return cls(selection, by, aggregate if aggregate != "" else None)


@dataclass(frozen=True)
class RecordsRequest:
    """What `/records/<measurement>` was asked."""

    source: str
    selection: Selection
    columns: tuple[str, ...]
    order: str
    descending: bool
    limit: int
    cursor: str | None
    total: bool
    all: bool = False
    """Every record, streamed."""
    table: Table | None = None
    """The page's table whose records they are: its conditions hold, and its columns and order where none are named."""

    @classmethod
    def read(
        cls, source: Measurement, params: Mapping[str, str], store: Callable[[], Store], table: Table | None = None
    ) -> RecordsRequest:  # fmt: skip
        known = (*RANGE, "columns", "order", "limit", "cursor", "total")
        own = {key: value for key, value in params.items() if key not in known[3:]}
        for name in ("every", "compare", "assume"):
            if name in own:
                raise InvalidQuestion(name, "records have no windows" if name != "assume" else "records assume nothing")
        refuse_unknown(own, source, known)
        selection = vocabulary.asked(own, store)
        usual = "-time" if table is None else f"{'-' if table.descending else ''}{table.order}"
        order = params.get("order", usual)
        column = order.removeprefix("-")
        if column != "time" and column not in source.columns:
            raise InvalidQuestion("order", UnknownName("column", column, tuple(source.columns)).sentence)
        columns = words(params.get("columns", ""))
        for name in columns:
            if name not in source.columns:
                raise InvalidQuestion("columns", UnknownName("column", name, tuple(source.columns)).sentence)
        if table is not None and not columns:
            columns = tuple(name for name in table.columns if name != "time")
        everything = params.get("limit") == "all"
        if everything and params.get("cursor"):
            raise InvalidQuestion("cursor", "has no meaning with limit=all")
        return cls(source.name, selection, columns, column, order.startswith("-"),
                   MOST_RECORDS if everything else _limit(params.get("limit", "100")), params.get("cursor") or None,
                   _truth("total", params.get("total", "false")), everything, table)  # fmt: skip

    def query(self, source: Measurement, now: datetime) -> RecordQuery:
        start, stop = self.selection.range(now) if self.table is None else self.table.range(self.selection, now)
        own = () if self.table is None else self.table.where
        return RecordQuery(
            source.name, start, stop, (*self.selection.filters(source.columns), *own), self.columns,
            self.order, self.descending, self.limit, cursor=self.cursor, timezone=self.selection.timezone,
        ).checked()  # fmt: skip


def range_and_filters(source: Measurement, params: Mapping[str, str], store: Callable[[], Store]) -> Selection:
    """Only range and filters, for value lists."""
    for name in ("every", "compare", "assume"):
        if name in params:
            raise InvalidQuestion(name, "has no meaning here")
    refuse_unknown(params, source, RANGE)
    return vocabulary.asked(params, store)


def refuse_strange(words: Iterable[str], metric: Metric, known: tuple[str, ...]) -> None:
    """UnknownName for a filter the metric's measurements do not all know."""
    for name in words:
        if name not in RESERVED and name not in metric.filterable:
            raise UnknownName("filter", name, (*known, *metric.filterable))


def refuse_unknown(words: Iterable[str], source: Measurement, known: tuple[str, ...]) -> None:
    for name in words:
        if name not in RESERVED and name not in source.columns and name not in TIME_PARTS:
            raise UnknownName("filter", name, (*known, *source.columns, *TIME_PARTS))


def words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST_RECORDS):
        raise InvalidQuestion("limit", f"{text!r} isn't a whole number between 1 and {MOST_RECORDS}")
    return int(text)


def _truth(name: str, text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise InvalidQuestion(name, f"{text!r}; say true or false")
    return text.lower() in TRUE

"""What the store already knows: collectors of files that change in place compare with it, so that a crash heals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from metricstore.catalogue import measurement
from metricstore.point import Point, nanoseconds
from metricstore.query import Filter, RecordQuery
from metricstore.store import Store

_PAGE = 2_000
_NAMES = 10_000
"""Values in one filter: a question costs much the same however many it names."""
FOREVER = nanoseconds(datetime(2200, 1, 1, tzinfo=UTC))
"""The end of a span that has none."""


@dataclass(frozen=True)
class Known:
    """A stored point: its time in nanoseconds and every tag and field it has."""

    measurement: str
    time: int
    values: dict[str, Any]

    @property
    def point(self) -> Point:
        """Its identity, for deleting."""
        tags = {name: self.values[name] for name in measurement(self.measurement).tag_names if name in self.values}
        return Point(self.measurement, self.time, tags)

    def text(self, name: str) -> str:
        return str(self.values.get(name, ""))

    def moment(self, name: str) -> int | None:
        """A field in ISO 8601 with its offset, in nanoseconds; None where it has none or something else."""
        try:
            found = datetime.fromisoformat(self.text(name))
        except ValueError:
            return None
        return nanoseconds(found) if found.tzinfo else None

    def loses(self, point: Point) -> bool:
        """Whether `point`, of the same identity, lacks a field it has: fields are merged, so it must go first."""
        return bool(self.values.keys() - point.fields.keys() - point.tags.keys())

    def differs(self, point: Point) -> bool:
        """Whether it is not stored just as `point`, of the same identity, has it."""
        return self.loses(point) or any(self.values.get(name) != value for name, value in point.fields.items())


@dataclass
class Changes:
    """What a batch has to do. `replaced` are removed just before `points` are written, `outdated` only after."""

    points: list[Point] = field(default_factory=list)
    replaced: list[Point] = field(default_factory=list)
    outdated: list[Point] = field(default_factory=list)

    def put(self, point: Point, row: Known | None) -> None:
        """`point` in place of what is stored of it, where that is not just so."""
        if row is not None and row.loses(point):
            self.replaced.append(point)
        if row is None or row.differs(point):
            self.points.append(point)


def recall(
    store: Store, name: str, columns: tuple[str, ...] = (), where: tuple[Filter, ...] = (),
    span: tuple[int, int] | None = None,
) -> list[Known]:  # fmt: skip
    """Stored points of a measurement in [span) nanoseconds (None: all), oldest first."""
    return list(recalled(store, name, columns, where, span))


def recalled(
    store: Store, name: str, columns: tuple[str, ...] = (), where: tuple[Filter, ...] = (),
    span: tuple[int, int] | None = None, page: int = _PAGE,
) -> Iterator[Known]:  # fmt: skip
    """As `recall`, a page at a time, for those who need not hold them all."""
    for frame in pages(store, name, columns, where, span, page):
        for known in _rows(name, frame):
            if span is None or span[0] <= known.time < span[1]:
                yield known
        del frame  # else it would be held while the next one is asked for


def pages(
    store: Store, name: str, columns: tuple[str, ...] = (), where: tuple[Filter, ...] = (),
    span: tuple[int, int] | None = None, page: int = _PAGE,
) -> Iterator[pd.DataFrame]:  # fmt: skip
    """Stored points as frames (see RecordQuery), oldest first; a millisecond around [span) may be in them, too."""
    limits = _limits(store, name, span)
    if limits is None:
        return
    # a point that is to be replaced or deleted is told by all its tags
    columns = tuple(dict.fromkeys((*measurement(name).tag_names, *columns))) if columns else ()
    cursor = None
    while True:
        found = store.records(RecordQuery(name, *limits, where, columns, descending=False, limit=page, cursor=cursor))
        yield found.frame
        cursor = found.next_cursor
        del found
        if cursor is None:
            return


def recall_named(store: Store, name: str, column: str, values: list[str], columns: tuple[str, ...]) -> list[Known]:
    """Stored points whose `column` is one of `values`, asked for in portions."""
    found: list[Known] = []
    for begin in range(0, len(values), _NAMES):
        found.extend(recall(store, name, columns, (Filter(column, "any", tuple(values[begin : begin + _NAMES])),)))
    return found


def _limits(store: Store, name: str, span: tuple[int, int] | None) -> tuple[datetime, datetime] | None:
    if span is not None:
        first, last = _moment(span[0]), _moment(span[1]) + timedelta(microseconds=1)
    else:
        bounds = store.bounds(name)
        if bounds is None:
            return None
        first, last = bounds
    # moments are coarser than nanoseconds, however they were rounded
    return first - timedelta(milliseconds=1), last + timedelta(milliseconds=1)


def _moment(time: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000)


def _rows(name: str, frame: pd.DataFrame) -> Iterator[Known]:
    if frame.empty:
        return
    times = pd.DatetimeIndex(frame["time"]).as_unit("ns").asi8
    declared = measurement(name)
    kinds = dict.fromkeys(declared.tag_names, "string") | {field.name: field.type for field in declared.fields}
    seen: dict[Any, Any] = {}  # rows repeat each other's texts: each is held once
    columns = {
        column: [seen.setdefault(cell, cell) if isinstance(cell, str) else cell for cell in frame[column].tolist()]
        for column in frame.columns
        if column in kinds
    }
    for place, time in enumerate(times.tolist()):
        values = {
            column: int(cells[place]) if kinds[column] == "int" else cells[place]
            for column, cells in columns.items()
            if not _missing(cells[place])
        }
        yield Known(name, time, values)


def _missing(cell: Any) -> bool:
    return cell is None or cell is pd.NA or cell == "" or cell != cell

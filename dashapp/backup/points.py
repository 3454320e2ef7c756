"""Points as lines of text and back: the first line names the columns, each further one holds a point's values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import orjson
import pandas as pd

from dashapp.backup.lines import batches, understood
from metricstore.catalogue import MEASUREMENTS, Measurement, measurement
from metricstore.point import Point
from metricstore.query import RecordQuery
from metricstore.store import Store

Put = Callable[[str, bytes, int], None]
"""Takes a measurement, lines, and how many points they hold."""
_AT_ONCE = 10_000
_TICK = timedelta(microseconds=1)


def read_points(store: Store, put: Put) -> None:
    """Everything that is stored, measurement by measurement, in pieces."""
    for name, source in MEASUREMENTS.items():
        put(name, orjson.dumps(["time", *source.columns]) + b"\n", 0)
        for frame in _frames(store, name):
            put(name, _lines(source, frame), len(frame))


def _frames(store: Store, name: str) -> Iterator[pd.DataFrame]:
    ends = store.bounds(name)
    if ends is None:
        return iter(())
    return store.stream(RecordQuery(name, ends[0], ends[1] + _TICK, descending=False))


def _lines(source: Measurement, frame: pd.DataFrame) -> bytes:
    """Times as nanoseconds; in UTC a date counts at the very time it is stored under."""
    times = pd.DatetimeIndex(frame["time"]).as_unit("ns").asi8.tolist()
    columns = [_values(frame[name]) for name in source.columns]
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in zip(times, *columns, strict=True))


def _values(column: pd.Series[Any]) -> list[Any]:
    found = column.astype(object)
    return found.where(column.notna(), None).tolist()


def points(name: str, lines: Iterable[bytes], unknown: set[str]) -> Iterator[list[Point]]:
    """Batches of points. What the catalogue no longer has is left out, and its name added to `unknown`."""
    rows = iter(lines)
    with understood(name):
        header: list[str] = orjson.loads(next(rows, b""))
        if name not in MEASUREMENTS:
            unknown.add(name)
            return
        source = measurement(name)
        unknown.update(f"{name}.{column}" for column in header[1:] if column not in source.columns)
        tags = [(place, column) for place, column in enumerate(header) if column in source.tag_names]
        fields = [(place, column) for place, column in enumerate(header) if source.has_field(column)]
    for batch in batches(rows, _AT_ONCE):
        with understood(name):
            found = [_point(name, orjson.loads(line), tags, fields) for line in batch]
        yield found


def _point(name: str, row: list[Any], tags: list[tuple[int, str]], fields: list[tuple[int, str]]) -> Point:
    return Point(
        name, row[0],
        {column: row[place] for place, column in tags if row[place] is not None},
        {column: row[place] for place, column in fields if row[place] is not None},
    )  # fmt: skip

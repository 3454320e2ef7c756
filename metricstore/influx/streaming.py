"""All records of a question, piece by piece: stretches of time that hold few enough of them, one after the other.

InfluxDB has no snapshots: a piece shows what is stored when it is read. Sorted by anything but time, all records are
read first and sorted on disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd

from metricstore.dates import DATED
from metricstore.influx import pivoted
from metricstore.influx.ordering import in_order
from metricstore.influx.plan import Conditions
from metricstore.influx.records import dates_of, details
from metricstore.influx.rows import Ask, matching
from metricstore.influx.spans import Span
from metricstore.influx.stretches import stretches
from metricstore.paging import typed_column
from metricstore.query import RecordQuery
from metricstore.sorting import by_time, sorted_on_disk
from metricstore.streaming import BYTES, ROWS

_AHEAD = 2
"""Stretches that are asked for before they are wanted."""
_LONG_TEXT = 2_048
"""Bytes a long text may well have: how long they are is known only when they have been read."""


def frames(ask: Ask, query: RecordQuery, span: Span, conditions: Conditions) -> Iterator[pd.DataFrame]:
    """See Store.stream."""
    if query.order == "time":
        return _by_time(ask, query, span, conditions)
    return sorted_on_disk(_by_time(ask, by_time(query), span, conditions), query)


def _by_time(ask: Ask, query: RecordQuery, span: Span, conditions: Conditions) -> Iterator[pd.DataFrame]:
    fields = [name for name in query.wanted if query.source.has_field(name)]
    most = _most_rows(query, fields)
    # The server works on the next stretches while this one is put together.
    with ThreadPoolExecutor(_AHEAD, "influx-part") as workers, ThreadPoolExecutor(4, "influx-stream") as pool:
        waiting: deque[Future[pd.DataFrame]] = deque()
        try:
            for part in stretches(ask, conditions, span, most, descending=query.descending):
                waiting.append(workers.submit(_part, ask, query, part, conditions, fields, pool))
                if len(waiting) > _AHEAD and len(frame := waiting.popleft().result()):
                    yield frame
            while waiting:
                if len(frame := waiting.popleft().result()):
                    yield frame
        finally:
            for unread in waiting:
                unread.cancel()


def _part(
    ask: Ask, query: RecordQuery, part: Span, conditions: Conditions, fields: Sequence[str], pool: ThreadPoolExecutor
) -> pd.DataFrame:
    """The records of a stretch in order."""
    if pivoted.suits(conditions):
        return pivoted.records(ask, query, part, conditions, fields)
    chosen = in_order(query, matching(ask, part, conditions))
    if not len(chosen):
        return pd.DataFrame()
    # Between records that were filtered by a field there may lie many others.
    found: dict[str, Any] = dict(
        details(ask, conditions.only_tags(), chosen, fields, dense=not conditions.fields, map_=pool.map)
    )
    found["time"] = chosen["_time"].to_numpy()
    names = ("time", *query.wanted)
    frame = pd.DataFrame({name: typed_column(query.source, name, _masked(found[name])) for name in names})
    return frame.assign(**{DATED: dates_of(query, chosen)}) if query.source.dates else frame


def _most_rows(query: RecordQuery, fields: Sequence[str]) -> int:
    source = query.source
    long = [name for name in fields if source.field(name).type == "string" and name not in source.dimensions]
    return min(ROWS, BYTES // _LONG_TEXT) if len(long) > 1 else ROWS


def _masked(values: Any) -> Any:
    if isinstance(values, np.ndarray) and values.dtype.kind == "i":
        return values
    plain = np.asarray(values, dtype=object)
    missing = pd.isna(plain)
    if missing.any():
        plain = plain.copy()
        plain[missing] = 0 if not any(isinstance(value, str) for value in plain[~missing][:1]) else ""
    return np.ma.MaskedArray(plain, mask=missing)

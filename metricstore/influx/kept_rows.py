"""Rows that were read for a question, kept: the next one, over another range, has only those read that it needs beside them.

Percentiles, numbers of different values and questions that look at several fields need every row, also where their range moves on with the
clock. Rows are kept by field and filters, over one stretch of time each. Days that points have changed in since are read again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from metricstore.bounded_cache import BoundedCache
from metricstore.changed_days import Stretches
from metricstore.dates import DAY
from metricstore.influx.plan import Conditions, table_of
from metricstore.influx.rows import Ask, read_field
from metricstore.influx.spans import NOWHERE, Span
from metricstore.memory_budget import SHARES
from metricstore.point import moment, nanoseconds
from metricstore.revisions import Revisions
from metricstore.validation import MIN_TIME
from metricstore.windows import Window, zone

WHOLE_SECONDS = 300.0
"""So often all rows are read anew whatever has changed, as answers are after twice that (`metricstore.known_parts`)."""
_FEWEST_DAYS = 8
"""Of a stretch that is worth keeping."""
_MONTH_FROM_DAYS = 60
"""From such a length on a stretch is read from the first of its month: ranges that begin on other days have that in common."""
_MONTH = Window(1, "mo")
_MOST_PIECES = 3
"""Read one by one beside what is known; for more all is read."""
_LARGEST_PART = 1 / 4
"""Of the room, for the rows of one field under its filters."""
_LOCKS, _LOCK_SECONDS = 64, 2.0
"""Who waits longer for another thread that reads the same reads it, too: a server that hangs must not hold up one after the other."""
_NOTED = 1_000
"""So many fields under their filters are remembered to have too many rows."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows of [start, stop) in the order of time, as of a revision; the oldest of them were read at `since` (`time.monotonic`)."""

    start: int
    stop: int
    rows: pd.DataFrame
    revision: str
    since: float
    bytes: int = 0

    def between(self, start: int, stop: int) -> pd.DataFrame:
        first, last = np.searchsorted(self.rows["_time"].to_numpy(), (start, stop))
        return self.rows.iloc[first:last]


class KeptRows:
    """Safe to use from several threads. `ask` asks the server each time: an answer that was there already may be older than the
    revision that is read here."""

    def __init__(self, ask: Ask, revisions: Revisions, most: int = SHARES["rows on InfluxDB"]) -> None:
        self._ask = ask
        self._revisions = revisions
        self._most = most
        self._kept: BoundedCache[str, _Kept] = BoundedCache(most, lambda kept: kept.bytes)
        self._too_many: BoundedCache[str, bool] = BoundedCache(_NOTED, lambda _: 1)
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def read(self, ask: Ask, span: Span, conditions: Conditions, field: str) -> pd.DataFrame:
        """As `read_field`, in the order of time."""
        if not _is_worth_keeping(span, conditions, field):
            return read_field(ask, span, conditions, field)
        key = table_of(NOWHERE, conditions, field, conditions.source.tag_names)
        if self._too_many.get(key):
            return read_field(ask, span, conditions, field)
        lock = self._locks[hash(key) % _LOCKS]
        mine = lock.acquire(timeout=_LOCK_SECONDS)
        try:
            return self._read(key, span, conditions, field)
        finally:
            if mine:
                lock.release()

    def _read(self, key: str, span: Span, conditions: Conditions, field: str) -> pd.DataFrame:
        name = conditions.source.name
        # Read first: rows that are newer than their revision are only read once more.
        revision, now = self._revisions.of(name), time.monotonic()
        known = self._kept.get(key)
        if known is None or known.since < now - WHOLE_SECONDS:
            known = _Kept(0, 0, pd.DataFrame(), revision, now)
        changed = self._revisions.changed_since(name, known.revision)
        wide = span if known.start <= span.start < known.stop else Span(_begin(span), span.stop)
        missing = None if changed is None else _missing(wide, known, changed)

        def read(start: int, stop: int) -> pd.DataFrame:
            return _with_categories(read_field(self._ask, Span(start, stop), conditions, field))

        if changed is None or missing is None:
            begin = _begin(span)
            found = _Kept(begin, span.stop, _together([read(begin, span.stop)]), revision, now)
        elif missing or changed:
            found = _completed(wide, known, changed, missing, read)
        else:
            found = known
        self._keep(key, replace(found, revision=revision), wide, known)
        return _as_read(found.between(span.start, span.stop))

    def _keep(self, key: str, found: _Kept, wanted: Span, known: _Kept) -> None:
        """All of it, or what was wanted where all is too much."""
        if found.rows is not known.rows:
            found = replace(found, bytes=_bytes(key, found.rows))
        if found.bytes > self._most * _LARGEST_PART:
            start, stop = max(found.start, wanted.start), min(found.stop, wanted.stop)
            rows = _together([found.between(start, stop)])
            found = replace(found, start=start, stop=stop, rows=rows, bytes=_bytes(key, rows))
        if found.bytes <= self._most * _LARGEST_PART:
            self._kept.keep(key, found)
            return
        self._too_many.keep(key, True)


def _is_worth_keeping(span: Span, conditions: Conditions, field: str) -> bool:
    """Where filters do not depend on the range, and no texts are searched."""
    by_clock = conditions.times or conditions.dates or conditions.timezone is not None
    return not by_clock and not conditions.late(field) and span.stop - span.start >= _FEWEST_DAYS * DAY


def _begin(span: Span) -> int:
    if span.stop - span.start < _MONTH_FROM_DAYS * DAY:
        return span.start
    return max(nanoseconds(_MONTH.floor(moment(span.start), zone("UTC"))), MIN_TIME)


def _missing(span: Span, known: _Kept, changed: Stretches) -> Stretches | None:
    """What of a stretch has to be read beside what is known; None where these are apart, or too many pieces."""
    first, last = max(span.start, known.start), min(span.stop, known.stop)
    if first > last or known.start == known.stop:
        return None
    found: list[tuple[int, int]] = []
    for start, stop in sorted(((span.start, first), *changed, (last, span.stop))):
        start, stop = max(start, span.start), min(stop, span.stop)
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(stop, found[-1][1])
        elif start < stop:
            found.append((start, stop))
    return tuple(found) if len(found) <= _MOST_PIECES else None


def _completed(
    span: Span, known: _Kept, changed: Stretches, missing: Stretches, read: Callable[[int, int], pd.DataFrame]
) -> _Kept:
    """What is known with what is read beside it: of the stretch, and around it as far as nothing has changed."""
    start = max([known.start, *(min(stop, span.start) for first, stop in changed if first < span.start)])
    stop = min([known.stop, *(max(first, span.stop) for first, stop in changed if stop > span.stop)])
    start, stop = min(start, span.start), max(stop, span.stop)
    parts, begin = [], start
    for first, last in missing:
        parts += [known.between(begin, first), read(first, last)]
        begin = last
    return replace(known, start=start, stop=stop, rows=_together([*parts, known.between(begin, stop)]))


def _with_categories(rows: pd.DataFrame) -> pd.DataFrame:
    """Texts as categories, which take a hundredth of the room."""
    texts = [str(name) for name in rows if pd.api.types.is_string_dtype(rows[name])]
    return rows.assign(**{name: rows[name].astype("category") for name in texts})


def _as_read(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.reset_index(drop=True)
    if isinstance(rows["_value"].dtype, pd.CategoricalDtype):
        rows["_value"] = rows["_value"].astype(str)
    return rows


def _together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table in the order of time, from tables whose times follow each other."""
    parts = [part for part in parts if len(part)] or list(parts[:1])
    rows = parts[0].copy()  # a part of others would hold all of them
    if len(parts) > 1:
        rows = pd.DataFrame({name: _column([part[name] for part in parts]) for name in rows})
    times = rows["_time"].to_numpy()
    if (times[1:] < times[:-1]).any():
        rows = rows.iloc[np.argsort(times, kind="stable")]
    return rows.reset_index(drop=True)


def _column(parts: Sequence[pd.Series]) -> pd.Categorical | np.ndarray:
    if isinstance(parts[0].dtype, pd.CategoricalDtype):
        return union_categoricals([pd.Categorical(part) for part in parts])
    return np.concatenate([part.to_numpy() for part in parts])


def _bytes(key: str, rows: pd.DataFrame) -> int:
    return 1_000 + len(key) + int(rows.memory_usage(deep=True).sum())

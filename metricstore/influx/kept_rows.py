"""Rows that were read for a question, kept: the next one, over another range, has only those read that it needs beside them.

Percentiles, numbers of different values and questions that look at several fields need every row, also where their range moves on with the
clock. Rows are kept by field and filters, over one stretch of time each. Days that points have changed in since are read again.
"""

from __future__ import annotations

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

WHOLE_SECONDS = 600.0
"""So often all rows are read anew whatever has changed: servers drop points by their own retention without anybody being told."""
_FEWEST_DAYS = 8
"""Of a stretch that is worth keeping."""
_MONTH_FROM_DAYS = 60
"""From such a length on a stretch is read from the first of its month: ranges that begin on other days have that in common."""
_MOST_PIECES = 3
"""Read one by one beside what is known; for more all is read."""
_MOST_MISSING = 1 / 2
"""Of a stretch: to read more beside what is known takes as long as to read all."""


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
    """Safe to use from several threads."""

    def __init__(self, revisions: Revisions, most: int = SHARES["rows on InfluxDB"]) -> None:
        self._revisions = revisions
        self._kept: BoundedCache[str, _Kept] = BoundedCache(most, lambda kept: kept.bytes)

    def read(self, ask: Ask, span: Span, conditions: Conditions, field: str) -> pd.DataFrame:
        """As `read_field`, in the order of time."""
        if not _is_worth_keeping(span, conditions, field):
            return read_field(ask, span, conditions, field)
        name = conditions.source.name
        key = table_of(NOWHERE, conditions, field, conditions.source.tag_names)
        # Read first: rows that are newer than their revision are only read once more.
        revision, now = self._revisions.of(name), time.monotonic()
        known = self._kept.get(key)
        if known is None or known.since < now - WHOLE_SECONDS:
            known = _Kept(0, 0, pd.DataFrame(), revision, now)
        changed = self._revisions.changed_since(name, known.revision)
        wide = span if known.start <= span.start < known.stop else Span(_begin(span), span.stop)
        missing = None if changed is None else _missing(wide, known, changed)

        def read(start: int, stop: int) -> pd.DataFrame:
            return _numbered(read_field(ask, Span(start, stop), conditions, field))

        if changed is None or missing is None:
            begin = _begin(span)
            found = _Kept(begin, span.stop, _together([read(begin, span.stop)]), revision, now)
        elif missing or changed:
            found = _completed(wide, known, changed, missing, read)
        else:
            found = known
        found = replace(found, revision=revision, bytes=_bytes(key, found.rows))
        self._kept.keep(key, found)
        return _as_read(found.between(span.start, span.stop))


def _is_worth_keeping(span: Span, conditions: Conditions, field: str) -> bool:
    """Where filters do not depend on the range, and no texts are searched."""
    by_clock = conditions.times or conditions.dates or conditions.timezone is not None
    return not by_clock and not conditions.late(field) and span.stop - span.start >= _FEWEST_DAYS * DAY


def _begin(span: Span) -> int:
    if span.stop - span.start < _MONTH_FROM_DAYS * DAY:
        return span.start
    first = moment(span.start).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return max(nanoseconds(first), MIN_TIME)


def _missing(span: Span, known: _Kept, changed: Stretches) -> Stretches | None:
    """What of a stretch has to be read beside what is known; None where all of it had better be."""
    first, last = max(span.start, known.start), min(span.stop, known.stop)
    if first >= last:
        return None
    found: list[tuple[int, int]] = []
    for start, stop in sorted(((span.start, first), *changed, (last, span.stop))):
        start, stop = max(start, span.start), min(stop, span.stop)
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(stop, found[-1][1])
        elif start < stop:
            found.append((start, stop))
    length = sum(stop - start for start, stop in found)
    return None if len(found) > _MOST_PIECES or length > _MOST_MISSING * (span.stop - span.start) else tuple(found)


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


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
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
    rows = parts[0]
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

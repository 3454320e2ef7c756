"""Whether hours' rollups say what their points say, looked at in samples."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from metricstore import revisions
from metricstore.dates import DAY
from metricstore.influx.plan import Ask
from metricstore.influx.rollups import texts
from metricstore.influx.rollups.cells import ROWS, Day, names_of
from metricstore.influx.rollups.complete import HOURS, Complete, State
from metricstore.influx.rollups.making import Points
from metricstore.influx.rollups.texts import Stored
from metricstore.influx.spans import Span
from metricstore.point import moment
from metricstore.rollups import upkeep
from metricstore.rollups.hours import HOUR
from metricstore.rollups.upkeep import Checked

_CLOSE = 1e-9
"""Relative: sums of fractions depend on the order of adding."""


def checked(complete: Complete, ask: Ask, names: Iterable[str], chance: random.Random) -> Checked:
    looked, wrong, waits = 0, {}, False
    for name in names:
        state = complete.state(name)
        if state is None or state.kept.layout is None:
            continue
        hours = _sampled(state, chance)
        looked += len(hours)
        waits |= not hours and bool(state.incomplete())
        # looked at twice: what was read may be of a moment at which not all of it was there
        differing = [hour for hour in hours if _differs(ask, state, hour) and _differs(ask, state, hour)]
        if differing:
            time.sleep(revisions.SECONDS)  # so that what has changed meanwhile is known
        after = complete.state(name)
        # what has changed meanwhile was of another moment
        still = [
            hour
            for hour in differing
            if after is not None and after.expected(hour // HOURS) == state.expected(hour // HOURS)
        ]
        if still:
            wrong[name] = [moment(hour * HOUR) for hour in still]
    return Checked(looked, wrong, waits)


def _sampled(state: State, chance: random.Random) -> list[int]:
    """Hours of complete days, at most so many; none twice."""
    begun = range(
        state.kept.first, state.kept.stop
    )  # other days without a mark have no points that were made rollups of
    days = [
        day
        for day, as_of in state.made.items()
        if as_of == state.expected(day) and (day in state.marks or day in begun)
    ]
    number = len(days) * HOURS
    return sorted(
        days[one // HOURS] * HOURS + one % HOURS
        for one in chance.sample(range(number), min(upkeep.SAMPLED_HOURS, number))
    )


def _differs(ask: Ask, state: State, hour: int) -> bool:
    layout, day = state.kept.layout, hour // HOURS
    assert layout is not None
    stored = {name: one for (name, _), one in texts.read(ask, layout.measurement, names_of(layout), [day]).items()}
    found = Points()
    found.read(ask, layout, Span(hour * HOUR, (hour + 1) * HOUR))
    (expected,) = found.days([day], layout)
    rows = stored.get(ROWS)
    if rows is None or rows.as_of != state.expected(day):
        return False  # whoever asks does not take it for complete, either
    return any(not _same(*pair) for pair in _columns(stored, rows, expected, hour - day * DAY // HOUR))


def _columns(stored: Mapping[str, Stored], rows: Stored, expected: Day, hour: int) -> Iterator[tuple[Any, Any]]:
    """Of each column what is stored of an hour of the day, and what it must be: by cell, with the cells' values."""
    own = rows.column[0] == hour
    first = int(np.argmax(own)) if own.any() else 0
    yield (
        [rows.labels[cell] for cell in rows.column[1][own]],
        [expected.labels[cell] for cell in expected.columns[ROWS][1]],
    )
    yield rows.column[2][own], expected.columns[ROWS][2]
    for name in rows.columns | (expected.columns.keys() - {ROWS}):
        column = stored[name].column if name in rows.columns and name in stored else None
        wanted = expected.columns.get(name)
        if name.endswith(" values"):
            yield from _values(column, wanted, own)
        else:
            yield from _buckets(column, wanted, own, hour, first, of_all=name.endswith(" of all"))


def _values(column: Any, wanted: Any, own: Any) -> Iterator[tuple[Any, Any]]:
    count = int(own.sum())
    nothing = (np.zeros(count), np.zeros(count), np.full(count, np.nan), np.full(count, np.nan))
    found = nothing if column is None else tuple(array[own] for array in column)
    yield from zip(found, nothing if wanted is None else wanted, strict=True)


def _buckets(column: Any, wanted: Any, own: Any, hour: int, first: int, *, of_all: bool) -> Iterator[tuple[Any, Any]]:
    empty = (np.empty(0),) * 3
    place, bucket, number = empty if column is None else column
    there = place == hour if of_all else (place >= first) & (place < first + int(own.sum()))
    yield from zip((bucket[there], number[there]), (empty if wanted is None else wanted)[1:], strict=True)
    if not of_all:
        yield place[there] - first, (empty if wanted is None else wanted)[0]


def _same(found: Any, expected: Any) -> bool:
    if len(found) != len(expected):
        return False
    if isinstance(found, list):
        return bool(found == expected)
    return bool(np.allclose(found, expected, rtol=_CLOSE, atol=_CLOSE, equal_nan=True))

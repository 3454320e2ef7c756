"""A range cut into stretches that hold few enough points, by counting them, which storage does quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metricstore.influx.answers import table
from metricstore.influx.line import MARKER
from metricstore.influx.plan import Conditions
from metricstore.influx.spans import Span

Ask = Callable[[str], bytes]
"""Runs a script and returns its answer, not annotated."""
_WINDOWS = 256


@dataclass(frozen=True)
class Counts:
    """Windows that hold points: their starts in nanoseconds, and how many points each holds."""

    starts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


def counts(ask: Ask, conditions: Conditions, span: Span, every: int) -> Counts:
    """Points that meet the conditions on tags, in windows counted from the span's start; empty ones are left out."""
    script = (
        f"{conditions.only_tags().rows(span, MARKER)} |> aggregateWindow(every: {every}ns,"
        f' offset: {span.start % every}ns, fn: count, createEmpty: false, timeSrc: "_start")'
        ' |> group() |> keep(columns: ["_time", "_value"])'
    )
    rows = table(ask(script), "int").groupby("_time", sort=True)["_value"].sum()
    return Counts(rows.index.to_numpy(dtype=np.int64), rows.to_numpy(dtype=np.int64))


def stretches(
    ask: Ask, conditions: Conditions, span: Span, most: int, *, descending: bool = False
) -> Iterator[Span]:  # fmt: skip
    """Stretches in order of at most `most` points that meet the conditions on tags; those without points are left out."""
    every = max(-(-(span.stop - span.start) // _WINDOWS), 1)
    found = counts(ask, conditions, span, every)
    begin = end = None
    rows = 0
    order = slice(None, None, -1) if descending else slice(None)
    for start, number in zip(found.starts[order].tolist(), found.counts[order].tolist(), strict=True):
        stop = min(start + every, span.stop)
        start = max(start, span.start)
        large = number > most and every > 1
        if begin is not None and end is not None and (large or rows + number > most):
            yield Span(begin, end)
            begin = end = None
            rows = 0
        if large:
            yield from stretches(ask, conditions, Span(start, stop), most, descending=descending)
            continue
        begin = start if begin is None else min(begin, start)
        end = stop if end is None else max(end, stop)
        rows += number
    if begin is not None and end is not None:
        yield Span(begin, end)

"""Questions that InfluxDB's storage can aggregate by itself: one field under filters on tags and on that field.

Storage aggregates each series in windows (that is what is fast); the few rows that come of it are then
combined by group. A count of counts is their sum, a mean a sum over a count.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from metricstore.framing import framed, window_starts
from metricstore.influx import flux
from metricstore.influx.answers import Block, blocks, nanosecond_times
from metricstore.influx.line import MARKER
from metricstore.influx.plan import Ask, Conditions, ranged
from metricstore.influx.spans import Span, spans
from metricstore.point import nanoseconds
from metricstore.query import Query

_STEPS = {"count": ("count",), "rate": ("count",), "sum": ("sum",), "min": ("min",), "max": ("max",),
          "mean": ("sum", "count"), "last": ("last",)}  # fmt: skip
_REFINED = ("mo", "q", "y")
_COMBINED = {"count": "sum", "sum": "sum", "min": "min", "max": "max"}


def counted_field(query: Query, conditions: Conditions) -> str | None:
    """The one field this question can be answered from; None when it takes several, or all rows."""
    source = query.source
    if query.aggregate not in _STEPS or any(source.has_field(name) for name in query.by):
        return None
    involved = set(conditions.fields)
    if query.field is not None:
        involved.add(query.field)
    if not involved:
        return MARKER
    if len(involved) > 1:
        return None
    field = involved.pop()
    everything_counts = query.field is None or bool(query.by)
    return None if conditions.fields and everything_counts and not conditions.demands(field) else field


def groups_apart(query: Query, conditions: Conditions, field: str | None) -> bool:
    """Whether the groups must be asked for by themselves: one whose points all lack the field counts too."""
    return bool(query.by) and field != MARKER and not conditions.fields


def groups_script(span: Span, query: Query, conditions: Conditions) -> str:
    """All groups that have points; only for groups by tags."""
    keep = flux.texts(query.by)
    return f'{ranged(span)} {conditions.rows_of(MARKER)} |> first() |> keep(columns: {keep}) |> yield(name: "groups")'


def aggregated(ask: Ask, query: Query, conditions: Conditions, field: str) -> pd.DataFrame:
    """The question's frame, aggregated by the server."""
    names = _STEPS[query.aggregate]
    parts = spans(query)
    script = "\n".join(
        _last(span, query, conditions, field, f"last{number}")
        if name == "last"
        else _windowed(span, query, conditions, field, name, f"{name}{number}")
        for name in names
        for number, span in enumerate(parts)
    )
    if groups_apart(query, conditions, field):
        script += "\n" + groups_script(Span(parts[0].start, parts[-1].stop), query, conditions)
    found = list(blocks(ask(script)))
    frames = [
        _frame(query, [block for block in found if block.result.startswith((name, "groups"))], name) for name in names
    ]
    if len(frames) == 2:
        with np.errstate(invalid="ignore", divide="ignore"):
            frames[0]["value"] /= frames[1]["value"]
    return frames[0]


def _windowed(span: Span, query: Query, conditions: Conditions, field: str, name: str, result: str) -> str:
    again = _COMBINED[name]
    by = flux.texts(query.by)
    if span.every is None:
        keep = flux.texts(["_value", *query.by])
        steps = f"|> {name}() |> group(columns: {by}) |> {again}()"
    else:
        keep = flux.texts(["_time", "_value", *query.by])
        steps = f"{_window(span, name)} |> group(columns: {by}) {_window(span, again)}"
    return (
        f"{ranged(span)} {conditions.rows_of(field)} {steps} |> keep(columns: {keep})"
        f" |> yield(name: {flux.text(result)})"
    )


def _window(span: Span, name: str) -> str:
    assert span.every is not None
    return (
        f"|> aggregateWindow(every: {flux.duration(span.every)}, offset: {flux.duration(span.offset)},"
        f' fn: {name}, createEmpty: false, timeSrc: "_start")'
    )


def _last(span: Span, query: Query, conditions: Conditions, field: str, result: str) -> str:
    """The last row of each series and window, with its own time: which of several series is last is told here."""
    window = ""
    if span.every is not None:
        window = f"|> window(every: {flux.duration(span.every)}, offset: {flux.duration(span.offset)})"
    keep = flux.texts(["_time", "_value", *query.by])
    return (
        f"{ranged(span)} {conditions.rows_of(field)} {window} |> last() |> group() |> keep(columns: {keep})"
        f" |> yield(name: {flux.text(result)})"
    )


def _frame(query: Query, found: list[Block], name: str) -> pd.DataFrame:
    """One step's rows as a frame. `framed` keeps the last of several rows of a window and group."""
    columns: dict[str, object] = {"value": _joined(found, "_value")}
    columns |= {f"by{number}": _joined(found, column) for number, column in enumerate(query.by)}
    if query.every is not None or name == "last":
        columns["time"] = nanosecond_times(_joined(found, "_time"))
    rows = pd.DataFrame(columns)
    rows["value"] = pd.to_numeric(rows["value"], errors="coerce").astype(np.float64)
    groups = [f"by{number}" for number in range(len(query.by))]
    if name == "last":
        rows = rows.sort_values(["time", "value"])
    elif query.every is not None and query.every.unit in _REFINED and len(rows):
        rows = _by_window(query, rows, groups, _COMBINED[name])
    times = rows["time"].to_numpy() if query.every is not None else None
    return framed(query, times, [rows[column].to_numpy() for column in groups], rows["value"].to_numpy())


def _joined(found: list[Block], column: str) -> list[str]:
    return [text for block in found for text in block.column(column)]


def _by_window(query: Query, rows: pd.DataFrame, groups: list[str], how: str) -> pd.DataFrame:
    """Rows of finer windows combined into the question's own."""
    starts = window_starts(query)
    place = np.maximum(np.searchsorted(starts, rows["time"].to_numpy(), side="right") - 1, 0)
    rows["time"] = np.maximum(starts[place], nanoseconds(query.start))
    grouped = rows.groupby(["time", *groups], sort=False)["value"]
    # A group without values has a row without one: its sum is nothing, not 0.
    combined: pd.Series = grouped.sum(min_count=1) if how == "sum" else grouped.agg(how)
    return combined.reset_index()

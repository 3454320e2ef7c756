"""Questions that InfluxDB's storage can aggregate by itself: one field under filters on tags and on that field.

Storage aggregates each series in windows, and that is fast; combining series is what Flux does slowly, so the
rows that come of it are combined here. A count of counts is their sum, a mean a sum over a count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from metricstore.grid import Grid
from metricstore.influx import flux
from metricstore.influx.answers import tables
from metricstore.influx.clock_windows import Cut, cut
from metricstore.influx.combining import combined
from metricstore.influx.line import MARKER
from metricstore.influx.plan import Ask, Conditions
from metricstore.influx.spans import Span, stretches
from metricstore.query import PER_TIME, Query

_STEPS = {"count": ("count",), **dict.fromkeys(PER_TIME, ("count",)), "sum": ("sum",), "min": ("min",), "max": ("max",),
          "mean": ("sum", "count"), "last": ("last",)}  # fmt: skip
_COMBINED = {"count": "sum", "sum": "sum", "min": "min", "max": "max", "last": "last"}
GROUPS = "groups"


def counted_field(query: Query, conditions: Conditions) -> str | None:
    """The one field this question can be answered from; None when it takes several, or all rows."""
    source = query.source
    if query.aggregate not in _STEPS or conditions.any_late or any(source.has_field(name) for name in query.by):
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


def aggregated(ask: Ask, query: Query, conditions: Conditions, field: str) -> Grid:
    """The question's answer, each series aggregated by the server."""
    first, *others = stepped(ask, query, conditions, field).values()
    if not others:
        return first
    with np.errstate(invalid="ignore", divide="ignore"):
        return first.with_columns({"value": first["value"] / others[0]["value"]})


def stepped(ask: Ask, query: Query, conditions: Conditions, field: str, parts: Sequence[Query] = ()) -> dict[str, Grid]:
    """What the answer is made of, by step, as answers to the question; over parts of its range where there are some."""
    names = _STEPS[query.aggregate]
    found = cut(query, conditions, parts)
    scripts = [step_script(found.spans, found.conditions, field, name, query.by) for name in names]
    if query.by and field != MARKER and not conditions.fields:
        scripts.append(_groups_script(found, query.by))
    answer = found.passing(tables(ask("\n".join(scripts))))
    if GROUPS in answer:
        answer[GROUPS] = answer[GROUPS].drop(columns="_value", errors="ignore")
    return {name: step_grid(query, name, [answer.get(name), answer.get(GROUPS)]) for name in names}


def step_script(
    parts: Sequence[Span], conditions: Conditions, field: str, name: str, by: Sequence[str], result: str = ""
) -> str:
    """Yields one table with `_value`, the tags in `by`, and a `_time` if there are windows or the step is `last`."""
    timed = parts[0].every is not None or name == "last"
    keep = flux.texts([*(["_time"] if timed else []), "_value", *by])
    pieces = [f"{conditions.rows(span, field)} {_aggregate(span, name)}" for span in parts]
    return f"{flux.union(pieces)} |> group() |> keep(columns: {keep}) |> yield(name: {flux.text(result or name)})"


def _aggregate(span: Span, name: str) -> str:
    if span.every is None:
        return f"|> {name}()"
    if name == "last":  # with its own time, by which the latest of several series is told
        return f"|> window(every: {span.every}, offset: {span.offset}) |> last()"
    return (
        f"|> aggregateWindow(every: {span.every}, offset: {span.offset}, fn: {name},"
        ' createEmpty: false, timeSrc: "_start")'
    )


def _groups_script(found: Cut, by: Sequence[str]) -> str:
    """All groups that have points: one whose points all lack the field has its place in the answer, too."""
    if found.clocks:
        return step_script(found.spans, found.conditions, MARKER, "count", by, GROUPS)
    pieces = [f"{found.conditions.rows(one, MARKER)} |> first()" for one in stretches(found.spans)]
    return f"{flux.union(pieces)} |> group() |> keep(columns: {flux.texts(by)}) |> yield(name: {flux.text(GROUPS)})"


def step_grid(query: Query, name: str, found: Sequence[pd.DataFrame | None]) -> Grid:
    """Rows of one step, and rows that only say which groups there are, as an answer."""
    rows = pd.concat([frame for frame in found if frame is not None] or [pd.DataFrame()], ignore_index=True)
    rows = rows.reindex(columns=list(dict.fromkeys(["_time", "_value", *query.by])))
    times = rows["_time"].fillna(0).to_numpy(dtype=np.int64)
    return combined(query, _COMBINED[name], times, [rows[column] for column in query.by], rows["_value"])

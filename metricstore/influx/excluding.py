"""Filters that points without the field meet, too: what is asked for is what does not meet them.

InfluxDB has no row for a field that a point lacks, so it can't be asked for such points. It can be asked for those to leave out,
which are rows: "all but failed" is everything, less what failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from metricstore.conditions import Condition
from metricstore.grid import Grid
from metricstore.influx.aggregation import step_grid, step_script
from metricstore.influx.answers import tables
from metricstore.influx.clock_windows import cut
from metricstore.influx.line import MARKER
from metricstore.influx.plan import Ask, Conditions
from metricstore.query import PER_TIME, Operator, Query

_OPPOSITE: dict[str, Operator] = {"none": "any", "any": "none"}


def left_out(condition: Condition) -> Condition:
    """Of a filter that points without the field meet: the rows that do not meet it."""
    return replace(condition, filter=replace(condition.filter, operator=_OPPOSITE[condition.filter.operator]))


def excluding(query: Query, conditions: Conditions) -> Conditions | None:
    """Of a question that counts points with one such filter on a field: which are to be left out. None for any other question."""
    filters = [(field, one) for field, own in conditions.fields.items() for one in own]
    tags = not any(query.source.has_field(name) for name in query.by)
    if query.aggregate not in ("count", *PER_TIME) or query.field is not None or len(filters) != 1 or not tags:
        return None
    field, condition = filters[0]
    if conditions.any_late or conditions.demands(field):
        return None
    return replace(conditions, fields={field: (left_out(condition),)})


def counted_without(ask: Ask, query: Query, out: Conditions, parts: Sequence[Query] = ()) -> Grid:
    """The answer, over parts of its range where there are some: all points, less those that are left out."""
    found = cut(query, out, parts)
    scripts = [
        step_script(found.spans, found.conditions.only_tags(), MARKER, "count", query.by, "all"),
        step_script(found.spans, found.conditions, next(iter(out.fields)), "count", query.by, "out"),
    ]
    answer = found.passing(tables(ask("\n".join(scripts))))
    return step_grid(query, "count", [less(answer.get("all"), [answer["out"]] if "out" in answer else [], query.by)])


def less(everything: pd.DataFrame | None, counted: Sequence[pd.DataFrame], tags: Sequence[str]) -> pd.DataFrame | None:
    """Rows of counts and, as negative ones, of those to take away from them; none for groups of which nothing is left."""
    if everything is None:
        return None
    rows = pd.concat([everything, *(frame.assign(_value=-frame["_value"]) for frame in counted)], ignore_index=True)
    groups = [tag for tag in tags if tag in rows]
    if not groups:
        return rows if rows["_value"].sum() else None
    rows[groups] = rows[groups].astype(object).fillna("")
    return rows[rows.groupby(groups)["_value"].transform("sum") > 0]

"""Aggregating rows here: percentiles, distinct values, and questions that look at several fields of a point."""

from __future__ import annotations

import pandas as pd

from metricstore.grid import Grid
from metricstore.influx.combining import combined
from metricstore.influx.plan import Conditions
from metricstore.influx.rows import Ask, Read, first_of_series, matching, value_of
from metricstore.influx.spans import Span
from metricstore.query import PER_TIME, Query


def aggregated_here(ask: Ask, span: Span, query: Query, conditions: Conditions, read: Read) -> Grid:
    """The question's answer from its rows."""
    rows = rows_of(ask, span, query, conditions, read)
    how = "count" if query.aggregate in PER_TIME else query.aggregate
    values = value_of(rows, query.field) if query.field is not None else None
    return combined(query, how, rows["_time"].to_numpy(), [value_of(rows, name) for name in query.by], values)


def rows_of(ask: Ask, span: Span, query: Query, conditions: Conditions, read: Read) -> pd.DataFrame:
    """Rows with everything the question looks at. A group whose points all lack the field has a row, too."""
    columns = [name for name in query.by if query.source.has_field(name)]
    if query.field is None:
        return matching(ask, span, conditions, columns, read=read)
    if not query.by:
        return matching(ask, span, conditions, base=query.field, read=read)
    if columns or conditions.fields:
        return matching(ask, span, conditions, [*columns, query.field], read=read)
    rows = matching(ask, span, conditions, base=query.field, read=read)
    return pd.concat([rows, first_of_series(ask, span, conditions)], ignore_index=True)

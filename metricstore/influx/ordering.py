"""Rows in the order of a question, and those behind a place of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from metricstore.influx.rows import value_of
from metricstore.influx.spans import Span, clamped
from metricstore.paging import Place
from metricstore.query import RecordQuery


def behind(span: Span, query: RecordQuery, place: Place | None) -> Span:
    """The part of `span` that records behind a place can lie in, in the order of time."""
    if place is None:
        return span
    stop = min(span.stop, place.time + 1) if query.descending else span.stop
    return clamped(span.start if query.descending else max(span.start, place.time), stop)


def in_order(query: RecordQuery, found: pd.DataFrame, place: Place | None = None) -> pd.DataFrame:
    """Rows made by `matching`, sorted as the question wants them; behind a place only."""
    tags = query.source.tag_names
    keys = ["_time", *tags]
    found = found.assign(**{tag: found[tag].astype(object) for tag in tags})
    if query.order != "time":
        values = value_of(found, query.order)
        if query.order in tags:
            values = values.where(values != "")
        found = found.assign(sorted_by=values)
        keys = ["sorted_by", *keys]
    if place is not None:
        found = found[_behind(query, found, place)]
    return found.sort_values(keys, ascending=not query.descending, na_position="last", ignore_index=True)


def _behind(query: RecordQuery, found: pd.DataFrame, place: Place) -> pd.Series:
    """Which rows come after a place, by the order column, then time, then tags."""

    def beyond(values: pd.Series, limit: Any) -> pd.Series:
        return values < limit if query.descending else values > limit

    after = pd.Series(False, index=found.index)
    level = pd.Series(True, index=found.index)
    for name, limit in zip(["_time", *query.source.tag_names], [place.time, *place.tags], strict=True):
        after |= level & beyond(found[name], limit)
        level &= found[name] == limit
    if query.order == "time":
        return after
    absent = found["sorted_by"].isna()
    if place.value is None:
        return absent & after
    further = beyond(found["sorted_by"], place.value).fillna(False).astype(bool)
    same = (found["sorted_by"] == place.value).fillna(False).astype(bool)
    return absent | further | (same & after)

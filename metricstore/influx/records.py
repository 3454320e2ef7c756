"""Single records: which ones are on a page is found first, then only those are read in full.

Sorted by time, a page lies in a short stretch; counts of points (which storage gives quickly) tell where it
ends. Sorted by anything else, all identities and the column sorted by have to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.dates import DATED, stored_at
from metricstore.influx import flux, searching
from metricstore.influx.answers import table
from metricstore.influx.line import MARKER
from metricstore.influx.ordering import behind, in_order
from metricstore.influx.plan import Conditions
from metricstore.influx.rows import Ask, matching, series_codes, value_of
from metricstore.influx.spans import Span
from metricstore.influx.stretches import counts
from metricstore.paging import Place, decode_cursor, encode_cursor, record_frame
from metricstore.query import RecordQuery
from metricstore.store import Page

_WINDOWS = 64
_NEAR = (4096, 64)
"""Shares of a range that are looked at before all of it: of a year two hours, and six days."""
_ENOUGH = 2_000
_MOST_PIECES = 200


def page(ask: Ask, query: RecordQuery, span: Span, conditions: Conditions, total: int | None) -> Page:
    """Answer a checked question over `span`, its whole range."""
    place = decode_cursor(query)
    searched = None
    if query.order == "time" and conditions.any_late:
        found, searched, total = searching.by_time(ask, query, conditions, span, place, total)
    elif query.order == "time":
        found = _by_time(ask, query, conditions, span, place)
    else:
        columns = [query.order] if query.source.has_field(query.order) else []
        found = in_order(query, matching(ask, span, conditions, columns), place)
    more = len(found) > query.offset + query.limit
    chosen = found.iloc[query.offset : query.offset + query.limit].reset_index(drop=True)
    fields = [name for name in query.columns or query.source.columns if query.source.has_field(name)]
    dense = query.order == "time" and not conditions.fields
    columns_found = details(ask, conditions.only_tags(), chosen, fields, dense=dense)
    if query.source.dates:
        dates = dates_of(query, chosen)
        columns_found[DATED] = [None if date is pd.NA else int(date) for date in dates.tolist()]
    frame = record_frame(query, chosen["_time"].to_numpy(), columns_found)
    return Page(frame, encode_cursor(query, _last(query, chosen)) if more else None, total, searched)


def dates_of(query: RecordQuery, found: pd.DataFrame) -> pd.Series[Any]:
    """Stored times (nanoseconds) of those whose time is a date, missing for others. `found` has `_time` and all tags."""
    times = found["_time"].to_numpy(dtype=np.int64)
    declared = query.source.dates
    if declared is None or not declared.tag:
        instants = np.full(len(times), declared is None)
    else:
        instants = (found[declared.tag] != declared.value).fillna(True).to_numpy(dtype=bool)
    return pd.Series(pd.arrays.IntegerArray(stored_at(times, query.timezone), instants))


def _last(query: RecordQuery, chosen: pd.DataFrame) -> Place:
    row = chosen.iloc[-1]
    tags = tuple(str(row[name]) for name in query.source.tag_names)
    time = int(row["_time"])
    if query.order == "time":
        return Place(time, time, tags)
    value = value_of(chosen, query.order).iloc[-1]
    if pd.isna(value) or (query.order in query.source.tag_names and value == ""):
        return Place(None, time, tags)
    return Place(value if isinstance(value, str) else value.item() if hasattr(value, "item") else value, time, tags)


def _by_time(ask: Ask, query: RecordQuery, conditions: Conditions, span: Span, place: Place | None) -> pd.DataFrame:
    """At least the first `offset + limit + 1` records behind `place`, sorted; all of them if there are fewer."""
    span = behind(span, query, place)
    needed = query.offset + query.limit + 1
    likely = needed + 16 if not conditions.fields else 4 * needed
    while True:
        part = _end_holding(ask, conditions, span, likely, query.descending)
        found = in_order(query, matching(ask, part, conditions), place)
        if len(found) >= needed or part == span:
            return found
        likely *= 8


def _end_holding(ask: Ask, conditions: Conditions, span: Span, needed: int, descending: bool) -> Span:
    """The shortest handy stretch at the end (or the beginning) of `span` with `needed` points; all of it if too few.

    Short stretches are looked at first: to count all points of a range takes the longer the more there are.
    """
    length = span.stop - span.start
    for share in _NEAR:
        near = _end_of(span, length // share, descending)
        if near != span and (part := _part_holding(ask, conditions, near, needed, descending)) is not None:
            return part
    return _part_holding(ask, conditions, span, needed, descending) or span


def _end_of(span: Span, length: int, descending: bool) -> Span:
    length = max(length, 1)
    return replace(span, start=span.stop - length) if descending else replace(span, stop=span.start + length)


def _part_holding(ask: Ask, conditions: Conditions, span: Span, needed: int, descending: bool) -> Span | None:
    """The same for a stretch that may hold fewer: None then."""
    while True:
        every = max(-(-(span.stop - span.start) // _WINDOWS), 1)
        counted = counts(ask, conditions, span, every)
        order = slice(None, None, -1) if descending else slice(None)
        reached = np.cumsum(counted.counts[order])
        place = int(np.searchsorted(reached, needed))
        if place >= len(reached):
            return None
        edge = int(counted.starts[order][place])
        part = Span(edge, span.stop) if descending else Span(span.start, min(edge + every, span.stop))
        if part == span or reached[place] <= max(4 * needed, _ENOUGH):
            return part
        span = part


def details(
    ask: Ask,
    conditions: Conditions,
    chosen: pd.DataFrame,
    fields: Sequence[str],
    *,
    dense: bool = False,
    map_: Callable[..., Iterable[pd.DataFrame]] = map,
) -> dict[str, Sequence[Any]]:
    """All tags and `fields` of the chosen identities (`_time` and tags), None where a record has none.

    `dense`: there are hardly any other points between them. `map_` runs the questions, a thread pool's all at once.
    """
    source = conditions.source
    found: dict[str, Sequence[Any]] = {tag: chosen[tag].tolist() for tag in source.tag_names}
    pieces = _pieces(ask, conditions, chosen["_time"].to_numpy(), dense=dense) if len(chosen) else []
    kinds = {kind: [name for name in fields if source.field(name).type == kind] for kind in ("string", "int", "float")}
    asked = [(kind, own) for kind, own in kinds.items() if own and pieces]
    columns = {name: np.full(len(chosen), None, dtype=object) for name in fields}
    for (_, own), rows in zip(
        asked, map_(lambda one: table(ask(_fields_of(conditions, pieces, one[1])), one[0]), asked), strict=True
    ):
        _filled({name: columns[name] for name in own}, chosen, rows, source.tag_names)
    found.update({name: column.tolist() for name, column in columns.items()})
    return found


def _filled(
    columns: dict[str, npt.NDArray[Any]], chosen: pd.DataFrame, rows: pd.DataFrame, tags: tuple[str, ...]
) -> None:
    if rows.empty:
        return
    rows = rows.assign(**{tag: "" for tag in tags if tag not in rows})
    own, given = series_codes(chosen, rows, tags)
    places = pd.MultiIndex.from_arrays([chosen["_time"], own])
    place = places.get_indexer(pd.MultiIndex.from_arrays([rows["_time"], given]))
    values = rows["_value"].to_numpy(dtype=object)
    names = rows["_field"].to_numpy(dtype=object)
    for name, column in columns.items():
        hit = (names == name) & (place >= 0)
        column[place[hit]] = values[hit]


def _fields_of(conditions: Conditions, spans: Sequence[Span], fields: Sequence[str]) -> str:
    """One table of all rows of `fields`."""
    keep = flux.texts(["_time", "_value", "_field", *conditions.source.tag_names])
    conditions = replace(conditions, times=(), dates=())  # the chosen have met them
    pieces = [conditions.rows(span, *fields) for span in spans]
    return f"{flux.union(pieces)} |> group() |> keep(columns: {keep})"


def _pieces(ask: Ask, conditions: Conditions, times: npt.NDArray[np.int64], *, dense: bool) -> list[Span]:
    """Stretches that hold all of `times`: one, unless that means to read many more points than are wanted."""
    ordered = np.unique(times)
    whole = Span(int(ordered[0]), int(ordered[-1]) + 1)
    if dense or len(ordered) == 1 or _count(ask, conditions, whole) <= 20 * len(times) + _ENOUGH:
        return [whole]
    gaps = np.diff(ordered)
    widest = np.sort(np.argsort(gaps)[::-1][:_MOST_PIECES]) + 1
    return [Span(int(part[0]), int(part[-1]) + 1) for part in np.split(ordered, widest)]


def _count(ask: Ask, conditions: Conditions, span: Span) -> int:
    script = f"{conditions.rows(span, MARKER)} |> count() |> group() |> sum()"
    return int(table(ask(script), "int")["_value"].sum())

"""Records of other measurements that belong to one record, asked for in the viewer's store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from layouts.relations import MOST, RELATIONS, Found, Relation
from layouts.tables import dicts
from metricstore.catalogue import Measurement, measurement
from metricstore.errors import NotAllowed
from metricstore.query import Filter, RecordQuery
from metricstore.store import Store

_MARGIN = timedelta(seconds=2)
"""Moments are told in whole seconds…"""
_OF_DATES = timedelta(days=1)
"""…and a date is stored apart from where it begins for the source."""


def related(store: Store, name: str, row: Mapping[str, Any]) -> list[Found]:
    """For each relation of measurement `name` what is there, in their order."""
    return [_found(store, relation, row) for relation in RELATIONS.get(name, ())]


def _found(store: Store, relation: Relation, row: Mapping[str, Any]) -> Found:
    names = _names(relation, row)
    span = _span(row, measurement(relation.measurement))
    if not names or span is None:
        return Found(relation)
    query = RecordQuery(relation.measurement, *span, _filters(relation, names, row), limit=MOST * 10)
    try:
        frame = store.records(query).frame
    except NotAllowed as error:
        return Found(relation, refused=f"Not shown: {error}.")
    rows = [found for found in dicts(frame) if _is_meant(relation, names, found)]
    return Found(relation, rows[:MOST][::-1], more=len(rows) > MOST)


def _names(relation: Relation, row: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(source or file, value) of each record that is named; the first is empty for plain ids."""
    if relation.told_by == "log_place":
        file, line = row.get("file"), row.get("line")
        if not isinstance(file, str) or not file or line is None or pd.isna(line):
            return set()
        return {(file, str(int(line)))}
    told = row.get(relation.told_by)
    parts = told.split("|") if isinstance(told, str) and told else []
    if relation.kind == "id":
        return {("", part) for part in parts}
    split = [part.partition(":") if relation.kind == "sourced" else part.rpartition(":") for part in parts]
    return {(first, last) for first, _, last in split if first and last}


def _filters(relation: Relation, names: set[tuple[str, str]], row: Mapping[str, Any]) -> tuple[Filter, ...]:
    if relation.kind == "place":
        lines = [int(line) for _, line in names]
        found = [Filter("file", "any", tuple(sorted({file for file, _ in names}))),
                 Filter("line", "min", (min(lines),)), Filter("line", "max", (max(lines),))]  # fmt: skip
    else:
        found = [Filter(relation.column, "any", tuple(sorted({value for _, value in names})))]
    if relation.kind == "sourced":
        found.append(Filter("source", "any", tuple(sorted({source for source, _ in names}))))
    for column in (
        *relation.alike,
        *(["platform"] if "platform" in measurement(relation.measurement).tag_names else []),
    ):
        value = row.get(column)
        if isinstance(value, str) and value:
            found.append(Filter(column, "any", (value, "")))
    return tuple(dict.fromkeys(found))


def _is_meant(relation: Relation, names: set[tuple[str, str]], found: Mapping[str, Any]) -> bool:
    """Two lists as filters let their mixtures through."""
    if relation.kind == "place":
        return (str(found.get("file")), str(found.get("line"))) in names
    return relation.kind == "id" or (str(found.get("source")), str(found.get(relation.column))) in names


def _span(row: Mapping[str, Any], source: Measurement) -> tuple[datetime, datetime] | None:
    """When records of `source` that belong to it are stored."""
    try:
        first, last = (datetime.fromisoformat(str(row.get(name))) for name in ("first_told", "last_told"))
    except ValueError:
        return None
    margin = _OF_DATES if source.dates else _MARGIN
    return first - margin, last + margin

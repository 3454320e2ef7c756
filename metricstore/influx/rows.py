"""Single rows brought here: for questions that storage can't aggregate, and for records.

InfluxDB keeps each field of a point by itself, and joining them there (`pivot`) is the slowest thing it does.
So each field is read as a table of its own, filtered by the server, and they are joined here by identity:
time and tags.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from metricstore import patience
from metricstore.catalogue import Measurement
from metricstore.influx import flux
from metricstore.influx.answers import Integers, table
from metricstore.influx.excluding import left_out
from metricstore.influx.late import member, passing
from metricstore.influx.line import MARKER
from metricstore.influx.plan import Conditions, field_type, table_of
from metricstore.influx.spans import NOWHERE, Span
from metricstore.influx.stretches import stretches

AT_ONCE = 65_536
"""Rows held while it is found out which of them pass."""
Ask = Callable[[str], bytes]
"""Runs a script and returns its answer, not annotated."""
Read = Callable[[Ask, Span, Conditions, str], pd.DataFrame]
"""As `read_field`."""


def read_field(ask: Ask, span: Span, conditions: Conditions, field: str) -> pd.DataFrame:
    """Rows of one field under its filters: `_time` (int64 ns), every tag ("" when absent), `_value`."""
    late = conditions.late(field)
    if not late:
        return _read(ask, span, conditions, field)
    kind = field_type(conditions.source, field)
    parts = []
    for part in stretches(ask, conditions, span, AT_ONCE):
        patience.require()
        rows = _read(ask, part, conditions, field)
        for one in late:
            rows = rows[passing(one, rows["_value"], kind)]
        parts.append(rows)
    return pd.concat(parts, ignore_index=True) if parts else _read(ask, NOWHERE, conditions, field)


def _read(ask: Ask, span: Span, conditions: Conditions, field: str) -> pd.DataFrame:
    tags = conditions.source.tag_names
    script = table_of(span, conditions, field, tags)
    frame = table(ask(script), field_type(conditions.source, field))
    for tag in tags:
        if tag not in frame:
            frame[tag] = ""
    return frame


def first_of_series(ask: Ask, span: Span, conditions: Conditions) -> pd.DataFrame:
    """One row for each combination of tags that has points: `_time` and every tag."""
    tags = conditions.source.tag_names
    keep = flux.texts(["_time", *tags])
    script = f"{conditions.only_tags().rows(span, MARKER)} |> first() |> group() |> keep(columns: {keep})"
    frame = table(ask(script), "int")
    return frame.assign(**{tag: "" for tag in tags if tag not in frame})


def matching(
    ask: Ask,
    span: Span,
    conditions: Conditions,
    columns: Sequence[str] = (),
    base: str | None = None,
    read: Read = read_field,
) -> pd.DataFrame:
    """Points that meet all conditions: `_time`, every tag, and each field of `columns` under its name.

    With `base` only points that have that field. Absent fields are None (texts) or NaN (numbers).
    """
    source = conditions.source
    demanded = [field for field in conditions.fields if conditions.demands(field)]
    if base is None:
        base = demanded[0] if demanded else MARKER
    found = read(ask, span, conditions, base).rename(columns={"_value": _own(base)})
    for field in dict.fromkeys([*conditions.fields, *columns]):
        if field == base or not source.has_field(field):
            continue
        if field not in conditions.fields or conditions.demands(field):
            rows = read(ask, span, conditions, field)
            found = _joined(found, rows, field, source, how="inner" if field in demanded else "left")
        elif field in columns:
            found = _where_absent_passes(found, read(ask, span, conditions.only_tags(), field), conditions, field)
        else:
            for one in conditions.fields[field]:
                out = read(ask, span, replace(conditions, fields={field: (left_out(one),)}), field)
                found = _without(found, out, conditions)
    return found


def _own(field: str) -> str:
    """A field's column in the joined frame: never the name of a tag or of the time."""
    return f"field {field}"


def value_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """A tag's or field's column of a frame made by `matching`."""
    return frame[_own(name)] if _own(name) in frame else frame[name]


def _without(found: pd.DataFrame, rows: pd.DataFrame, conditions: Conditions) -> pd.DataFrame:
    """Less the points that do not meet a filter which points without its field meet: these alone were read."""
    if rows.empty:
        return found
    found_codes, codes = series_codes(found, rows, conditions.source.tag_names)
    identities = pd.MultiIndex.from_arrays([found["_time"], found_codes])
    out = identities.isin(pd.MultiIndex.from_arrays([rows["_time"], codes]))
    return found[~out].reset_index(drop=True)


def _where_absent_passes(found: pd.DataFrame, rows: pd.DataFrame, conditions: Conditions, field: str) -> pd.DataFrame:
    """Join a field whose filters points without it meet too and whose values are wanted: all of it was read and is filtered here."""
    joined = _joined(found, rows, field, conditions.source, how="left")
    values = joined[_own(field)]
    absent = values.isna() | (values == "") if conditions.source.field(field).type == "string" else values.isna()
    kept = pd.Series(True, index=joined.index)
    for condition in conditions.fields[field]:
        among = ~absent & member(condition, values, conditions.source.field(field).type)
        kept &= (absent | among) if condition.filter.operator == "any" else ~among
    return joined[kept].reset_index(drop=True)


def _joined(
    left: pd.DataFrame, right: pd.DataFrame, field: str, source: Measurement, how: Literal["inner", "left"]
) -> pd.DataFrame:
    """`left` with the values of `right` beside them, by identity; an absent text is None, an absent number NaN."""
    left_codes, right_codes = series_codes(left, right, source.tag_names)
    keyed = left.assign(series=left_codes)
    own = pd.DataFrame({"_time": right["_time"], "series": right_codes, _own(field): right["_value"]})
    if source.field(field).type == "int":
        own[_own(field)] = own[_own(field)].astype("Int64")
    merged = keyed.merge(own, on=["_time", "series"], how=how, sort=False)
    return merged.drop(columns="series")


def series_codes(left: pd.DataFrame, right: pd.DataFrame, tags: tuple[str, ...]) -> tuple[Integers, Integers]:
    """A number for each row's tags, the same in both frames."""
    codes = [np.zeros(len(left), dtype=np.int64), np.zeros(len(right), dtype=np.int64)]
    for tag in tags:
        known: dict[str, int] = {}
        own = [column.cat.codes.to_numpy() for column in (left[tag].astype("category"), right[tag].astype("category"))]
        texts = [column.astype("category").cat.categories for column in (left[tag], right[tag])]
        # Each frame has numbered its texts for itself.
        numbers = [np.array([known.setdefault(text, len(known)) for text in names], dtype=np.int64) for names in texts]
        codes = [code * len(known) + number[place] for code, number, place in zip(codes, numbers, own, strict=True)]
    return codes[0], codes[1]

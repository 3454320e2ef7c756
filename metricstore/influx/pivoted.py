"""Whole records of a stretch in one answer: where every record of it is wanted, and no field decides which.

Joining fields here (see rows.py) leaves what a question doesn't need in the server. Of a stretch that is wanted in
whole nothing is left there, and then putting its fields side by side is quicker in the server than here.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from metricstore.catalogue import Measurement
from metricstore.dates import DATED
from metricstore.influx import flux
from metricstore.influx.answers import header, nanosecond_times
from metricstore.influx.line import EMPTY, MARKER
from metricstore.influx.plan import Conditions
from metricstore.influx.records import dates_of
from metricstore.influx.rows import Ask
from metricstore.influx.spans import Span
from metricstore.query import RecordQuery

_TYPES = {"int": "Int64", "float": "float64", "string": "str"}


def suits(conditions: Conditions) -> bool:
    """Whether tags alone decide which records are wanted."""
    return not conditions.fields and not conditions.times


def records(ask: Ask, query: RecordQuery, span: Span, conditions: Conditions, fields: Sequence[str]) -> pd.DataFrame:
    """All records of a stretch by time: `time` and the columns the question wants, typed as `Store.stream` says."""
    source = query.source
    keys = ["_time", *source.tag_names]
    answer = ask(
        f"{conditions.rows(span, MARKER, *fields)}"
        ' |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
        f" |> group() |> keep(columns: {flux.texts([*keys, *fields])})"
    )
    found = _read(answer, source, fields)
    order = _order(found, source.tag_names, descending=query.descending)
    if source.dates:
        found[DATED] = dates_of(query, found)
    times = pd.DatetimeIndex(found.pop("_time").to_numpy().view("M8[ns]")).tz_localize("UTC")
    found.insert(0, "time", times)
    names = ["time", *([DATED] if source.dates else []), *query.wanted]
    return found.iloc[order].reset_index(drop=True)[names]


def _read(answer: bytes, source: Measurement, fields: Sequence[str]) -> pd.DataFrame:
    """`_time` in nanoseconds, and every tag and field, missing where a record has none."""
    head = header(answer)
    kinds: dict[str, str] = {"_time": "str", **dict.fromkeys(source.tag_names, "str")}
    kinds |= {name: _TYPES[source.field(name).type] for name in fields}
    there: dict[str, Any] = {name: kind for name, kind in kinds.items() if name in head}
    found = pd.read_csv(io.BytesIO(answer), usecols=list(there), dtype=there, keep_default_na=False, na_values=[""])
    for name, kind in kinds.items():
        if name not in found:
            found[name] = pd.Series([None] * len(found), dtype=kind)
    # Line ends within texts come as \r\n, as those of rows do: more of them than rows tell of such texts.
    folded = answer.count(b"\r\n") > len(found) + 2
    emptied = EMPTY.encode() in answer
    for name in fields:
        if kinds[name] == "str" and (folded or emptied):
            found[name] = found[name].str.replace("\r\n", "\n", regex=False).replace(EMPTY, "")
    found["_time"] = nanosecond_times(found["_time"])
    return found


def _order(found: pd.DataFrame, tags: Sequence[str], *, descending: bool) -> Any:
    """Places of the rows by time, then tags."""
    times = found["_time"].to_numpy()
    order = np.argsort(times, kind="stable")
    if (times[order[1:]] == times[order[:-1]]).any():
        keys = found[["_time", *tags]].fillna(dict.fromkeys(tags, ""))
        keys = keys.astype(dict.fromkeys(tags, object)).reset_index(drop=True)
        order = keys.sort_values(["_time", *tags]).index.to_numpy()
    return order[::-1] if descending else order

"""From data frames to JSON: whole columns at a time, orjson at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import numpy as np
import orjson
import pandas as pd

from layouts.charts.caveats import unsure
from metricstore import caveats, nothing
from metricstore.assumptions import ASSUMPTIONS, Assumed, Assumption
from metricstore.catalogue import Measurement
from metricstore.dates import DATED
from metricstore.evaluation import Answer
from metricstore.metrics import Metric
from metricstore.query import PERCENTILE_METHOD, PERCENTILES, percentile_method
from metricstore.spelling import with_dates
from metricstore.windows import zone

_COUNTS = ("count", "distinct")
_Unit = Literal["s", "ms", "us", "ns"]
_UNITS: tuple[tuple[_Unit, int], ...] = (("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000))


def dumps(document: object) -> bytes:
    """JSON; not-a-number and missing values become null."""
    return orjson.dumps(document, default=_missing, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)


def _missing(value: object) -> None:
    if value is pd.NA or value is pd.NaT:
        return
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


def moment(value: datetime, timezone: str) -> str:
    """ISO 8601 with the offset `timezone` has at that moment."""
    return value.astimezone(zone(timezone)).isoformat()


def times(column: pd.Series[Any], timezone: str) -> list[str]:
    """ISO 8601 with the zone's offset, as many decimals as the column needs (up to nine), all rows alike."""
    utc = pd.DatetimeIndex(column).tz_convert("UTC").as_unit("ns")
    if not len(utc):
        return []
    codes, unique = pd.factorize(utc.asi8)
    local = pd.DatetimeIndex(unique, tz="UTC").tz_convert(zone(timezone)).tz_localize(None).asi8
    precision: _Unit = next((name for name, size in _UNITS if not (unique % size).any()), "ns")
    wall: np.ndarray[Any, Any] = np.datetime_as_string(local.view(np.dtype("M8[ns]")), unit=precision)
    return np.char.add(wall, _offsets(local - unique))[codes].tolist()


def _offsets(nanoseconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`+01:00` for each offset; only the few different ones are spelled."""
    different, codes = np.unique(nanoseconds, return_inverse=True)
    spelled = []
    for offset in different.tolist():
        minutes = round(abs(offset) / 60_000_000_000)
        spelled.append(f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}")
    return np.array(spelled)[codes]


def rows(columns: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def describe(metric: Metric) -> dict[str, object]:
    """A metric as the catalogue prints it."""
    return {
        "name": metric.name,
        "title": metric.title,
        "unit": metric.unit,
        "meaning": metric.meaning,
        "measurement": metric.measure.measurement,
        "agg": metric.measure.aggregate,
        "aggregates": list(metric.aggregates),
        "percentile_method": PERCENTILE_METHOD if PERCENTILES.keys() & {*metric.aggregates} else None,
        "dimensions": list(metric.dimensions),
        "good": metric.good,
        "decimals": metric.decimals,
        "formula": metric.formula or None,
        "provenance": metric.provenance,
        "assumptions": list(metric.assumptions),
    }


def assumption(declared: Assumption, assumed: Assumed) -> dict[str, object]:
    """What was assumed, in the unit it is said in."""
    return {"name": declared.name, "title": declared.title, "value": assumed[declared.name],
            "unit": assumed.unit(declared.unit)}  # fmt: skip


def answer(found: Answer, compare: str | None) -> dict[str, object]:
    """The document for a metric's answer. Counts are whole numbers; NaN becomes null."""
    metric, frame = found.metric, found.frame
    counted = found.aggregate in _COUNTS and metric.per is None and metric.model is None
    whole = counted and metric.scale_of(found.aggregate) == 1.0
    columns: dict[str, Sequence[object]] = {
        "time": times(frame["time"], found.timezone),
        "value": _plain(frame["value"], whole=whole),
        **{name: frame[name].tolist() for name in found.by},
    }
    if nothing.NUMBER in frame:
        columns[nothing.NUMBER] = frame[nothing.NUMBER].to_numpy().astype(np.int64).tolist()
    if "comparison" in frame:
        columns["comparison"] = frame["comparison"].to_numpy().tolist()
    data = rows(columns)
    _explained(data, nothing.COLUMN, found.why)
    _explained(data, "bound", caveats.row_bounds(metric, frame))
    if nothing.COMPARED in frame:
        _explained(data, nothing.COMPARED, frame[nothing.COMPARED])
    bound = caveats.bound_of(found)
    return {
        "metric": metric.name,
        "title": metric.title,
        "unit": metric.unit_of(found.aggregate),
        "start": moment(found.start, found.timezone),
        "stop": moment(found.stop, found.timezone),
        "every": str(found.every) if found.every else "none",
        "timezone": found.timezone,
        "agg": found.aggregate,
        "column": found.column,
        "percentile_method": percentile_method(found.aggregate, found.stop - found.start) or None,
        "by": list(found.by),
        "compare": compare,
        "formula": metric.formula or None,
        "provenance": metric.provenance,
        "assumptions": [assumption(ASSUMPTIONS[name], found.assumed) for name in metric.assumptions],
        "data": data,
        "missing": bound.count if bound is not None and bound.of is None else 0,
        "bound": described_bound(bound),
        caveats.CONFLICTING: caveats.conflicting(found),
    }


def described_bound(bound: caveats.Bound | None) -> dict[str, object] | None:
    """How sure a value is; None where it is what it is."""
    if bound is None:
        return None
    return {"side": bound.side, "records": bound.count, "of": bound.of, "metric": bound.counted_by.name,
            "reason": unsure(bound)}  # fmt: skip


def _explained(data: list[dict[str, object]], name: str, texts: pd.Series[Any]) -> None:
    """`name` in every row that has a text for it."""
    for place in np.flatnonzero(texts.to_numpy(dtype=object) != "").tolist():
        data[place][name] = texts.iat[place]


def records(frame: pd.DataFrame, source: Measurement, timezone: str) -> list[dict[str, object]]:
    """Rows of a page of records; `id` is the record's identity. A time is as its source gives it: `2026-11-10` of a date."""
    told = with_dates(times(frame["time"].dt.floor(source.exact), timezone), frame)
    columns: dict[str, Sequence[object]] = {"time": told, "id": frame["_id"].tolist()}
    for name in frame.columns:
        if name not in ("time", "_id", DATED):
            whole = source.has_field(name) and source.field(name).type == "int"
            columns[str(name)] = _plain(frame[name], whole=whole)
    return rows(columns)


def _plain(column: pd.Series[Any], *, whole: bool) -> Sequence[object]:
    """Python values with None for what is missing; integers stay integers though a missing one made them floats."""
    missing = column.isna().to_numpy()
    if not missing.any():
        return column.astype("int64").tolist() if whole else column.tolist()
    plain = np.full(len(column), None, dtype=object)
    present = column[~missing]
    plain[~missing] = (present.astype("int64") if whole else present).to_numpy(dtype=object)
    return plain.tolist()

"""Identities of records and cursors between pages, the same for every store."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from metricstore.catalogue import Measurement
from metricstore.dates import DATED
from metricstore.errors import InvalidQuestion
from metricstore.query import RecordQuery


@dataclass(frozen=True)
class Place:
    """A record's place in the order of its question: `value` of the order column (None: it has none), time, tags.

    Tags are in the catalogue's order, "" for absent. Records without the order column come last in both directions;
    ties are broken by time, then tags, in the direction of the order.
    """

    value: str | float | int | None
    time: int
    tags: tuple[str, ...]


def record_id(time: int, tags: Iterable[tuple[str, str]]) -> str:
    """A record's identity within its measurement: `1700000000000000000,level=INFO,event=batch_began`."""
    return str(time) + "".join(f",{name}={quote(value, safe='')}" for name, value in tags if value)


def encode_cursor(query: RecordQuery, place: Place) -> str:
    """An opaque, URL-safe word that continues `query` after `place`."""
    raw = orjson.dumps([query.order, query.descending, place.value, place.time, place.tags])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(query: RecordQuery) -> Place | None:
    """Where `query.cursor` continues; InvalidQuestion when it is damaged or belongs to another order."""
    if query.cursor is None:
        return None
    try:
        raw = base64.b64decode(query.cursor + "=" * (-len(query.cursor) % 4), altchars=b"-_", validate=True)
        order, descending, value, time, tags = orjson.loads(raw)
    except (ValueError, TypeError, binascii.Error):
        raise InvalidQuestion("cursor", "is damaged; start again without it") from None
    if order != query.order or descending is not query.descending:
        raise InvalidQuestion("cursor", "belongs to another order; start again without it")
    right = type(time) is int and isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    if not right or len(tags) != len(query.source.tags) or not _fits(query, value):
        raise InvalidQuestion("cursor", "is damaged; start again without it")
    return Place(value, time, tuple(tags))


def _fits(query: RecordQuery, value: object) -> bool:
    source = query.source
    if value is None:
        return True
    if query.order == "time":
        return type(value) is int
    if not source.has_field(query.order) or source.field(query.order).type == "string":
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)


def record_frame(query: RecordQuery, times: npt.ArrayLike, columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The answer's frame. `times`: nanoseconds; `columns`: all tags and the asked fields, None where there is none; where
    the measurement may hold dates DATED too."""
    source = query.source
    nanoseconds = np.asarray(times, dtype=np.int64)
    tags = {name: [value or "" for value in columns[name]] for name in source.tag_names}
    rows = zip(*tags.values(), strict=True) if tags else [()] * len(nanoseconds)
    stored = nanoseconds.tolist()
    if source.dates:
        stored = [time if date is None else int(date) for time, date in zip(stored, columns[DATED], strict=True)]
    found: dict[str, Any] = {
        "time": pd.DatetimeIndex(nanoseconds.view("M8[ns]")).tz_localize("UTC"),
        "_id": pd.Series(
            [record_id(time, zip(tags, row, strict=True)) for time, row in zip(stored, rows, strict=True)],
            dtype="str",
        ),
    }
    if source.dates:
        found[DATED] = pd.Series(pd.array(list(columns[DATED]), dtype="Int64"))
    for name in query.columns or source.columns:
        if name != "time":
            found[name] = _column(query, name, columns[name])
    return pd.DataFrame(found)


def _column(query: RecordQuery, name: str, values: Sequence[Any]) -> pd.Series[Any]:
    source = query.source
    kind = source.field(name).type if source.has_field(name) else "string"
    if kind == "int":
        return pd.Series(pd.array([None if value is None else int(value) for value in values], dtype="Int64"))
    if kind == "float":
        return pd.Series([np.nan if value is None else float(value) for value in values], dtype="float64")
    absent = "" if name in source.tag_names else None
    return pd.Series([None if value == absent else value for value in values], dtype="str")


def typed_column(source: Measurement, name: str, values: npt.NDArray[Any]) -> pd.Series[Any] | pd.DatetimeIndex:
    """A column as `record_frame` types it, from a whole array: `time` in nanoseconds; masked where there is none."""
    if name == "time":
        return pd.DatetimeIndex(np.ma.getdata(values).view("M8[ns]")).tz_localize("UTC")
    kind = "int" if name == DATED else source.field(name).type if source.has_field(name) else "string"
    missing = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    if kind == "int":
        return pd.Series(pd.arrays.IntegerArray(plain.astype(np.int64), missing.copy()))
    if kind == "float":
        return pd.Series(np.where(missing, np.nan, plain.astype(np.float64)))
    texts = plain.astype(object)
    if name in source.tag_names:
        missing = missing | (texts == "")
    texts[missing] = None
    return pd.Series(texts, dtype="str")


def identities(source: Measurement, frame: pd.DataFrame) -> list[str]:
    """`record_id` of the records of a frame (see Store.stream) that has all their tags."""
    times = pd.DatetimeIndex(frame["time"]).as_unit("ns").asi8
    if DATED in frame:
        dates = frame[DATED]
        times = np.where(dates.isna(), times, dates.fillna(0).to_numpy(dtype=np.int64))
    return _identities(times, {name: frame[name] for name in source.tag_names})


def _identities(times: npt.NDArray[np.int64], tags: Mapping[str, pd.Series[Any]]) -> list[str]:
    """`tags` in the catalogue's order, missing where a record has none."""
    codes = np.zeros(len(times), dtype=np.int64)
    suffixes = [""]
    for name, column in tags.items():
        own, different = pd.factorize(column.fillna("").to_numpy(dtype=object))
        ends = [f",{name}={quote(text, safe='')}" if text else "" for text in different.tolist()]
        suffixes = [before + end for before in suffixes for end in ends] if ends else suffixes
        codes = codes * max(len(ends), 1) + own
    return [f"{time}{suffixes[code]}" for time, code in zip(times.tolist(), codes.tolist(), strict=True)]

"""Records as lines of delimited text: one declared spelling, so that every store writes the very same bytes.

A store that can spell rows itself (DuckDB, in SQL) does; for all others `spelled` does it from data frames.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.catalogue import Exactness, Measurement
from metricstore.dates import DATED
from metricstore.time_parts import offsets

Kind = Literal["time", "int", "float", "text"]
MINUTE = 60_000_000_000
DECIMALS: Mapping[Exactness, int] = {"s": 0, "ms": 3, "us": 6, "ns": 9}
"""Decimals of a second that a time is written with: no more than its source gives."""

GUARDED_FIRST = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What spreadsheets take for the beginning of a formula, full-width signs included."""
GUARD = "'"
_DANGEROUS = re.compile(f"{GUARD}*[{re.escape(GUARDED_FIRST)}]")


@dataclass(frozen=True)
class Spelling:
    """How values become text.

    Times are ISO 8601 in `timezone` with its offset; those that are dates are just that, `2026-11-10`. Texts are quoted, what is missing is not: an empty cell.
    A text that a spreadsheet would run as a formula gets a `'` in front, and so does one that begins with `'`s
    and such a sign: whoever takes one `'` off wherever GUARDED matches has the text back. Numbers are never touched.
    """

    timezone: str = "UTC"
    delimiter: str = ","
    decimal: str = "."
    begin: str = ""
    """What stands before every row, the first one too."""


@dataclass(frozen=True)
class Lines:
    """Rows as UTF-8 text, and the numbers in them by column (masked where missing)."""

    rows: int
    text: bytes
    numbers: dict[str, npt.NDArray[Any]]


def kind_of(source: Measurement, name: str) -> Kind:
    """What a column of a measurement's records holds."""
    if name == "time":
        return "time"
    if not source.has_field(name) or source.field(name).type == "string":
        return "text"
    return "int" if source.field(name).type == "int" else "float"


def guarded(text: str) -> str:
    return GUARD + text if _DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` made it from."""
    return text[1:] if text.startswith(GUARD) and _DANGEROUS.match(text) else text


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def spelled(frame: pd.DataFrame, kinds: dict[str, Kind], spelling: Spelling, exact: Exactness) -> Lines:
    """The columns of `kinds` of a frame, in that order. `time` columns are zoned timestamps."""
    cells: list[Sequence[str]] = []
    numbers: dict[str, npt.NDArray[Any]] = {}
    for name, kind in kinds.items():
        column = frame[name]
        if kind == "time":
            cells.append(times(frame, spelling.timezone, exact))
        elif kind == "text":
            cells.append(_texts(column))
        else:
            numbers[name] = numeric(column, kind)
            cells.append(_numbers(numbers[name], spelling.decimal))
    rows = [spelling.begin + spelling.delimiter.join(row) for row in zip(*cells, strict=True)]
    return Lines(len(rows), "".join(rows).encode(), numbers)


def numeric(column: pd.Series[Any], kind: Kind) -> npt.NDArray[Any]:
    """A masked array of int64 or float64; masked where nothing is."""
    missing = column.isna().to_numpy(dtype=bool)
    if kind == "int":
        values = column.fillna(0).to_numpy(dtype=np.int64) if missing.any() else column.to_numpy(dtype=np.int64)
    else:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.ma.MaskedArray(values, mask=missing)


def _numbers(values: npt.NDArray[Any], decimal: str) -> list[str]:
    plain = np.ma.getdata(values).tolist()
    texts = [repr(value) for value in plain]
    if decimal != "." and values.dtype.kind == "f":
        texts = [text.replace(".", decimal) for text in texts]
    for place in np.flatnonzero(np.ma.getmaskarray(values)).tolist():
        texts[place] = ""
    return texts


def _texts(column: pd.Series[Any]) -> list[str]:
    """Each different text is looked at once."""
    codes, different = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=True)
    known = [quoted(guarded(str(text))) for text in different.tolist()]
    known.append("")  # where code -1 leads
    return [known[code] for code in codes.tolist()]


def times(frame: pd.DataFrame, timezone: str, exact: Exactness) -> list[str]:
    """Of a frame's column `time`: ISO 8601 with the zone's offset, in whole minutes as ISO 8601 knows them; dates as such."""
    utc = pd.DatetimeIndex(frame["time"]).tz_convert("UTC").as_unit("ns").asi8
    if not len(utc):
        return []
    runs = offsets(int(utc.min()), int(utc.max()) + 1, timezone)
    starts = np.array([run.start for run in runs], dtype=np.int64)
    ahead = np.array([minutes(run.nanoseconds) for run in runs], dtype=np.int64)
    own = np.searchsorted(starts, utc, side="right") - 1
    wall = np.datetime_as_string((utc + ahead[own] * MINUTE).view("M8[ns]"), unit=exact)
    ends = np.array([offset_text(value) for value in ahead.tolist()])
    found: list[str] = np.char.add(wall, ends[own]).tolist()
    return with_dates(found, frame)


def with_dates(texts: list[str], frame: pd.DataFrame) -> list[str]:
    """Times of a frame as texts, with the date alone where that is all a record's source gives."""
    if DATED not in frame:
        return texts
    dated = frame[DATED].notna().to_numpy()
    stored = frame[DATED][dated].to_numpy(dtype=np.int64).view("M8[ns]")
    for place, day in zip(
        np.flatnonzero(dated).tolist(), np.datetime_as_string(stored, unit="D").tolist(), strict=True
    ):
        texts[place] = day
    return texts


def minutes(nanoseconds: int) -> int:
    """An offset in whole minutes; those of before 1970 may hold seconds."""
    return round(nanoseconds / MINUTE)


def offset_text(ahead: int) -> str:
    """`+01:00` for 60 minutes ahead of UTC."""
    return f"{'-' if ahead < 0 else '+'}{abs(ahead) // 60:02d}:{abs(ahead) % 60:02d}"

"""Records as lines of delimited text: one declared spelling, so that every store writes the very same bytes.

A store that can spell rows itself (DuckDB, in SQL) does; for all others `spelled` does it from data frames.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from metricstore.catalogue import Exactness, Measurement
from metricstore.dates import DATED
from metricstore.query import RecordQuery
from metricstore.time_parts import offsets

Kind = Literal["time", "int", "float", "text"]
Clock = Literal["iso", "wall"]
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

    Times are ISO 8601 in `timezone` with its offset; those that are dates are just that, `2026-11-10`. With the clock "wall" they are two cells, as spreadsheets want
    them: `2024-03-31 03:00:00`, in whole seconds, and `UTC+02:00`. Texts are quoted, what is missing is not: an empty
    cell. With `guard` a text that a spreadsheet would run as a formula gets a `'` in front, and so does one that begins
    with `'`s and such a sign: whoever takes one `'` off wherever GUARDED matches has the text back. Numbers are never
    touched.
    """

    timezone: str = "UTC"
    delimiter: str = ","
    decimal: str = "."
    begin: str = ""
    """What stands before every row, the first one too."""
    guard: bool = True
    clock: Clock = "iso"


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
            cells += _time_cells(frame, name, spelling, exact)
        elif kind == "text":
            cells.append(_texts(column, guard=spelling.guard))
        else:
            numbers[name] = numeric(column, kind)
            cells.append(_numbers(numbers[name], spelling.decimal))
    rows = [spelling.begin + spelling.delimiter.join(row) for row in zip(*cells, strict=True)]
    return Lines(len(rows), "".join(rows).encode(), numbers)


def spelled_all(frames: Iterable[pd.DataFrame], query: RecordQuery, spelling: Spelling) -> Iterator[Lines]:
    """As Store.lines, from a store's frames."""
    kinds: dict[str, Kind] = {name: kind_of(query.source, name) for name in ("time", *query.wanted)}
    return (spelled(frame, kinds, spelling, query.source.exact) for frame in frames)


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


def _texts(column: pd.Series[Any], *, guard: bool) -> list[str]:
    """Each different text is looked at once."""
    codes, different = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=True)
    known = [quoted(guarded(str(text)) if guard else str(text)) for text in different.tolist()]
    known.append("")  # where code -1 leads
    return [known[code] for code in codes.tolist()]


def times(frame: pd.DataFrame, name: str, timezone: str, exact: Exactness) -> list[str]:
    """A column of times: ISO 8601 with the zone's offset, in whole minutes as ISO 8601 knows them; dates as such."""
    wall, ahead, own = wall_clock(frame[name], timezone)
    ends = np.array([offset_text(value) for value in ahead.tolist()])
    texts = np.datetime_as_string(wall.view("M8[ns]"), unit=exact)
    return with_dates(np.char.add(texts, ends[own]).tolist() if len(own) else [], frame, name)


def with_dates(texts: list[str], frame: pd.DataFrame, name: str = "time") -> list[str]:
    """A column's times as texts, with the date alone where its source gives no more."""
    for place, date in dates_in(frame, name):
        texts[place] = str(np.datetime64(date, "ns").astype("M8[D]"))
    return texts


def dates_in(frame: pd.DataFrame, name: str) -> Iterator[tuple[int, int]]:
    """Places of a column whose times are dates, with nanoseconds of these (see `metricstore.dates`)."""
    known = dates_of(name)
    if known in frame:
        dated = frame[known].notna().to_numpy()
        stored = frame[known][dated].to_numpy(dtype=np.int64)
        yield from zip(np.flatnonzero(dated).tolist(), stored.tolist(), strict=True)


def dates_of(name: str) -> str:
    """Name of the column that says which times of another are dates."""
    return DATED if name == "time" else f"{DATED} {name}"


def _time_cells(frame: pd.DataFrame, name: str, spelling: Spelling, exact: Exactness) -> list[list[str]]:
    """The cells a time takes: one, or for spreadsheets two."""
    if spelling.clock == "iso":
        return [times(frame, name, spelling.timezone, exact)]
    wall, ahead, own = wall_clock(frame[name], spelling.timezone)
    ends = [utc_offset(value) for value in ahead.tolist()]
    texts = np.char.replace(np.datetime_as_string(wall.view("M8[ns]"), unit="s"), "T", " ").tolist()
    offset_of = [ends[place] for place in own.tolist()]
    for place in np.flatnonzero(frame[name].isna().to_numpy(dtype=bool)).tolist():
        texts[place] = offset_of[place] = ""
    for place, _ in dates_in(frame, name):
        offset_of[place] = ""
    return [with_dates(texts, frame, name), offset_of]


def wall_clock(
    column: pd.Series[Any], timezone: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """What a zone's clocks showed in nanoseconds, as if they were UTC; the offsets there are, in minutes; and which of
    them each row has. What is missing counts as 1970."""
    known = pd.DatetimeIndex(column).tz_convert("UTC").as_unit("ns")
    utc = np.where(known.isna(), 0, known.asi8)
    if not len(utc):
        return utc, np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    runs = offsets(int(utc.min()), int(utc.max()) + 1, timezone)
    starts = np.array([run.start for run in runs], dtype=np.int64)
    ahead = np.array([minutes(run.nanoseconds) for run in runs], dtype=np.int64)
    own = np.searchsorted(starts, utc, side="right") - 1
    return utc + ahead[own] * MINUTE, ahead, own


def minutes(nanoseconds: int) -> int:
    """An offset in whole minutes; those of before 1970 may hold seconds."""
    return round(nanoseconds / MINUTE)


def offset_text(ahead: int) -> str:
    """`+01:00` for 60 minutes ahead of UTC."""
    return f"{'-' if ahead < 0 else '+'}{abs(ahead) // 60:02d}:{abs(ahead) % 60:02d}"


def utc_offset(ahead: int) -> str:
    """`UTC+01:00`: in a cell of its own `+01:00` would be taken for a formula or for one o'clock."""
    return f"UTC{offset_text(ahead)}"

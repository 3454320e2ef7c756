"""Excel workbooks: a sheet `Data` with real dates, numbers and texts, and a sheet `About` with the proof.

The sheet's XML is written straight into the zip, row by row, so a million rows take no more memory than ten.
Excel knows no time zones: a time is shown as the zone's clocks did, with its offset in a column beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from dashapp.downloads.formats import workbook
from dashapp.downloads.table import Column, Hashed, Table, Tally, proof
from dashapp.downloads.zipping import ZipStream
from metricstore.catalogue import Exactness
from metricstore.dates import DATED
from metricstore.spelling import MINUTE, minutes, numeric, offset_text
from metricstore.time_parts import offsets

MOST_ROWS = 1_048_575
"""Of a sheet, the headings aside."""
MOST_CHARACTERS = 32_767
_EPOCH = -2_209_161_600_000_000_000
"""1899-12-30 in nanoseconds, from which Excel counts days."""
_DAY = 86_400_000_000_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Xlsx:
    """One workbook."""

    name: str = "xlsx"
    title: str = "Excel"
    mimetype: str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    most_rows: int | None = MOST_ROWS

    def stream(self, table: Table) -> Iterator[bytes]:
        now = datetime.now(UTC)
        zipped = ZipStream(large=False, moment=(now.year, now.month, now.day, now.hour, now.minute, now.second))
        for name, text in workbook.PARTS.items():
            yield from zipped.add(name, iter([text.encode()]))
        sheet = _Sheet(table)
        yield from zipped.add(workbook.DATA, sheet.pieces())
        document = proof(table, sheet.tally, sheet.hashed.hex(), shortened_cells=sheet.shortened)
        yield from zipped.add(workbook.ABOUT, iter([workbook.about(document)]))
        yield from zipped.add(workbook.CORE, iter([workbook.core(table.facts.title, now)]))
        yield from zipped.add(workbook.CUSTOM, iter([workbook.custom(document)]))
        yield zipped.close()


@dataclass
class _Sheet:
    """The rows as XML; what they hold is counted on the way."""

    table: Table
    hashed: Hashed = field(default_factory=Hashed)
    shortened: int = 0
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        self.tally = Tally(self.table.columns)

    def pieces(self) -> Iterator[bytes]:
        names = _headings(self.table)
        yield self.hashed(workbook.sheet_begin(names, [_width(column) for column in self._shown()]))
        for frame in self.table.frames():
            self.tally.add(frame)
            for begin in range(0, len(frame), 10_000):
                yield self.hashed(self._rows(frame.iloc[begin : begin + 10_000]))
        yield self.hashed(workbook.sheet_end(len(names), self.tally.rows))

    def _shown(self) -> list[Column]:
        """A column for each that is shown; times have two."""
        return [column for column in self.table.columns for _ in range(2 if column.kind == "time" else 1)]

    def _rows(self, frame: pd.DataFrame) -> bytes:
        cells: list[list[str]] = []
        for column in self.table.columns:
            cells.extend(self._cells(frame, column))
        return "".join([f"<row>{''.join(row)}</row>" for row in zip(*cells, strict=True)]).encode()

    def _cells(self, frame: pd.DataFrame, column: Column) -> list[list[str]]:
        values = frame[column.key]
        if column.kind == "time":
            return _moments(frame, self.table.facts.timezone, self.table.exact)
        if column.kind == "text":
            return [self._texts(values)]
        return [
            ["<c/>" if value is None else f"<c><v>{value!r}</v></c>" for value in numeric(values, column.kind).tolist()]
        ]

    def _texts(self, values: pd.Series[Any]) -> list[str]:
        """Each different text is spelled once."""
        codes, different = pd.factorize(values.to_numpy(dtype=object), use_na_sentinel=True)
        texts = [str(text) for text in different.tolist()]
        long = [len(text) > MOST_CHARACTERS for text in texts]
        if any(long):
            self.shortened += int(np.array([*long, False])[codes].sum())
        known = [workbook.text_cell(safe_text(text)) for text in texts]
        known.append("<c/>")
        return [known[code] for code in codes.tolist()]


def safe_text(text: str) -> str:
    """As XML may hold it: characters it can't are written `_x000B_`, as Excel does."""
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 1] + "…"
    return escape(_CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)).replace("\r", "&#13;")


def _headings(table: Table) -> list[str]:
    names: list[str] = []
    for column in table.columns:
        if column.kind == "time":
            names += [f"{column.name} [{table.facts.timezone}]", f"{column.name} UTC offset"]
        else:
            names.append(column.name)
    return names


def _width(column: Column) -> int:
    return {"time": 22, "text": 24}.get(column.kind, 14)


def _moments(frame: pd.DataFrame, timezone: str, exact: Exactness) -> list[list[str]]:
    """Times as Excel counts them, and the offset each has; what is a date has no time of day and no offset."""
    utc = pd.DatetimeIndex(frame["time"]).tz_convert("UTC").floor(exact).as_unit("ns").asi8
    if not len(utc):
        return [[], []]
    runs = offsets(int(utc.min()), int(utc.max()) + 1, timezone)
    ahead = np.array([minutes(run.nanoseconds) for run in runs], dtype=np.int64)
    own = np.searchsorted(np.array([run.start for run in runs], dtype=np.int64), utc, side="right") - 1
    days, rest = np.divmod(utc + ahead[own] * MINUTE - _EPOCH, _DAY)
    serial = (days + rest / _DAY).tolist()
    ends = [workbook.text_cell(offset_text(value)) for value in ahead.tolist()]
    cells = [f'<c s="1"><v>{value!r}</v></c>' for value in serial]
    offset_cells = [ends[place] for place in own.tolist()]
    if DATED in frame:
        dated = frame[DATED].notna().to_numpy()
        days = (frame[DATED][dated].to_numpy(dtype=np.int64) - _EPOCH) // _DAY
        for place, day in zip(np.flatnonzero(dated).tolist(), days.tolist(), strict=True):
            cells[place], offset_cells[place] = f'<c s="3"><v>{day}</v></c>', "<c/>"
    return [cells, offset_cells]

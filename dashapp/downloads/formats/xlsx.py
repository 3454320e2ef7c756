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
from dashapp.downloads.table import Column, Hashed, Table, Tally, for_spreadsheets, proof, spreadsheet_names
from dashapp.downloads.zipping import ZipStream
from metricstore.catalogue import Exactness
from metricstore.spelling import dates_in, numeric, utc_offset, wall_clock

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
        now, table = datetime.now(UTC), for_spreadsheets(table)
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
        names = spreadsheet_names(self.table)
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
            return _moments(frame, column.key, self.table.facts.timezone, self.table.exact)
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


def _width(column: Column) -> int:
    return {"time": 22, "text": 24}.get(column.kind, 14)


def _moments(frame: pd.DataFrame, name: str, timezone: str, exact: Exactness) -> list[list[str]]:
    """Times as Excel counts them, and the offset each has; what is a date has no time of day and no offset."""
    values = frame[name]
    wall, ahead, own = wall_clock(values.dt.floor(exact), timezone)
    days, rest = np.divmod(wall - _EPOCH, _DAY)
    serial = (days + rest / _DAY).tolist()
    ends = [workbook.text_cell(utc_offset(value)) for value in ahead.tolist()]
    clocks, offsets = [f'<c s="1"><v>{value!r}</v></c>' for value in serial], [ends[place] for place in own.tolist()]
    for place in np.flatnonzero(values.isna().to_numpy(dtype=bool)).tolist():
        clocks[place] = offsets[place] = "<c/>"
    for place, date in dates_in(frame, name):
        clocks[place], offsets[place] = f'<c s="3"><v>{(date - _EPOCH) // _DAY}</v></c>', "<c/>"
    return [clocks, offsets]

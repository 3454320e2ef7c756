"""Files as sheets of records: text with its separator found out, spreadsheets by a program of their own."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
_PROGRAM = Path(__file__).with_name("workbook.py")
_SECONDS = 90
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

csv.field_size_limit(2**24)


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    """It begins at, counted from 1."""
    end: int
    """How many lines of the file were read for it, those before it included."""
    cells: Sequence[object]


class Unreadable(Exception):
    """The file can't be read as what it is; says why and what to do."""


def is_spreadsheet(data: bytes) -> bool:
    """Whether bytes are those of XLSX, XLS or ODS, whatever the file is called."""
    return data.startswith((_ZIP, _OLE))


@dataclass(frozen=True)
class TextSheet:
    """A file of separated values."""

    lines: Sequence[str]
    delimiters: Sequence[str]
    """To be tried; only one where the file itself says it (`sep=;`)."""
    start: int
    ended: bool
    """Whether the last line has its line end: else somebody may be writing it."""
    name: str = ""

    def records(self, delimiter: str, start: int | None = None, width: int = 0) -> Iterator[Record]:
        """Records from a line on; quoted line ends stay in their record. With a `width`, a record over several lines that
        has another number of cells is a quote nobody closed: its first line stands alone, and the others are read again.
        """
        start = self.start if start is None else start
        while start < len(self.lines):
            reader = csv.reader((self.lines[place] for place in range(start, len(self.lines))), delimiter=delimiter)
            first, begun = start, start
            for cells in reader:
                first, end = begun, start + reader.line_num
                if width and end > first + 1 and not fits(cells, width):
                    yield Record(first + 1, end, next(csv.reader([self.lines[first]], delimiter=delimiter)))
                    break
                if any(cell.strip() for cell in cells):
                    yield Record(first + 1, end, cells)
                begun = end
            else:
                return
            start = first + 1


@dataclass(frozen=True)
class GridSheet:
    """A sheet of a spreadsheet: cells are texts, numbers, dates or None."""

    rows: Sequence[Sequence[object]]
    name: str
    delimiters: Sequence[str] = ("",)
    ended: bool = True

    def records(self, delimiter: str, start: int = 0, width: int = 0) -> Iterator[Record]:
        for place in range(start, len(self.rows)):
            if any(cell not in (None, "") for cell in self.rows[place]):
                yield Record(place + 1, place + 1, self.rows[place])


Sheet = TextSheet | GridSheet


def fits(cells: Sequence[object], width: int) -> bool:
    """Whether a record has the header's cells and nothing beyond them."""
    return len(cells) >= width and not any(str(cell).strip() for cell in cells[width:] if cell is not None)


def text_sheet(text: str) -> TextSheet:
    lines = io.StringIO(text.lstrip("\ufeff"), newline="").readlines()
    told = lines[0].strip().strip('"').lower() if lines else ""
    if told.startswith("sep=") and len(lines[0].strip().strip('"')) <= len("sep=;"):
        mark = lines[0].strip("\r\n").strip('"')[len("sep=") :] or ","
        return TextSheet(lines, (mark,), 1, text.endswith(("\n", "\r")))
    return TextSheet(lines, DELIMITERS, 0, text.endswith(("\n", "\r")))


def workbook_sheets(data: bytes) -> list[GridSheet]:
    """All sheets of a spreadsheet. Raises Unreadable."""
    command = [sys.executable, "-I", str(_PROGRAM)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        raise Unreadable(f"is a spreadsheet that can't be read within {_SECONDS} seconds") from None
    lines = done.stdout.splitlines()
    last = _document(lines[-1]) if lines else None
    if not isinstance(last, dict) or not last.keys() & {"end", "error"}:
        raise Unreadable("is a spreadsheet that needs more than 1 GB of memory or is damaged; save it as CSV")
    if last.get("error") == "password":
        raise Unreadable("is a spreadsheet that is protected by a password; save it without one")
    if "error" in last:
        raise Unreadable(f"is a spreadsheet that can't be read ({last['error']}); export it again or save it as CSV")
    sheets: list[GridSheet] = []
    rows: list[list[object]] = []
    for line in lines[:-1]:
        document = json.loads(line)
        if isinstance(document, dict):
            rows = []
            sheets.append(GridSheet(rows, str(document["sheet"])))
        else:
            rows.append([_cell(cell) for cell in document])
    return sheets


def _cell(cell: object) -> object:
    if isinstance(cell, dict):
        return datetime.fromisoformat(cell["date"])
    return cell


def _document(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None

"""CSV files and SQLite databases to rows. The CSV part is pure; the SQLite part only reads."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from collectors.engagement.layouts import LAYOUTS, METRICS_LAYOUTS, Layout, layout_of, plain_name
from collectors.engagement.rows import Rejected, Row, row_of

_DELIMITERS = (",", ";", "\t", "|")
_HEADER_LINES = 10
"""How many lines of preface an export may have."""
_BUSY_SECONDS = 2.0
_TABLES = ("metrics", "content_performance")

csv.field_size_limit(2**24)


@dataclass
class Table:
    """What a file holds. `layout` None: none of the kinds we know."""

    layout: Layout | None
    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unfinished: bool = False
    """The last row lacks cells and its line end: somebody may be writing it."""


class Busy(Exception):
    """The database is locked or being written: try later."""


class Damaged(Exception):
    """No SQLite database, or a broken one."""


def read_csv(text: str, zone: ZoneInfo, file: str, layouts: tuple[Layout, ...] = LAYOUTS) -> Table:
    """All rows of an export or of metrics.csv, told apart by the header."""
    lines = io.StringIO(text.lstrip("\ufeff"), newline="").readlines()
    for delimiter in _DELIMITERS:
        for _, record in zip(range(_HEADER_LINES), _records(lines, delimiter), strict=False):
            columns = [plain_name(cell) for cell in record.cells]
            layout = layout_of(columns, layouts)
            if layout is not None:
                rest = _records(lines, delimiter, record.end, len(columns))
                return _body(layout, columns, rest, zone, file, len(lines), ended=text.endswith(("\n", "\r")))
    return Table(None)


@dataclass(frozen=True)
class _Record:
    line: int
    """It begins at, counted from 1."""
    end: int
    """How many lines of the file were read for it, those before it included."""
    cells: list[str]


def _records(lines: list[str], delimiter: str, start: int = 0, width: int = 0) -> Iterator[_Record]:
    """Records from a line on; quoted line ends stay in their record. With a `width`, a record over several lines that
    has another number of cells is a quote nobody closed: its first line stands alone, and the others are read again."""
    while start < len(lines):
        reader = csv.reader((lines[place] for place in range(start, len(lines))), delimiter=delimiter)
        first, begun = start, start
        for cells in reader:
            first, end = begun, start + reader.line_num
            if width and end > first + 1 and not _fits(cells, width):
                yield _Record(first + 1, end, next(csv.reader([lines[first]], delimiter=delimiter)))
                break
            if any(cell.strip() for cell in cells):
                yield _Record(first + 1, end, cells)
            begun = end
        else:
            return
        start = first + 1


def _body(
    layout: Layout, columns: list[str], records: Iterable[_Record], zone: ZoneInfo, file: str, size: int, *, ended: bool
) -> Table:
    table = Table(layout)
    for record in records:
        cells = record.cells
        if len(cells) < len(columns) and record.end == size and not ended:
            table.unfinished = True
        try:
            if not _fits(cells, len(columns)):
                raise ValueError(f"row has {len(cells)} cells, the header {len(columns)}")
            table.rows.append(row_of(layout, _cells(columns, cells), zone, file, record.line))
        except ValueError as error:
            table.rejected.append(Rejected(record.line, str(error), ",".join(cells)[:500]))
    return table


def _fits(cells: list[str], width: int) -> bool:
    return len(cells) >= width and not any(cell.strip() for cell in cells[width:])


def _cells(columns: list[str], cells: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for column, cell in zip(columns, cells, strict=False):
        found.setdefault(column, cell)
    return found


def read_database(path: Path, zone: ZoneInfo, file: str) -> Table:
    """Rows of the tables `metrics` and `content_performance`; later rows of the same identity replace earlier ones.

    Opened for reading only; Busy while a writer holds it, Damaged when it is no database. `line` is the row's id.
    """
    found = Table(METRICS_LAYOUTS[0])
    try:
        with closing(_connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            kinds = "SELECT name FROM sqlite_master WHERE type = 'table'"
            there = {row["name"].lower() for row in connection.execute(kinds)}
            for name in _TABLES:
                if name in there:
                    _read_table(connection, name, zone, file, found)
    except sqlite3.OperationalError as error:
        raise Busy(str(error)) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise Damaged(str(error)) from None
    return found


def _connect(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if "unable to open" not in str(error) or path.with_name(f"{path.name}-wal").exists():
            raise
        # a write-ahead-log database in a folder we must not write to, and nobody has it open
        return sqlite3.connect(f"{address}&immutable=1", uri=True, timeout=_BUSY_SECONDS)
    return connection


def _read_table(connection: sqlite3.Connection, name: str, zone: ZoneInfo, file: str, found: Table) -> None:
    place = f"{file}#{name}"
    for number, record in enumerate(
        connection.execute(f'SELECT rowid AS row_place, * FROM "{name}" ORDER BY rowid'), 1
    ):
        cells: Mapping[str, object] = {plain_name(key): record[key] for key in record.keys()}  # noqa: SIM118 - a Row's keys
        line = int(cells["row place"]) if isinstance(cells["row place"], int) else number
        layout = layout_of(cells, METRICS_LAYOUTS)
        try:
            if layout is None:
                raise ValueError(f"table {name} has other columns than metrics have")
            found.rows.append(row_of(layout, {key: _plain(value) for key, value in cells.items()}, zone, place, line))
        except ValueError as error:
            found.rejected.append(Rejected(line, f"{name}: {error}", repr(dict(cells))[:500]))
            if layout is None:
                return


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

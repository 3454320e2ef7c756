"""SQLite databases of metrics to rows; they are only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from collectors.engagement.bodies import FIELD_LOST
from collectors.engagement.conflicts import settled
from collectors.engagement.dates import DateColumn, date_column
from collectors.engagement.languages import plain_name
from collectors.engagement.layouts import METRICS_LAYOUTS, layout_of
from collectors.engagement.rows import Columns, Rejected, Row, row_of
from collectors.isolation import EXCERPT_CHARACTERS, NOT_THE_RECORD, reason_of

_BUSY_SECONDS = 2.0
_TABLES = ("metrics", "content_performance")


@dataclass
class Records:
    """What a database holds."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class Busy(Exception):
    """The database is locked or being written: try later."""


class Damaged(Exception):
    """Not an SQLite database, or a broken one."""


def read_database(path: Path, zone: ZoneInfo, file: str) -> Records:
    """Rows of the tables `metrics` and `content_performance`; later rows of the same identity replace earlier ones.

    Opened for reading only; Busy while a writer holds it, Damaged when it isn't a database. `line` is the row's id.
    """
    found = Records()
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


def _read_table(connection: sqlite3.Connection, name: str, zone: ZoneInfo, file: str, found: Records) -> None:
    records = [
        {plain_name(key): _plain(record[key]) for key in record.keys()}  # noqa: SIM118 - a Row's keys
        for record in connection.execute(f'SELECT rowid AS row_place, * FROM "{name}" ORDER BY rowid')
    ]
    layout = layout_of(records[0], METRICS_LAYOUTS) if records else None
    if records and layout is None:
        reason = f"{name}: table {name} has other columns than metrics have"
        found.rejected.append(Rejected(_line(records[0], 1), reason, repr(records[0])[:EXCERPT_CHARACTERS]))
    if layout is None:
        return
    columns = Columns({column: _dates(records, column) for column in layout.dates if column in records[0]})
    rows: list[Row] = []
    for number, cells in enumerate(records, 1):
        line = _line(cells, number)
        faults: list[str] = []
        try:
            row, faults = row_of(layout, columns, cells, zone, f"{file}#{name}", line)
            rows.append(row)
            faults = [f"{fault}{FIELD_LOST}" for fault in faults]
        except NOT_THE_RECORD:
            raise
        except ValueError as failure:
            faults = [str(failure)]
        except Exception as failure:  # whatever a record holds, the next one is read
            faults = [reason_of(failure)]
        excerpt = repr(dict(cells))[:EXCERPT_CHARACTERS]
        found.rejected.extend(Rejected(line, f"{name}: {fault}", excerpt) for fault in faults)
    found.rows.extend(settled(rows))


def _dates(records: list[dict[str, object]], column: str) -> DateColumn:
    return date_column((cells.get(column) for cells in records), None, None)


def _line(cells: Mapping[str, object], number: int) -> int:
    place = cells.get("row place")
    return place if isinstance(place, int) else number


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

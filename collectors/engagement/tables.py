"""Tables in sheets: where one begins, what kind it is, which records are its rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from collectors.engagement.dates import is_date, says_total
from collectors.engagement.identities import network_of_link
from collectors.engagement.languages import Header, header_of, plain_name
from collectors.engagement.layouts import LAYOUTS, Layout, figure_names, layout_of, topic_of_others
from collectors.engagement.numbers import is_count
from collectors.engagement.sheets import GridSheet, Record, Sheet, TextSheet, fits

_HEADER_WITHIN = 60
"""How many records of preface an export may have."""
MOST_COLUMNS = 1_000
"""A wider table isn't an export."""
_WORDS_OF_A_NOTE = 2
_FIRST_ROWS = 50
"""How many rows a first look judges a table by."""


@dataclass
class Table:
    layout: Layout
    header: Header
    line: int
    """Of the header."""
    sheet: str
    title: str = ""
    """The text that stands alone above the header."""
    records: list[Record] = field(default_factory=list)
    unfinished: bool = False
    """The last row lacks cells and its line end: somebody may be writing it."""

    @property
    def width(self) -> int:
        names = self.header.names
        return max((place + 1 for place, name in enumerate(names) if name), default=0)


@dataclass(frozen=True)
class Unknown:
    """The row of a sheet that looks most like a header, where no layout has its columns."""

    line: int
    cells: tuple[str, ...]
    figures: int
    """How many of its columns are figures of posts by name."""
    about: str | None
    """A known export without figures of posts: what it is about."""
    sheet: str
    links: bool
    """Whether addresses of posts stand below it, beside numbers."""
    dated: bool
    """Whether a column of days stands below it, beside numbers."""


def tables_of(sheet: Sheet, layouts: tuple[Layout, ...] = LAYOUTS) -> list[Table]:
    """The tables of a sheet; none when none of its first records is a header that is known."""
    for delimiter in sheet.delimiters:
        title = ""
        for record in islice(sheet.records(delimiter), _HEADER_WITHIN):
            found = _table_at(record, layouts, sheet.name)
            if found is not None:
                found.title = title
                return _bodies(sheet, delimiter, found, record, layouts)
            title = _alone(record)
    return []


def unknown_header(sheet: Sheet) -> Unknown | None:
    """What a sheet that holds no known table looks like; None for one without a header."""
    best: Unknown | None = None
    for delimiter in sheet.delimiters:
        records = list(islice(sheet.records(delimiter), _HEADER_WITHIN + _FIRST_ROWS))
        for place, record in enumerate(records[:_HEADER_WITHIN]):
            texts = tuple(str(cell).strip() for cell in record.cells if isinstance(cell, str) and cell.strip())
            if len(texts) < 2 or any(is_date(text) for text in texts):
                continue
            if len(record.cells) > MOST_COLUMNS:
                return Unknown(record.line, texts, 0, None, sheet.name, links=False, dated=True)
            found = _judged(record, texts, records[place + 1 : place + 1 + _FIRST_ROWS], sheet.name)
            if best is None or _weight(found) > _weight(best):
                best = found
    return best


def _weight(found: Unknown) -> tuple[bool, int, bool, int, int]:
    return (found.about is not None, found.figures, found.links, len(found.cells), -found.line)


def _judged(record: Record, texts: tuple[str, ...], below: Sequence[Record], sheet: str) -> Unknown:
    names = header_of(record.cells).names
    figures = len(set(names) & figure_names())
    rows = [row.cells for row in below if len(row.cells) >= 2]
    counts = [sum(is_count(cell) for cell in cells) for cells in rows]
    linked = sum(number > 1 and any(map(network_of_link, cells)) for number, cells in zip(counts, rows, strict=True))
    dated = sum(number > 0 and any(map(_is_day, cells)) for number, cells in zip(counts, rows, strict=True))
    enough = max(1, len(rows) // 2)
    return Unknown(record.line, texts, figures, topic_of_others(names), sheet, linked >= enough, dated >= enough)


def _table_at(record: Record, layouts: tuple[Layout, ...], sheet: str) -> Table | None:
    cells = record.cells
    if len(cells) > MOST_COLUMNS or sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells) < 2:
        return None
    header = header_of(cells)
    layout = layout_of(header.names, layouts)
    return None if layout is None else Table(layout, header, record.line, sheet)


def _bodies(sheet: Sheet, delimiter: str, table: Table, head: Record, layouts: tuple[Layout, ...]) -> list[Table]:
    """The records below a header; a further header among them begins a further table."""
    tables = [table]
    width = table.width if isinstance(sheet, TextSheet) else 0
    size = len(sheet.rows if isinstance(sheet, GridSheet) else sheet.lines)
    for record in sheet.records(delimiter, head.end, width):
        further = _further_table(record, layouts, sheet.name)
        if further is not None:
            above = tables[-1].records
            further.title = _alone(above[-1]) if above else ""
            if further.title:
                above.pop()
            tables.append(further)
            continue
        current = tables[-1]
        current.records.append(record)
        if len(record.cells) < current.width and record.end == size and not sheet.ended:
            current.unfinished = True
    for one in tables:
        one.records = _without_notes(one.records)
    return tables


def _further_table(record: Record, layouts: tuple[Layout, ...], sheet: str) -> Table | None:
    if any(
        not isinstance(cell, str) or any(sign.isdigit() for sign in cell) for cell in record.cells if cell is not None
    ):
        return None  # a header has names alone
    return _table_at(record, layouts, sheet)


def _without_notes(records: list[Record]) -> list[Record]:
    """Without sums, and without the remarks that stand below a table."""
    rows = [record for record in records if not _is_total(record)]
    while rows and _is_note(rows[-1]):
        rows.pop()
    return rows


def _is_total(record: Record) -> bool:
    return any(says_total(cell) for cell in record.cells[:2]) and not any(map(_is_day, record.cells))


def _is_day(cell: object) -> bool:
    return not is_count(cell) and is_date(cell)


def _is_note(record: Record) -> bool:
    return len(plain_name(_alone(record)).split()) > _WORDS_OF_A_NOTE


def _alone(record: Record) -> str:
    """The text of a record that has one cell alone, which isn't a day; empty for others."""
    filled = [cell for cell in record.cells if cell is not None and str(cell).strip()]
    return filled[0] if len(filled) == 1 and isinstance(filled[0], str) and not is_date(filled[0]) else ""


def groups_of(table: Table) -> list[list[tuple[int, str]]]:
    """The table's columns (place, name); several lists where rankings stand side by side, each beginning with the same column."""
    columns = [(place, name) for place, name in enumerate(table.header.names) if name]
    if not table.layout.side_by_side:
        return [columns]
    groups: list[list[tuple[int, str]]] = []
    for place, name in columns:
        if not groups or name in [known for _, known in groups[-1]]:
            groups.append([])
        groups[-1].append((place, name))
    return groups


def cells_of(record: Record, columns: Iterable[tuple[int, str]]) -> dict[str, object]:
    """A record's cells by column name; of equal names the first counts."""
    found: dict[str, object] = {}
    for place, name in columns:
        if place < len(record.cells):
            found.setdefault(name, record.cells[place])
    return found


def complete(record: Record, table: Table, *, spreadsheet: bool) -> None:
    """ValueError when a record of a text file has not the header's cells."""
    if not spreadsheet and not fits(record.cells, table.width):
        raise ValueError(f"row has {len(record.cells)} cells, the header {table.width}")

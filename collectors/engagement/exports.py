"""One export file, from its bytes to rows, dead letters and what should be said of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from collectors.engagement.bodies import Body, read_body
from collectors.engagement.layouts import LAYOUTS, METRICS_LAYOUTS, Layout
from collectors.engagement.rows import Rejected, Row
from collectors.engagement.sheets import GridSheet, Sheet, Unreadable, is_spreadsheet, text_sheet, workbook_sheets
from collectors.engagement.shortfalls import from_none, too_few, unknown
from collectors.engagement.tables import Table, tables_of, unknown_header
from collectors.isolation import EXCERPT_CHARACTERS
from collectors.reading import decoded
from collectors.tailing.encodings import CODE_PAGE

_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)", re.I)


@dataclass
class Export:
    """What one file holds."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What was not understood though it looks like figures of posts; a sentence each, without the file's name."""
    known: bool = False
    """Whether it has a table of a known layout."""
    unfinished: bool = False
    """Somebody may be writing its last row."""


def read_export(data: bytes, zone: ZoneInfo, file: str, *, named: bool = False, code_page: str = CODE_PAGE) -> Export:
    """`named`: somebody means this very file to be read, so anything that can't be is worth a warning."""
    try:
        if _WEB_PAGE.match(data[:1024]):
            raise Unreadable(
                "is a web page, whatever its name says; open it in a spreadsheet program and save it as CSV"
            )
        sheets: list[Sheet] = (
            [*workbook_sheets(data)] if is_spreadsheet(data) else [text_sheet(decoded(data, code_page))]
        )
    except Unreadable as failure:
        return Export(rejected=[Rejected(0, str(failure), "")], warnings=[str(failure)])
    return _read(sheets, LAYOUTS, zone, file, named=named)


def read_metrics(data: bytes, zone: ZoneInfo, file: str, *, code_page: str = CODE_PAGE) -> Export:
    """metrics.csv: text, whose header may stand alone before the first post."""
    export = _read([text_sheet(decoded(data, code_page))], METRICS_LAYOUTS, zone, file, named=True)
    return replace(export, warnings=export.warnings if export.rejected else [])


def _read(sheets: list[Sheet], layouts: tuple[Layout, ...], zone: ZoneInfo, file: str, *, named: bool) -> Export:
    export = Export()
    spreadsheet = any(isinstance(sheet, GridSheet) for sheet in sheets)
    by_sheet = [(sheet, tables_of(sheet, layouts)) for sheet in sheets]
    there = {table.layout.name for _, tables in by_sheet for table in tables}
    left = []
    for sheet, tables in by_sheet:
        usable = [table for table in tables if not table.layout.only_beside or table.layout.only_beside in there]
        for table in usable:
            _add(export, table, read_body(table, zone, file, spreadsheet=spreadsheet), spreadsheet=spreadsheet)
        if not usable:
            left.append(sheet)
    if not export.known:
        _add_unknown(export, left, file, named=named)
    return export


def _add(export: Export, table: Table, body: Body, *, spreadsheet: bool) -> None:
    place = f"sheet {table.sheet}, " if spreadsheet else ""
    export.known = True
    export.unfinished = export.unfinished or table.unfinished
    export.rows.extend(body.rows)
    export.rejected.extend(
        replace(one, reason=f"{place}{one.reason}" if place else one.reason) for one in body.rejected
    )
    export.warnings.extend(too_few(table, body, place))
    if body.by_day:
        export.rejected.append(
            Rejected(table.line, export.warnings[-1], ",".join(table.header.names)[:EXCERPT_CHARACTERS])
        )


def _add_unknown(export: Export, sheets: Iterable[Sheet], file: str, *, named: bool) -> None:
    headers = [found for sheet in sheets if (found := unknown_header(sheet)) is not None]
    best = max(
        headers,
        key=lambda one: (one.about is not None, one.figures, one.links, one.dated, len(one.cells)),
        default=None,
    )
    if best is not None:
        export.warnings.extend(unknown(best, file, named=named))
    elif named:
        export.warnings.append(from_none())
    line, cells = (best.line, ",".join(best.cells)) if best else (0, "")
    export.rejected.extend(Rejected(line, text, cells[:EXCERPT_CHARACTERS]) for text in export.warnings)

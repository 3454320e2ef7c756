"""The rows of a table, read with what all of them tell about its columns. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from collectors.engagement.conflicts import settled
from collectors.engagement.dates import date_column, is_date, iso_day, midnight
from collectors.engagement.identities import are_cut, is_cut, network_in_words, network_of_link
from collectors.engagement.languages import header_of, plain_name
from collectors.engagement.layouts import IDENTITY, LINKS, VALUE, Layout, figure_named, narrowed
from collectors.engagement.rows import Columns, Rejected, Row, first_given, given, row_identity, row_of
from collectors.engagement.sheets import Record
from collectors.engagement.tables import Table, cells_of, complete, groups_of
from collectors.isolation import EXCERPT_CHARACTERS, NOT_THE_RECORD, reason_of

FIELD_LOST = "; the row's other figures are read"
"""Ends the reason of a dead letter that cost one figure alone."""
_LIFETIME_COLUMN = "date"
"""Where Meta's exports say for which days a row's figures are: `Lifetime`, `Total` or one day."""


_LINKING_WORDS = frozenset(("page", "de", "del", "da", "do", "di", "su", "sur", "em", "no", "von", "auf", "van", "op"))
"""What stands between a figure and a network in titles: `Alcance de Facebook`."""


@dataclass
class Body:
    """What a table holds."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    total: int = 0
    """How many records it has that should be rows."""
    unclear: bool = False
    """Nothing of it is read, for the reason that its one rejected record has."""
    by_day: int = 0
    """Of those, how many have the figures of one day of a post, which can't be added up."""


Cells = Mapping[str, object]
_DONE: tuple[Record, Cells] = (Record(0, 0, ()), {})
"""Stands for a record that is read and need not be held any longer."""


def read_body(table: Table, zone: ZoneInfo, file: str, *, spreadsheet: bool = False) -> Body:
    """All rows of a table; a record that can't be read costs itself alone."""
    body = Body(total=len(table.records))
    layout = _titled(table) if table.layout.titled else table.layout
    if layout is None:
        reason = f"the title {table.title!r} above it does not say which figure of which network it holds"
        body.rejected = [_rejected(record, reason) for record in table.records[:1]]
        body.unclear = bool(table.records)
        return body
    layout = narrowed(layout, table.header.names)
    whole = list(_records(table, body, spreadsheet=spreadsheet))
    table.records = []
    columns = _columns(table, [cells for _, cells in whole])
    whole = _of_the_lifetime(layout, whole, body)
    rows: list[Row] = []
    for place, (record, cells) in enumerate(whole):
        whole[place] = _DONE
        try:
            row, faults = row_of(layout, columns, cells, zone, file, record.line)
            former = _former(layout, columns, cells, row, zone)
            rows.append(replace(row, former=former) if former else row)
        except NOT_THE_RECORD:
            raise
        except ValueError as failure:
            body.rejected.append(_rejected(record, str(failure)))
        except Exception as failure:  # whatever a record holds, the next one is read
            body.rejected.append(_rejected(record, reason_of(failure)))
        else:
            body.rejected.extend(_rejected(record, f"{fault}{FIELD_LOST}") for fault in faults)
    body.rows = settled(rows, layout)
    return body


def _titled(table: Table) -> Layout | None:
    """The layout of a table whose title says what it holds: `Instagram reach`, `Alcance de Facebook`."""
    network = network_in_words(table.title)
    words = [word for word in plain_name(table.title).split() if word not in (network, "x", *_LINKING_WORDS)]
    figure = figure_named(header_of([" ".join(words)]).names[0])
    if network is None or figure in (None, "followers"):  # there `followers` are those won that day
        return None
    return replace(table.layout, platform=network, counts={figure: (VALUE,)}, figure=figure)


def _records(table: Table, body: Body, *, spreadsheet: bool) -> Iterator[tuple[Record, Cells]]:
    groups = groups_of(table)
    if len(groups) > 1:
        yield from _merged(table, groups, body)
        return
    for record in table.records:
        try:
            complete(record, table, spreadsheet=spreadsheet)
        except ValueError as failure:
            body.rejected.append(_rejected(record, str(failure)))
        else:
            yield record, cells_of(record, groups[0])


def _merged(table: Table, groups: Sequence[Sequence[tuple[int, str]]], body: Body) -> Iterator[tuple[Record, Cells]]:
    """Posts of rankings side by side, each with what all of them say of it."""
    found: dict[str, tuple[Record, dict[str, object]]] = {}
    for record in table.records:
        for group in groups:
            cells = cells_of(record, group)
            link = first_given(cells, LINKS)
            if network_of_link(link) is None:
                continue  # one ranking is shorter than the other; what LinkedIn fills up with is no address
            _, known = found.setdefault(str(link), (record, {}))
            known |= {name: cell for name, cell in cells.items() if given(cell)}
    body.total = len(found)
    yield from found.values()


def _columns(table: Table, rows: Sequence[Cells]) -> Columns:
    names = set(table.header.names)
    dates = {
        name: date_column(
            (cells.get(name) for cells in rows),
            table.layout.order,
            table.header.language.order,
            table.header.said.get(name, ""),
        )
        for name in table.layout.dates
        if name in names
    }
    ids = [name for name in table.layout.identity if name in names and name.endswith("id")]
    return Columns(
        dates, frozenset(name for name in ids if are_cut(cells[name] for cells in rows if given(cells.get(name))))
    )


def _of_the_lifetime(layout: Layout, rows: list[tuple[Record, Cells]], body: Body) -> list[tuple[Record, Cells]]:
    """Without the rows that break a post's figures down by day: people reached on several days can't be added up."""
    if not layout.by_link or _LIFETIME_COLUMN in layout.dates:
        return rows
    posts = Counter(str(first_given(cells, layout.identity)) for _, cells in rows)
    kept = [
        (record, cells)
        for record, cells in rows
        if posts[str(first_given(cells, layout.identity))] < 2 or not is_date(cells.get(_LIFETIME_COLUMN))
    ]
    body.by_day = len(rows) - len(kept)
    if body.by_day and {str(first_given(cells, layout.identity)) for _, cells in kept} >= posts.keys():
        body.total -= body.by_day  # every post has a row for all its days
        body.by_day = 0
    return kept


def _former(layout: Layout, columns: Columns, cells: Cells, row: Row, zone: ZoneInfo) -> tuple[tuple[int, str], ...]:
    """Where versions before 2026-11 stored this row, if elsewhere: they read every 03/04/2026 month first, and cut ids as they are."""
    named = first_given(cells, IDENTITY) if layout.grain == "post" and layout.identity else None
    cut = named is not None and any(name in columns.cut and is_cut(cells.get(name)) for name in IDENTITY)
    name = next((name for name in layout.dates if given(cells.get(name))), "")
    written, time = cells.get(name), row.time
    if row.date is None and isinstance(written, str):
        day = columns.dates[name].former_day(written)
        time = time if day is None else midnight(day, zone)
    elif isinstance(written, str) and "/" in written:
        try:
            time = midnight(datetime.strptime(written.strip(), "%m/%d/%Y").date(), zone)  # noqa: DTZ007 - a day
        except ValueError:
            return ()
    if time == row.time and not cut:
        return ()
    if cut:
        about: list[object] = [str(named).strip()]
    elif layout.grain != "post":
        about = []
    elif named is not None:
        about = [str(named).strip()]
    else:
        text = str(first_given(cells, layout.topics) or "")
        about = [row.fields.get("post_number"), " ".join(text.split())]
    return ((time, row_identity(row.platform, row.grain, iso_day(time, zone), about)),)


def _rejected(record: Record, reason: str) -> Rejected:
    cells = (("" if cell is None else str(cell)) for cell in record.cells)
    return Rejected(record.line, reason, ",".join(cells)[:EXCERPT_CHARACTERS])

"""One accessible table for records: the server sorts, filters and pages; cells of dimensions filter the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import pandas as pd
from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.field_texts import decimals_of, field_text, is_absent
from layouts.formats import NOTHING, column_name, moment
from layouts.markup import Field, TablePanel
from layouts.states import go, skeleton
from layouts.tables import Table, dicts
from layouts.value_names import name_of
from metricstore.catalogue import Measurement
from metricstore.dates import DATED

LONG_TEXT = 240
_VERBATIM = {
    ("log_record", "message"),
    ("dead_letter", "excerpt"),
    ("collector_run", "error"),
    ("scheduling_attempt", "error"),
}
"""Columns of lines as programs wrote them."""
LONG_TAG = 24
"""Letters from which on a value may take more than one line."""


def table(shown: Table, scope: Mapping[str, str] | None = None) -> Component:
    """The table's frame; `callbacks.tables` fills its body. `scope` narrows it to the records behind a mark."""
    title = f"table-title-{shown.id}"
    state = {"sort": shown.order, "descending": shown.descending, "page": 0, "words": {}}
    records = {"measurement": shown.measurement, "table": shown.id, "columns": list(shown.columns), **(scope or {})}
    content = html.Section(
        [
            html.Div([html.H2(shown.title, id=title, className="panel-title"), _share(shown, scope)], className="table-top"),
            html.P(shown.note, className="panel-note") if shown.note else None,
            html.Div(
                html.Table(
                    [_head(shown), html.Tbody(_waiting(shown), **{"data-part": "rows"})],
                    className="table records", **{"aria-labelledby": title},
                ),
                className="table-scroll", tabIndex="0", role="region", **{"aria-label": f"{shown.title}, table; arrow keys go from Open to a row's values"},
            ),
            html.Button("Show more rows", className="button show-more", type="button", **{"data-more": "rows"}),
            _pager(shown),
        ],
        className="panel table-panel",
        style={"--columns": 12},
        **{"data-table": shown.id, "data-follows": "selection", "data-part": "panel"},
    )  # fmt: skip
    return TablePanel(id=ids.table_body(shown.id), scope=records, state=state, content=[content])


def _waiting(shown: Table) -> Component:
    return html.Tr(html.Td(skeleton(220), colSpan=len(shown.columns) + 1))


def _share(shown: Table, scope: Mapping[str, str] | None) -> Component:
    """To the table's files; a table behind a mark has no name of its own and goes by its measurement."""
    named = scope is None or not ({"chart", "value", "at"} & scope.keys())
    href = f"/share/table/{shown.id}" if named else f"/share/records/{shown.measurement}"
    return html.A("Download", href=href, className="share", **{"data-share": "table" if named else "records"})


def _head(shown: Table) -> Component:
    return html.Thead(
        [
            html.Tr([*(_sorter(shown, column) for column in shown.columns),
                     html.Th(html.Span("Details", className="sr-only"), scope="col")]),
            html.Tr([*(_word(shown, column) for column in shown.columns), html.Td()], className="filter-row"),
        ]
    )  # fmt: skip


def _sorter(shown: Table, column: str) -> Component:
    return html.Th(
        html.Button(column_name(column), className="sorter", type="button", **{"data-sort": column}),
        scope="col",
        className="numeric" if is_numeric(shown.source, column) else "",
        **{"data-column": column, "data-part": f"sort {column}", "aria-sort": "none"},
    )  # fmt: skip


def _word(shown: Table, column: str) -> Component:
    """A filter under the heading: text that must occur, or `≥5` / `≤9` for numbers."""
    if column == "time":
        return html.Td()
    source = shown.source
    numeric = is_numeric(source, column)
    moment_ = source.has_field(column) and source.field(column).moment
    # Moments are shown on the page's clock, but looked for as they are stored.
    placeholder = "≥5 or ≤9" if numeric else "contains, in UTC" if moment_ else "contains"
    return html.Td(
        html.Label([
            html.Span(f"Filter {column_name(column)}", className="sr-only"),
            Field(type="text", className="column-filter", placeholder=placeholder, autoComplete="off", **{"data-word": column}),
        ]),
        className="numeric" if numeric else "",
    )  # fmt: skip


def _pager(shown: Table) -> Component:
    return html.Div(
        [
            html.Button("← Previous", className="button small", type="button", **{"data-step": "-1", "data-part": "back"}),
            html.Span(className="pager-text", **{"aria-live": "polite", "data-part": "pager"}),
            html.Button("Next →", className="button small", type="button", **{"data-step": "1", "data-part": "forth"}),
        ],
        className="pager",
    )  # fmt: skip


def rows(source: Measurement, columns: Sequence[str], frame: pd.DataFrame, timezone: str) -> list[Component]:
    """Table rows of a records frame (`time`, `_id`, columns)."""
    decimals = {
        column: decimals_of(source, column, frame[column])
        for column in columns
        if column in frame and is_numeric(source, column)
    }
    return [_row(source, columns, row, timezone, decimals) for row in dicts(frame)]


def _row(
    source: Measurement, columns: Sequence[str], row: Mapping[str, object], timezone: str, decimals: Mapping[str, int]
) -> Component:
    cells = [
        _time_cell(row, timezone) if column == "time"
        else _cell(source, column, row.get(column), timezone, decimals.get(column)) for column in columns
    ]  # fmt: skip
    link = record_link(source.name, row["time"], str(row["_id"]))  # type: ignore[arg-type]
    said = f"Open {time_text(row, timezone)}"
    cells.append(html.Td(html.Button("Open", className="link", type="button", **go(link), **{"aria-label": said})))
    return html.Tr(cells, **go(link))


def record_link(name: str, time: pd.Timestamp, identity: str) -> dict[str, str | None]:
    """The change of the query string that opens one record."""
    return {"_record": f"{name}@{time.isoformat()}@{quote(identity, safe='')}"}


def time_text(row: Mapping[str, object], timezone: str) -> str:
    """A record's time, of a date the date alone."""
    dated = row.get(DATED)
    if is_absent(dated):
        return moment(row["time"], timezone)  # type: ignore[arg-type]
    return f"{pd.Timestamp(int(dated)):%Y-%m-%d}"  # type: ignore[call-overload]


def _time_cell(row: Mapping[str, object], timezone: str) -> Component:
    return html.Td(time_text(row, timezone), className="nowrap", **{"data-label": column_name("time")})


def is_numeric(source: Measurement, column: str) -> bool:
    return source.has_field(column) and source.field(column).type != "string"


def _cell(source: Measurement, column: str, value: object, timezone: str, decimals: int | None) -> Component:
    """One value. On a phone rows become cards, where `data-label` stands before it."""
    label = {"data-label": column_name(column)}
    absent = is_absent(value)
    if column in source.dimensions:
        button = _filter_button(column, "" if absent else str(value))
        return html.Td(button, className="faint" if absent else None, **label)
    text = field_text(source, column, value, timezone, decimals)
    numeric = is_numeric(source, column)
    if absent or not text:
        return html.Td(NOTHING, className="number faint" if numeric else "faint", **label)
    if numeric:
        return html.Td(text, className="number", **label)
    if column == "excerpt" and (source.name, column) not in _VERBATIM:
        return html.Td(html.Div(text, className="begins", title=text), className="text", **label)
    short = text if len(text) <= LONG_TEXT else f"{text[:LONG_TEXT]}…"
    return html.Td(short, className="text mono" if (source.name, column) in _VERBATIM else "text", **label)


def _filter_button(column: str, text: str) -> Component:
    """Choosing what is not given ("") works like choosing a value."""
    return html.Button(
        name_of(text, column) if text else NOTHING,
        className=f"link tag value-{text.lower()}{' long' if len(text) > LONG_TAG else ''}" if text else "link faint",
        type="button",
        tabIndex="-1",  # arrow keys go there from "Open" (`51-table-keys.js`): Tab would take hundreds of steps through a page
        title=f"Filter by {name_of(text, column)}",
        **{"data-filter": column, "data-value": text},
    )

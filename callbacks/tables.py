"""Tables of records: sorted, filtered and paged by the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from callbacks.failures import explain
from layouts import ids
from layouts.as_json import as_json
from layouts.formats import inside
from layouts.states import empty, failed, search_on
from layouts.table import rows
from metricstore.catalogue import measurement
from metricstore.emptiness import of_records
from metricstore.quantities import quantity
from metricstore.query import RecordQuery
from metricstore.selection import Selection
from metricstore.store import Page
from questions.revisions import known_revisions
from questions.tables import question
from viewer.last_answers import lasting
from viewer.request_context import read_selection, store


@dataclass(frozen=True)
class Shown:
    """A page of a table: its rows, the pager's text, whether there is a page before and after."""

    body: Any
    text: str
    first: bool
    last: bool

    @property
    def parts(self) -> list[Any]:
        return [self.body, self.text, self.first, self.last]


def answer_wanted(wanted: dict[str, Any] | None, scope: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    if wanted is None:
        raise PreventUpdate
    body, page = answer_table(wanted["words"], wanted["state"], scope)
    return as_json(body), page


def answer_table(words: dict[str, str], state: dict[str, Any], scope: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """(rows, {`text` of the pager, whether it is the `first` and the `last` page, `seen`: what the rows were made from})."""
    now = datetime.now(UTC)
    seen = {"at": now.timestamp(), "revision": known_revisions(store(), [scope["measurement"]])}
    try:
        found = lasting(
            ("table", scope, state), words, lambda: page_of_records(read_selection(words), state, scope, now).parts
        )
        body, text, first, last = found.answer
        shown = Shown(body, " · ".join(filter(None, (text, found.older))), first, last)
    except Exception as error:
        sentence, error_id = explain(error, f"table of {scope['measurement']}")
        shown = Shown(_whole_row(scope, failed(sentence, error_id)), "", True, True)
    return shown.body, {"text": shown.text, "first": shown.first, "last": shown.last, "seen": seen}


def page_of_records(selection: Selection, state: dict[str, Any], scope: dict[str, Any], now: datetime) -> Shown:
    """Ask for one page. `scope` may name the chart, value and window of a mark."""
    source = measurement(scope["measurement"])
    query = question(selection, source, state, scope, now)
    page = store().records(query, count=True)
    total = page.total if page.total is not None else len(page.frame)
    if page.searched is not None:
        return _searched(query, page, page.searched, selection, scope, now)
    if page.frame.empty:
        filters = (*selection.where, *(column for column, text in (state.get("words") or {}).items() if text))
        cause = of_records(store(), query, filters)
        return Shown(_whole_row(scope, empty(cause, inside(source.title), selection, now=now)), "0 records", True, True)
    begin = query.offset + 1
    end = query.offset + len(page.frame)
    body = rows(source, scope["columns"], page.frame, selection.timezone)
    return Shown(body, f"{begin:,}–{end:,} of {total:,}", query.offset == 0, end >= total)


def _searched(
    query: RecordQuery, page: Page, edge: datetime, selection: Selection, scope: dict[str, Any], now: datetime
) -> Shown:
    """What was found in the time there was. Where the table follows the page's range, a button leads to the rest of it."""
    begin, end, found = query.offset + 1, query.offset + len(page.frame), page.total or 0
    older = ("stop" if query.descending else "start") if (query.start, query.stop) == selection.range(now) else ""
    rest = _whole_row(scope, search_on(found, edge, older, selection.timezone))
    if page.frame.empty:
        return Shown(rest, f"{quantity(found, 'records')} so far", query.offset == 0, True)
    shown = rows(query.source, scope["columns"], page.frame, selection.timezone)
    more = page.next_cursor is not None
    return Shown(
        shown if more else [*shown, rest], f"{begin:,}–{end:,} of {found:,} so far", query.offset == 0, not more
    )


def _whole_row(scope: dict[str, Any], content: Any) -> Any:
    return html.Tr(html.Td(content, colSpan=len(scope["columns"]) + 1), className="whole-row")


def register(app: Dash) -> None:
    app.callback(
        Output(ids.table_body(MATCH), "rows"),
        Output(ids.table_body(MATCH), "page"),
        Input(ids.table_body(MATCH), "wanted"),
        State(ids.table_body(MATCH), "scope"),
        prevent_initial_call=True,
    )(answer_wanted)
    app.clientside_callback(  # the browser decides when it is a table's turn
        ClientsideFunction("board", "wantTables"),
        Input(ids.SELECTION, "data"),
    )

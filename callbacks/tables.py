"""Tables of records: sorted, filtered and paged by the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from callbacks.asking import explain, known_revisions, read_selection, store
from callbacks.charts import as_asked
from callbacks.lasting import lasting
from layouts import ids
from layouts.formats import inside
from layouts.pages import TABLES, chart
from layouts.states import empty, failed
from layouts.table import PAGE_SIZE, rows
from metricstore.catalogue import Measurement, measurement
from metricstore.emptiness import of_records
from metricstore.errors import InvalidQuestion
from metricstore.query import Filter, RecordQuery
from metricstore.selection import Selection, split_values

DECLARED = {found.id: found for tables in TABLES.values() for found in tables}


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


def answer_table(
    words: dict[str, str] | None, state: dict[str, Any], tick: object, scope: dict[str, Any]
) -> tuple[Any, str, list[bool], dict[str, Any]]:
    """(rows, the pager's text, whether its two buttons are off, what the rows were made from)."""
    if words is None:
        raise PreventUpdate
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
    return shown.body, shown.text, [shown.first, shown.last], seen


def page_of_records(selection: Selection, state: dict[str, Any], scope: dict[str, Any], now: datetime) -> Shown:
    """Ask for one page. `scope` may name the chart, value and window of a mark."""
    source = measurement(scope["measurement"])
    query = question(selection, source, state, scope, now)
    page = store().records(query, count=True)
    total = page.total if page.total is not None else len(page.frame)
    if page.frame.empty:
        filters = (*selection.where, *(column for column, text in (state.get("words") or {}).items() if text))
        cause = of_records(store(), query, filters)
        return Shown(_whole_row(scope, empty(cause, inside(source.title), selection)), "0 records", True, True)
    begin = query.offset + 1
    end = query.offset + len(page.frame)
    body = rows(source, scope["columns"], page.frame, selection.timezone)
    return Shown(body, f"{begin:,}–{end:,} of {total:,}", query.offset == 0, end >= total)


def question(
    selection: Selection, source: Measurement, state: dict[str, Any], scope: dict[str, Any], now: datetime
) -> RecordQuery:
    """The selection, the mark and the table's own filters as one question for records."""
    start, stop = selection.range(now)
    where = list(selection.filters(source.columns))
    if "chart" in scope:
        start, stop = as_asked(chart(scope["chart"]), selection).range(now)
        where += _of_mark(scope, selection)
    elif (listed := DECLARED.get(scope.get("table", ""))) is not None:
        where += listed.where
        start, stop = listed.range(selection, now)
    if scope.get("at"):
        start, stop = (datetime.fromisoformat(moment) for moment in scope["at"].split("~"))
    for column, text in (state.get("words") or {}).items():
        where += conditions(source, column, text)
    columns = tuple(column for column in scope["columns"] if column != "time")
    return RecordQuery(
        source.name, start, stop, tuple(where), columns, state["sort"], state["descending"], PAGE_SIZE,
        state["page"] * PAGE_SIZE, timezone=selection.timezone,
    ).checked()  # fmt: skip


def _of_mark(scope: dict[str, Any], selection: Selection) -> list[Filter]:
    """A share is shown by all the records it was judged on, a count by those counted."""
    declared = chart(scope["chart"])
    measure = declared.declared.judged
    found = list(measure.conditions({*selection.where, *declared.by}))
    if "value" in scope and declared.click_dimension:
        found.extend(Selection(where={declared.click_dimension: split_values(scope["value"])}).filters())
    return found


def conditions(source: Measurement, column: str, text: str) -> list[Filter]:
    """What is typed under a heading: text that must occur; `>=5`, `<=9` or a plain number for numbers."""
    text = (text or "").strip()
    if not text:
        return []
    if not source.has_field(column) or source.field(column).type == "string":
        return [Filter(column, "contains", (text,))]
    found = []
    for word in text.split():
        sign = word[:2] if word[:2] in (">=", "<=") else ""
        try:
            value = float(word[len(sign):])  # fmt: skip
        except ValueError:
            raise InvalidQuestion(column, f"{word!r} isn't a number; write 5, >=5 or <=9") from None
        found += [Filter(column, kind, (value,)) for kind in ("min", "max")
                  if not sign or (sign == ">=") == (kind == "min")]  # fmt: skip
    return found


def _whole_row(scope: dict[str, Any], content: Any) -> Any:
    return html.Tr(html.Td(content, colSpan=len(scope["columns"]) + 1), className="whole-row")


def register(app: Dash) -> None:
    app.callback(
        Output(ids.table_body(MATCH), "children"),
        Output(ids.table_pager(MATCH), "children"),
        Output(ids.table_turn(MATCH, ALL), "disabled"),
        Output(ids.table_seen(MATCH), "data"),
        Input(ids.SELECTION, "data"),
        Input(ids.table_state(MATCH), "data"),
        Input(ids.table_tick(MATCH), "data"),
        State(ids.table_scope(MATCH), "data"),
    )(answer_table)
    app.clientside_callback(
        ClientsideFunction("board", "tableState"),
        Output(ids.table_state(MATCH), "data"),
        Input(ids.table_sort(MATCH, ALL), "n_clicks"),
        Input(ids.table_word(MATCH, ALL), "value"),
        Input(ids.table_turn(MATCH, ALL), "n_clicks"),
        Input(ids.SELECTION, "data"),
        State(ids.table_word(MATCH, ALL), "id"),
        State(ids.table_state(MATCH), "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "tick"),
        Output(ids.table_tick(MATCH), "data"),
        Input(ids.REVISIONS, "data"),
        State(ids.table_seen(MATCH), "data"),
        State(ids.table_scope(MATCH), "data"),
        State(ids.table_tick(MATCH), "data"),
        prevent_initial_call=True,
    )

"""The drawer: records behind a mark, one record and the log lines around it, what changed. All of it is in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from briefing.change_columns import has_parts
from callbacks.failures import explain
from layouts import ids
from layouts.change import change_view
from layouts.formats import span
from layouts.markup import static
from layouts.pages import chart
from layouts.records import log_context, nothing, record_detail, records_of_chart
from layouts.related import related_section
from layouts.relations import Found
from layouts.sources import FROM_LOG
from layouts.states import failed
from metricstore.catalogue import measurement
from metricstore.errors import NotAllowed, UnknownName
from metricstore.metrics import metric
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from questions.change import change_of
from questions.charts import as_asked
from questions.records import around, one_record
from questions.related_records import related
from viewer.request_context import read_selection, store


def open_drawer(view: dict[str, str] | None, words: dict[str, str] | None) -> tuple[Any, Any, Any]:
    """(is open, title, body) for the query string's view words."""
    if view is None or words is None:
        raise PreventUpdate
    try:
        if "_record" in view:
            return True, "Record", static(show_record(view, read_selection(words)))
        if "_change" in view:
            return True, *show_change(view["_change"], read_selection(words))
        if "_records" in view:
            return True, *show_records(view, read_selection(words))
    except UnknownName as error:
        return True, "Records", nothing(f"This link leads nowhere: {error}.")
    except Exception as error:
        return True, "Records", failed(*explain(error, "records"))
    return False, no_update, no_update


def show_change(name: str, selection: Selection) -> tuple[str, Component]:
    declared = metric(name)
    if not has_parts(declared):
        return declared.title, nothing(
            "This figure can't be broken down: medians, percentiles, smallest and largest values and formulas don't add up from groups."
        )
    return f"What changed: {declared.title}", static(
        change_view(change_of(store(), declared, selection, settled_now()))
    )


def show_records(view: Mapping[str, str], selection: Selection) -> tuple[str, Component]:
    declared = chart(view["_records"])
    measure = declared.declared.judged
    start, stop = as_asked(declared, selection).range(datetime.now(UTC))
    at = view.get("_at") or None
    if at:
        start, stop = (datetime.fromisoformat(moment) for moment in at.split("~"))
    told = f"{span(start, stop, selection.timezone)} ({selection.timezone})"
    return declared.title, records_of_chart(declared, measure.measurement, view.get("_value"), at, told)


def show_record(view: Mapping[str, str], selection: Selection) -> Component:
    name, time, identity = _parts(view["_record"])
    source = measurement(name)
    found = store()
    row = one_record(found, name, time, identity)
    if row is None:
        return nothing("This record is no longer in the store.")
    others = related(found, name, row)
    context = _log_of(found, name, row, others, selection.timezone)
    told = related_section(others, selection.timezone, view["_record"])
    return record_detail(
        source, row, selection.timezone, context, back="_records" in view, related=told, post=view.get("_post")
    )


def _log_of(
    source: Store, name: str, row: Mapping[str, Any], others: list[Found], timezone: str
) -> Component | None:  # fmt: skip
    """The log around the record, else around the first of those that belong to it."""
    if name in FROM_LOG:
        return _context(source, row, timezone)
    logged = (one for found in others if found.relation.measurement in FROM_LOG for one in found.rows)
    first = next(logged, None)
    return _context(source, first, timezone) if first is not None else None


def _parts(text: str) -> tuple[str, pd.Timestamp, str]:
    name, _, rest = text.partition("@")
    time, _, identity = rest.partition("@")
    try:
        moment = pd.Timestamp(time)
    except ValueError:
        raise UnknownName("record", text) from None
    if pd.isna(moment) or moment.tzinfo is None:
        raise UnknownName("record", text)
    return name, moment, unquote(identity)


def _context(source: Store, row: Mapping[str, Any], timezone: str) -> Component | None:
    file, line = row.get("file"), row.get("line")
    if not isinstance(file, str) or not file or line is None or pd.isna(line):
        return None
    try:
        frame = around(source, file, int(line), row["time"].to_pydatetime(warn=False))
    except NotAllowed as error:
        return nothing(f"The log is not shown: {error}.")
    return log_context(frame, file, int(line), timezone) if len(frame) else None


def register(app: Dash) -> None:
    app.callback(
        Output(ids.DRAWER, "is_open"),
        Output(ids.DRAWER_TITLE, "children"),
        Output(ids.DRAWER_BODY, "children"),
        Input(ids.VIEW, "data"),
        State(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )(open_drawer)
    app.clientside_callback(
        ClientsideFunction("board", "drawerClosed"),
        Input(ids.DRAWER, "is_open"),
        prevent_initial_call=True,
    )

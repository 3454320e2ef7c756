"""The filter bar: its controls change the URL, and follow it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from layouts import ids
from layouts.filterbar import chips, left_out, range_name, wrong
from layouts.formats import span
from layouts.page import Menu
from layouts.pages import PAGES
from layouts.value_names import name_of
from metricstore.errors import InvalidQuestion, StoreError, UnknownName
from metricstore.selection import literal
from viewer.request_context import default_selection, mistakes, read_selection, store

CONTROLS = (ids.ZONE, ids.PLATFORM, ids.STATUS, ids.WINDOW, ids.COMPARE)
MENUS = (ids.ZONE, ids.PLATFORM, ids.STATUS, ids.COMPARE)
"""Controls whose values are offered anew: others may be chosen by a click, and pages have comparisons of their own."""
MENUS_OF_PAGES = {menu for page in PAGES.values() for menu in page.menus}


def describe(words: dict[str, str] | None) -> tuple[list[Component], list[str] | str, str]:
    """(chips, label of the range menu, what is wrong with the range)."""
    default = default_selection()
    try:
        selection = read_selection(words)
        start, stop = selection.range(datetime.now(UTC))
    except InvalidQuestion as error:
        return [wrong(str(error))], "Range?", str(error)
    name = range_name(selection)
    label = name if selection.stop != "now" else f"{name} · {span(start, stop, selection.timezone)}"
    return [*_left_out(words), *chips(selection, default)], label, ""


def _left_out(words: dict[str, str] | None) -> list[Component]:
    """A chip for each filter, or value of one, that nobody knows."""
    return [
        left_out(mistake.sentence, mistake.name) if isinstance(mistake, UnknownName) else left_out(str(mistake), mistake.parameter)
        for mistake in mistakes(words)
    ]  # fmt: skip


def menu_options(words: dict[str, str] | None, menu: dict[str, Any]) -> list[dict[str, str]]:
    """What a page's menu offers: values that occur in the range, as words of an address."""
    if Menu(str(menu["measurement"]), str(menu["column"])) not in MENUS_OF_PAGES:
        raise PreventUpdate
    try:
        selection = read_selection(words)
        start, stop = selection.range(datetime.now(UTC))
        found = store().values(menu["measurement"], menu["column"], start, stop)
    except StoreError:
        found = []
    return [{"label": name_of(value, str(menu["column"])), "value": literal(value)} for value in found]


def register(app: Dash) -> None:
    app.callback(
        Output(ids.CHIPS, "content"),
        Output(ids.RANGE_LABEL, "children"),
        Output(ids.RANGE_ERROR, "children"),
        Input(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )(describe)
    app.callback(
        Output(ids.filter_offer(MATCH, MATCH), "data"),
        Input(ids.SELECTION, "data"),
        State(ids.filter_offer(MATCH, MATCH), "id"),
    )(menu_options)
    app.clientside_callback(
        ClientsideFunction("board", "showControls"),
        *(Output(name, "value") for name in CONTROLS),
        *(Output(name, "options") for name in MENUS),
        Input(ids.SELECTION, "data"),
        Input(ids.URL, "pathname"),
        State(ids.DEFAULTS, "data"),
        *(State(name, "options") for name in MENUS),
    )
    app.clientside_callback(
        ClientsideFunction("board", "offerZones"),
        Output(ids.ZONE, "options", allow_duplicate=True),
        Input(ids.ZONES_WANTED, "data"),
        State(ids.ZONES, "data"),
        State(ids.ZONE, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "controlsChanged"),
        *(Input(name, "value") for name in CONTROLS),
        State(ids.SELECTION, "data"),
        State(ids.DEFAULTS, "data"),
        prevent_initial_call=True,
    )
    _register_explorer(app)


def _register_explorer(app: Dash) -> None:
    """Search boxes and menus of pages are filters like any other."""
    app.clientside_callback(
        ClientsideFunction("board", "showExplorer"),
        Output(ids.search_box(ALL), "value"),
        Output(ids.filter_menu(ALL), "value"),
        Output(ids.filter_menu(ALL), "options"),
        Input(ids.SELECTION, "data"),
        Input(ids.search_box(ALL), "id"),
        Input(ids.filter_menu(ALL), "id"),
        Input(ids.filter_offer(ALL, ALL), "data"),
        State(ids.filter_offer(ALL, ALL), "id"),
    )
    app.clientside_callback(
        ClientsideFunction("board", "explorerChanged"),
        Input(ids.search_box(ALL), "value"),
        Input(ids.filter_menu(ALL), "value"),
        State(ids.search_box(ALL), "id"),
        State(ids.filter_menu(ALL), "id"),
        State(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )

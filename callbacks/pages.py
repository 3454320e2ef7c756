"""From the URL to a page, and from the URL's query to the selection. Also theme and refresh."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State

from layouts import ids
from layouts.as_json import as_json
from layouts.page_frame import page_frame
from layouts.pages import PAGES
from layouts.shell import not_found
from metricstore.assumptions import Assumed
from viewer.request_context import default_selection, shown_page


def show_page(path: str | None) -> Any:
    """The page, or what says that there is none."""
    key = shown_page(path)
    return _built(key, default_selection().assume) if key else not_found(path or "")


@lru_cache(maxsize=2 * len(PAGES))
def _built(key: str, assumed: Assumed) -> Any:
    """Built once: a page follows from what is declared and assumed, and nobody changes it."""
    return as_json(page_frame(PAGES[key], assumed))


def register(app: Dash) -> None:
    app.callback(Output(ids.PAGE, "children"), Input(ids.URL, "pathname"))(show_page)
    app.clientside_callback(
        ClientsideFunction("board", "readUrl"),
        Output(ids.SELECTION, "data"),
        Output(ids.VIEW, "data"),
        Input(ids.URL, "search"),
        State(ids.SELECTION, "data"),
        State(ids.VIEW, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("board", "links"),
        Output(ids.nav(ALL), "href"),
        Output(ids.nav(ALL), "className"),
        Input(ids.URL, "search"),
        Input(ids.URL, "pathname"),
        State(ids.nav(ALL), "href"),
    )
    _register_theme(app)
    app.clientside_callback(
        ClientsideFunction("board", "pace"),
        Output(ids.PULSE, "interval"),
        Output(ids.PULSE, "disabled"),
        Input(ids.REFRESH, "value"),
    )


def _register_theme(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("board", "nextTheme"),
        Output(ids.THEME_CHOICE, "data"),
        Input(ids.THEME_BUTTON, "n_clicks"),
        State(ids.THEME_CHOICE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "applyTheme"),
        Output(ids.THEME, "data"),
        Input(ids.THEME_CHOICE, "data"),
        Input(ids.THEME_CHOICE, "modified_timestamp"),
        State(ids.THEME, "data"),
    )

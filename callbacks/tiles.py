"""One callback for all key figures of a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.failures import explained
from layouts import ids
from layouts.charts import Theme, caveats
from layouts.pages import PAGES
from layouts.tile_values import Tile, tiles_of
from layouts.tiles import older_note, tile, unknown_tile
from metricstore.errors import InvalidQuestion, StoreUnreachable
from metricstore.metrics import Metric
from metricstore.plans import ask_together
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from questions.goal_standings import concerning
from questions.revisions import known_revisions
from questions.tiles import figures_of, plan_tile
from viewer.last_answers import lasting
from viewer.request_context import goals, goals_revision, read_selection, store


def answer_tiles(
    words: dict[str, str] | None, tick: object, theme: Theme | None, page_id: dict[str, str]
) -> tuple[list[Component], dict[str, Any]]:
    """(the tiles of a page in their declared order, what they were made from). One that fails leaves the others."""
    if words is None or theme is None:
        raise PreventUpdate
    source, now = store(), datetime.now(UTC)
    declared = tiles_of(page_id["page"])
    seen = {
        "at": now.timestamp(),
        "revision": known_revisions(source, {name for m in declared for name in m.measurements}) | goals_revision(),
    }
    page = page_id["page"]
    try:
        found = lasting(("tiles", page, theme), words, lambda: _tiles(source, page, _compared(page, words), theme))
    except InvalidQuestion as error:
        return [unknown_tile(one, str(error)) for one in declared], seen
    except StoreUnreachable as error:
        return [unknown_tile(one, explained(error, f"tiles of {page}")) for one in declared], seen
    return [*found.answer, *([older_note(found.older)] if found.older else [])], seen


def _compared(page: str, words: dict[str, str]) -> Selection:
    """The selection with the page's own comparison where the address does not say."""
    selection = read_selection(words)
    return selection if "compare" in words else replace(selection, compare=selection.compare or PAGES[page].compares)


def _tiles(source: Store, page: str, selection: Selection, theme: Theme) -> list[Component]:
    moment, declared = settled_now(), figures_of(source, page)
    applying = {one.name: next(iter(concerning(goals(), one, selection, moment)), None) for one in declared}
    plans = [partial(plan_tile, one, selection, moment, applying[one.name]) for one in declared]
    compared = caveats.COMPARED.get(selection.compare or "", "")
    return [
        _tile(one, settle, theme, compared) for one, settle in zip(declared, ask_together(source, plans), strict=True)
    ]


def _tile(declared: Metric, settle: Callable[[], Tile], theme: Theme, compared: str) -> Component:
    try:
        return tile(settle(), theme, compared)
    except StoreUnreachable:
        raise
    except Exception as error:
        return unknown_tile(declared, explained(error, f"tile {declared.name}"))


def register(app: Dash) -> None:
    app.callback(
        Output(ids.tiles(MATCH), "content"),
        Output(ids.tiles_seen(MATCH), "data"),
        Input(ids.SELECTION, "data"),
        Input(ids.tiles_tick(MATCH), "data"),
        Input(ids.THEME, "data"),
        State(ids.tiles(MATCH), "id"),
    )(answer_tiles)
    app.clientside_callback(
        ClientsideFunction("board", "tick"),
        Output(ids.tiles_tick(MATCH), "data"),
        Input(ids.REVISIONS, "data"),
        State(ids.tiles_seen(MATCH), "data"),
        State(ids.tiles_facts(MATCH), "data"),
        State(ids.tiles_tick(MATCH), "data"),
        prevent_initial_call=True,
    )

"""One callback for all key figures of a page."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.asking import explained, known_revisions, read_selection, store
from callbacks.lasting import lasting
from callbacks.remarks import without
from layouts import ids
from layouts.charts import Theme, caveats
from layouts.formats import inside
from layouts.tiles import Tile, older_note, tile, tiles_of, unknown_tile
from metricstore import nothing
from metricstore.assumptions import ASSUMPTIONS
from metricstore.caveats import bound_of, conflicting
from metricstore.coverage import EVERYTHING, bounds, compared_coverage, coverage
from metricstore.emptiness import of_metric
from metricstore.errors import InvalidQuestion, StoreUnreachable
from metricstore.evaluation import evaluate, whole_and_course
from metricstore.foreseen import ask_ahead, of_whole_and_course
from metricstore.gaps import left_out
from metricstore.metrics import Metric
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from metricstore.windows import zone


def answer_tiles(
    words: dict[str, str] | None, tick: object, theme: Theme | None, page_id: dict[str, str]
) -> tuple[list[Component], dict[str, Any]]:
    """(the tiles of a page in their declared order, what they were made from). One that fails leaves the others."""
    if words is None or theme is None:
        raise PreventUpdate
    declared = tiles_of(page_id["page"])
    source, now = store(), datetime.now(UTC)
    seen = {
        "at": now.timestamp(),
        "revision": known_revisions(source, {name for m in declared for name in m.measurements}),
    }
    page = page_id["page"]
    try:
        found = lasting(("tiles", page, theme), words, lambda: _tiles(source, declared, read_selection(words), theme))
    except InvalidQuestion as error:
        return [unknown_tile(one, str(error)) for one in declared], seen
    except StoreUnreachable as error:
        return [unknown_tile(one, explained(error, f"tiles of {page}")) for one in declared], seen
    return [*found.answer, *([older_note(found.older)] if found.older else [])], seen


def _tiles(source: Store, declared: list[Metric], selection: Selection, theme: Theme) -> list[Component]:
    moment = settled_now()
    ask_ahead(source, (partial(of_whole_and_course, found, selection, moment) for found in declared))
    return [_tile(source, found, selection, moment, theme) for found in declared]


def _tile(source: Store, declared: Metric, selection: Selection, now: datetime, theme: Theme) -> Component:
    try:
        shown = ask(source, declared, selection, now)
    except StoreUnreachable:
        raise
    except Exception as error:
        return unknown_tile(declared, explained(error, f"tile {declared.name}"))
    return tile(shown, theme, caveats.COMPARED.get(selection.compare or "", ""))


def ask(source: Store, declared: Metric, selection: Selection, now: datetime) -> Tile:
    """Value over the whole range and its course."""
    value, before, before_why, course = whole_and_course(source, declared, selection, now)
    missing = "" if value > 0 else _why_nothing(source, declared, selection, now, value)
    if missing and before == 0:  # neither is it a zero then
        before, before_why = math.nan, nothing.NO_RECORDS
    found = Tile(course.metric, value, before, tuple(course.frame["value"].tolist()), missing,
                 before_missing=_no_comparison(source, declared, selection, before_why))  # fmt: skip
    if missing:
        return found
    bound = bound_of(course)
    silent = "" if declared.bound else without(left_out(source, declared, selection, now))
    return replace(found, left_out=silent, bound=bound, conflicts=conflicting(course))


def _no_comparison(store: Store, declared: Metric, selection: Selection, why: str) -> str:
    if not why:
        return ""
    known = compared_coverage(store, declared.measurements, selection.timezone)
    return caveats.before(why, selection.compare or "", known, selection.timezone)


def _why_nothing(store: Store, declared: Metric, selection: Selection, now: datetime, value: float) -> str:
    """Asked only where there isn't a number to show."""
    known = coverage(store, declared.measurements, selection.timezone)
    what = inside(declared.source.title)
    if known.start is None or all(bounds(store, name) is None for name in declared.measurements):
        return f"no {what} collected yet"
    start, stop = selection.range(now)
    if not known.holds(start, stop):
        place = zone(selection.timezone)
        since = f" from {known.start.astimezone(place):%Y-%m-%d}" if known.start != EVERYTHING.start else ""
        until = f" to {known.until.astimezone(place):%Y-%m-%d}" if known.until < now else ""
        return f"not collected: {what} are known{since}{until}"
    if not math.isnan(value):
        return ""
    if declared.needs and nothing.TOO_FEW in evaluate(store, declared, replace(selection, every="none"), now=now).kinds:
        return f"too few to say: fewer than {declared.needs}"
    unset = [ASSUMPTIONS[name].title for name in declared.assumptions if not selection.assume[name]]
    if unset:
        return f"{' and '.join(unset)}: 0, nothing to measure by"
    cause = of_metric(store, declared, selection, now)
    if cause.kind == "not reported":
        return "the source does not report it"
    return caveats.empty_sentence(cause, what, selection).removesuffix(".")


def register(app: Dash) -> None:
    app.callback(
        Output(ids.tiles(MATCH), "children"),
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

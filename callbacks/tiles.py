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

from callbacks.asking import explained, goals, goals_revision, known_revisions, read_selection, store
from callbacks.lasting import lasting
from callbacks.remarks import not_filtered, without
from callbacks.standings import concerning, of_standing, standing_of
from layouts import ids
from layouts.charts import Theme, caveats
from layouts.formats import inside, span
from layouts.pages import AHEAD, PAGES
from layouts.tiles import Tile, older_note, tile, tiles_of, unknown_tile
from metricstore import nothing
from metricstore.assumptions import ASSUMPTIONS
from metricstore.caveats import bound_of, conflicting
from metricstore.coverage import EVERYTHING, bounds, compared_coverage, coverage
from metricstore.emptiness import of_metric
from metricstore.errors import InvalidQuestion, StoreUnreachable
from metricstore.evaluation import adds_up, evaluate, of_course, whole_and_course
from metricstore.foreseen import ask_ahead, of_whole_and_course
from metricstore.framing import comparison_query
from metricstore.gaps import left_out
from metricstore.goal import Goal
from metricstore.metrics import Metric, metric
from metricstore.questions import questions
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from metricstore.windows import zone


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
        found = lasting(("tiles", page, theme), words, lambda: _tiles(source, page, read_selection(words), theme))
    except InvalidQuestion as error:
        return [unknown_tile(one, str(error)) for one in declared], seen
    except StoreUnreachable as error:
        return [unknown_tile(one, explained(error, f"tiles of {page}")) for one in declared], seen
    return [*found.answer, *([older_note(found.older)] if found.older else [])], seen


def not_set(declared: Metric, selection: Selection) -> str:
    """`not set: Writing by hand, Checking`; "" where somebody has set all it assumes."""
    titles = selection.assume.unset(declared.assumptions)
    return f"not set: {', '.join(titles)}" if titles else ""


def reaching_ahead(declared: Metric, selection: Selection) -> Selection:
    """What is due lies ahead: of a range that ends now, its figure counts as far as the page's calendar."""
    ahead = AHEAD.get(declared.name)
    return replace(selection, stop=ahead) if ahead and selection.stop == "now" else selection


def figures_of(source: Store, page: str) -> list[Metric]:
    """The page's figures. One of which nothing was ever collected gives way to its declared substitute."""
    found = []
    for declared in tiles_of(page):
        other = PAGES[page].stand_ins.get(declared.name)
        never = other is not None and bounds(source, declared.source.name) is None
        found.append(metric(other) if other is not None and never else declared)
    return found


def _tiles(source: Store, page: str, selection: Selection, theme: Theme) -> list[Component]:
    """The Overview compares with the same weekdays before, unless another comparison is asked for."""
    if page == "overview":
        selection = replace(selection, compare=selection.compare or "weekdays")
    moment, declared = settled_now(), figures_of(source, page)
    wanted = {one.name: concerning(goals(), one, selection, moment)[:1] for one in declared}
    figures = [partial(of_whole_and_course, one, reaching_ahead(one, selection), moment) for one in declared]
    ask_ahead(
        source, [*figures, *(partial(of_standing, goal, selection, moment) for one in wanted.values() for goal in one)]
    )
    return [_tile(source, one, selection, moment, theme, wanted[one.name]) for one in declared]


def _tile(
    source: Store, declared: Metric, selection: Selection, now: datetime, theme: Theme, goal: list[Goal]
) -> Component:  # fmt: skip
    try:
        shown = ask(source, declared, selection, now)
        shown = replace(shown, standing=standing_of(source, goal[0], selection, now) if goal else None)
    except StoreUnreachable:
        raise
    except Exception as error:
        return unknown_tile(declared, explained(error, f"tile {declared.name}"))
    return tile(shown, theme, caveats.COMPARED.get(selection.compare or "", ""))


def ask(source: Store, declared: Metric, selection: Selection, now: datetime) -> Tile:
    """Value over the whole range and its course; none from assumptions that nobody has set."""
    if unset := not_set(declared, selection):
        return Tile(declared.under(selection.assume), math.nan, math.nan, (), unset)
    selection = reaching_ahead(declared, selection)
    value, before, before_why, course = whole_and_course(source, declared, selection, now)
    missing = "" if value > 0 else _why_nothing(source, declared, selection, now, value)
    if missing and before == 0:  # neither is it a zero then
        before, before_why = math.nan, nothing.NO_RECORDS
    found = Tile(course.metric, value, before, tuple(course.frame["value"].tolist()), missing,
                 unfiltered=not_filtered(declared, selection),
                 before_missing=_no_comparison(source, declared, selection, before_why),
                 before_range=_compared_range(declared, selection, now))  # fmt: skip
    if missing:
        return found
    bound = bound_of(course)
    silent = "" if declared.bound else without(left_out(source, declared, selection, now))
    return replace(found, left_out=silent, bound=bound, conflicts=conflicting(course))


def _compared_range(declared: Metric, selection: Selection, now: datetime) -> str:
    """The dates that the value is compared with."""
    if selection.compare is None:
        return ""
    windowed = of_course(declared, selection) if adds_up(declared, selection) else replace(selection, every="none")
    asked = questions(declared, windowed, now=now)[0]
    earlier = comparison_query(asked)
    return span(earlier.start, earlier.stop, selection.timezone)


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
    nought = [ASSUMPTIONS[name].title for name in declared.assumptions if not selection.assume[name]]
    if nought:
        return f"{' and '.join(nought)}: set to 0, so this can't be calculated"
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

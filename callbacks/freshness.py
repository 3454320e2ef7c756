"""What is new: revisions of what the page shows, and how fresh each source is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.failures import explained
from layouts import ids
from layouts.freshness import PULSE, clock, freshness_list, mark, summary, warnings_notice, who_collects
from layouts.source_state import SourceState
from metricstore.catalogue.collected import COLLECTED
from metricstore.coverage import data_until
from metricstore.errors import StoreDamaged, StoreError, StoreUnreachable
from questions.revisions import known_revisions, shown_on
from questions.source_states import sources
from viewer.last_answers import lasting
from viewer.request_context import (
    annotations_revision,
    collected_by,
    collector_states,
    default_selection,
    read_selection,
    shown_page,
    store,
)


def revisions(beat: object, path: str | None, known: dict[str, str] | None) -> dict[str, str] | Any:
    """measurement -> revision; no update when nothing changed, so that nothing is drawn again."""
    page = shown_page(path)
    if page is None:
        return no_update
    source = store()
    # When the store can't say, the nameless key makes everything be asked again: each chart then tells what is wrong.
    found = (known_revisions(source, shown_on(page)) or {"": "unknown"}) | annotations_revision()
    return no_update if found == known else found


def freshness(
    beat: object, words: dict[str, str] | None
) -> tuple[dict[str, Any], str, list[Component] | Component, str]:
    """(what `told` says, the header's text, its list, the class of its dot)."""
    now = datetime.now(UTC)
    try:
        timezone = read_selection(words).timezone
    except StoreError:
        timezone = default_selection().timezone
    try:
        found = lasting("freshness", {"tz": timezone}, lambda: _fresh(now, timezone))
    except Exception as error:
        shown = freshness_list([], now, timezone, explained(error, "freshness"))
        return {}, _unanswered(error), shown, f"{PULSE} bad"
    facts, text, shown, dot = found.answer
    return (facts, found.older, shown, f"{PULSE} bad") if found.older else (facts, text, shown, dot)


def _unanswered(error: Exception) -> str:
    if isinstance(error, StoreDamaged):
        return "The store is damaged"
    return "The store does not answer" if isinstance(error, StoreUnreachable) else "Freshness unknown"


def _fresh(now: datetime, timezone: str) -> tuple[dict[str, Any], str, list[Component] | Component, str]:
    source = store()
    states = sources(source, now, timezone, live=collector_states())
    reached = {name: data_until(source, name, timezone) for name in COLLECTED}
    facts, text = told(states, reached, now, timezone), summary(states, now, timezone)
    facts["collecting"] = collected_by()
    return facts, text, freshness_list(states, now, timezone), f"{PULSE} {mark(states, now)}"


def told(
    states: list[SourceState], reached: Mapping[str, date | datetime | None], now: datetime, timezone: str
) -> dict[str, Any]:
    """What panels make their clocks of: `wrong` and `due` by collector, `until` by measurement; all as texts.
    Also `warnings`: by collector, what its latest run did not understand."""
    return {
        "wrong": {state.collector: text for state in states if (text := state.concern(now))},
        "due": {state.collector: clock(state.due, now, timezone) for state in states if state.due is not None},
        "warnings": {state.collector: list(state.warnings) for state in states if state.warnings},
        "until": {name: clock(until, now, timezone) for name, until in reached.items() if until is not None},
    }


def show_warnings(facts: dict[str, Any] | None) -> list[Component]:
    facts = facts or {}
    found = (who_collects(facts.get("collecting", "")), warnings_notice(facts.get("warnings", {})))
    return [one for one in found if one is not None]


def register(app: Dash) -> None:
    app.callback(Output(ids.SOURCE_WARNINGS, "content"), Input(ids.FRESHNESS, "data"))(show_warnings)
    app.callback(
        Output(ids.REVISIONS, "data"),
        Input(ids.PULSE, "n_intervals"),
        State(ids.URL, "pathname"),
        State(ids.REVISIONS, "data"),
        prevent_initial_call=True,
    )(revisions)
    app.callback(
        Output(ids.FRESHNESS, "data"),
        Output(ids.FRESHNESS_TEXT, "children"),
        Output(ids.FRESHNESS_LIST, "content"),
        Output(ids.FRESHNESS_DOT, "className"),
        Input(ids.SLOW_PULSE, "n_intervals"),
        State(ids.SELECTION, "data"),
    )(freshness)
    app.clientside_callback(
        ClientsideFunction("board", "lookAgain"),
        Output(ids.SLOW_PULSE, "n_intervals"),
        Input(ids.REVISIONS, "data"),
        State(ids.SLOW_PULSE, "n_intervals"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "partsChanged"),
        Input(ids.REVISIONS, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("board", "beat"),
        Input(ids.FRESHNESS, "data"),
        Input(ids.FRESHNESS_TEXT, "children"),
    )

"""The briefing above the Overview's figures: few questions, asked together, judged and put into words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from briefing.facts import MEASUREMENTS
from callbacks.failures import explained
from layouts import ids
from layouts.briefing.due import due_list
from layouts.briefing.view import needs, older, quiet_sources, unknown, verdict
from metricstore.selection import Selection, settled_now
from metricstore.store import Store
from questions.briefing import gather
from questions.due_next import due_next
from questions.revisions import known_revisions
from viewer.last_answers import lasting
from viewer.request_context import default_selection, goals, goals_revision, read_selection, store


def answer_briefing(
    words: dict[str, str] | None, tick: object
) -> tuple[list[Component], list[Component], list[Component], dict[str, Any]]:  # fmt: skip
    """(the verdict, what needs somebody, what is due next, what they were made from)."""
    if words is None:
        raise PreventUpdate
    source = store()
    seen = {"at": datetime.now(UTC).timestamp(), "revision": known_revisions(source, MEASUREMENTS) | goals_revision()}
    try:
        found = lasting("briefing", words, lambda: _told(source, read_selection(words)))
    except Exception as error:  # the figures and charts below stand
        return [unknown(explained(error, "briefing"))], [], [], seen
    verdict_, needs_, due = found.answer
    return [*verdict_, *([older(found.older)] if found.older else [])], needs_, due, seen


def _told(source: Store, selection: Selection) -> tuple[list[Component], list[Component], list[Component]]:
    now, default = settled_now(), default_selection()
    facts = gather(source, selection, goals(), now)
    due = due_list(due_next(source, selection, now), selection, default, now)
    return verdict(facts, default), needs(facts, default), due


def show_quiet(facts: dict[str, Any] | None) -> list[Component]:
    return quiet_sources((facts or {}).get("wrong", {}))


def register(app: Dash) -> None:
    app.callback(
        Output(ids.BRIEFING, "content"),
        Output(ids.BRIEFING_NEEDS, "content"),
        Output(ids.BRIEFING_DUE, "content"),
        Output(ids.BRIEFING_SEEN, "data"),
        Input(ids.SELECTION, "data"),
        Input(ids.BRIEFING_TICK, "data"),
    )(answer_briefing)
    app.callback(Output(ids.BRIEFING_QUIET, "content"), Input(ids.FRESHNESS, "data"))(show_quiet)
    app.clientside_callback(
        ClientsideFunction("board", "tick"),
        Output(ids.BRIEFING_TICK, "data"),
        Input(ids.REVISIONS, "data"),
        State(ids.BRIEFING_SEEN, "data"),
        State(ids.BRIEFING_FACTS, "data"),
        State(ids.BRIEFING_TICK, "data"),
        prevent_initial_call=True,
    )

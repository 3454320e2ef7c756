"""What is new: revisions of what the page shows, and how fresh each source is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from flask import current_app, has_app_context

from callbacks.asking import (
    annotations_revision,
    default_selection,
    explained,
    known_revisions,
    read_selection,
    store,
)
from callbacks.lasting import lasting
from callbacks.pages import shown_page
from callbacks.rhythm import with_records
from collectors.punctuality import RETIRED, interval, late_after
from collectors.runner.report import CollectorState
from layouts import ids
from layouts.briefing.view import MEASUREMENTS
from layouts.freshness import PULSE, SourceState, clock, freshness_list, mark, summary, warnings_notice
from layouts.pages import TABLES, charts_of
from layouts.panel import measurements_of
from layouts.tiles import tiles_of
from metricstore.catalogue.collected import COLLECTED
from metricstore.coverage import brought_anything, data_until
from metricstore.errors import StoreDamaged, StoreError, StoreUnreachable
from metricstore.query import Filter, RecordQuery
from metricstore.restriction import unrestricted
from metricstore.store import Store

_LOOK_BACK = timedelta(days=400)
_OF_RUN = ("outcome", "warnings", "records", "points")


def shown_on(page: str) -> list[str]:
    """Every measurement that something on the page shows."""
    found = {name for chart in charts_of(page) for name in measurements_of(chart)}
    found |= {name for tile in tiles_of(page) for name in tile.measurements}
    found |= {table.measurement for table in TABLES[page]}
    found |= set(MEASUREMENTS if page == "overview" else ())
    return sorted(found)


def revisions(beat: object, path: str | None, known: dict[str, str] | None) -> dict[str, str] | Any:
    """measurement -> revision; no update when nothing changed, so that nothing is drawn again."""
    page = shown_page(path)
    if page is None:
        return no_update
    source = store()
    # When the store can't say, the nameless key makes everything be asked again: each chart then tells what is wrong.
    found = (known_revisions(source, shown_on(page)) or {"": "unknown"}) | annotations_revision()
    return no_update if found == known else found


def last_runs(viewer: Store, now: datetime, only: Collection[str] = ()) -> list[SourceState]:
    """The latest run of every collector that ever ran (of `only` these), and when it last went well. When sources were
    read says nothing of what they hold: it is the same for every viewer."""
    source = unrestricted(viewer)
    start, stop = now - _LOOK_BACK, now + timedelta(days=1)
    found = []
    live = _live()
    for collector in only or source.values("collector_run", "collector", start, stop):
        own = Filter("collector", "any", (collector,))
        runs = source.records(RecordQuery("collector_run", start, stop, (own,), _OF_RUN, limit=1)).frame
        if runs.empty:
            continue
        last = runs.iloc[0]
        outcome = str(last["outcome"])
        well = last["time"] if outcome == "ok" else _last_good(source, own, start, stop)
        at = last["time"].floor("us").to_pydatetime()
        found.append(SourceState(
            collector, outcome, at, well.floor("us").to_pydatetime() if well is not None else None,
            late_after(collector), interval(collector), _due(collector, at, live.get(collector)),
            collector in live and live[collector].running, _warnings(last["warnings"], live.get(collector)),
            outcome != "ok" or bool(last[["records", "points"]].fillna(0).any()) or brought_anything(source, collector),
        ))  # fmt: skip
    return found


def sources(viewer: Store, now: datetime, timezone: str, only: Collection[str] = ()) -> list[SourceState]:
    """As `last_runs`, of those that have something to read from, with their newest record that the viewer may see. One that
    this version no longer has is left out when it has not run for long: nobody could ever make it well."""
    states = [state for state in last_runs(viewer, now, only) if state.given and not _gone(state, now)]
    return with_records(viewer, states, now, timezone)


def _gone(state: SourceState, now: datetime) -> bool:
    return interval(state.collector) is None and now - state.at >= RETIRED


def _live() -> dict[str, CollectorState]:
    """What the runner says of its collectors, where it is part of this process; pictures are drawn beside the application."""
    runner = current_app.extensions.get("runner") if has_app_context() else None
    return {state.name: state for state in runner.states()} if runner is not None else {}


def _warnings(stored: Any, live: CollectorState | None) -> tuple[str, ...]:
    """The runner's word, where it is part of this process and has run; else what the latest stored run says."""
    if live is not None and live.last_run is not None:
        return live.warnings
    return tuple(stored.splitlines()) if isinstance(stored, str) else ()


def _due(collector: str, at: datetime, live: CollectorState | None) -> datetime | None:
    """When the next run is expected."""
    if live is not None and live.next_run is not None:
        return live.next_run
    every = interval(collector)
    return at + every if every is not None else None


def _last_good(source: Store, own: Filter, start: datetime, stop: datetime) -> Any:
    good = Filter("outcome", "any", ("ok",))
    runs = source.records(RecordQuery("collector_run", start, stop, (own, good), ("outcome",), limit=1)).frame
    return None if runs.empty else runs.iloc[0]["time"]


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
    states = sources(source, now, timezone)
    reached = {name: data_until(source, name, timezone) for name in COLLECTED}
    facts, text = told(states, reached, now, timezone), summary(states, now, timezone)
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


def show_warnings(facts: dict[str, Any] | None) -> Component | None:
    return warnings_notice((facts or {}).get("warnings", {}))


def register(app: Dash) -> None:
    app.callback(Output(ids.SOURCE_WARNINGS, "children"), Input(ids.FRESHNESS, "data"))(show_warnings)
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
        Output(ids.FRESHNESS_LIST, "children"),
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
        ClientsideFunction("board", "beat"),
        Input(ids.FRESHNESS, "data"),
        Input(ids.FRESHNESS_TEXT, "children"),
    )

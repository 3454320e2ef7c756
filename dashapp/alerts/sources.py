"""Which collectors have not read their source well for longer than their rhythm explains."""

from __future__ import annotations

from datetime import datetime

from collectors.punctuality import RETIRED
from layouts.formats import ago, length
from layouts.source_state import SourceState
from metricstore.store import Store
from questions.source_states import last_runs


class Sources:
    """The latest run of each collector, asked again only when there was one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision = ""
        self._states: list[SourceState] = []

    def late(self, now: datetime) -> dict[str, str]:
        """By collector that ever ran: what is wrong, in words; empty where all is well."""
        revision = self._store.revision("collector_run")
        if revision != self._revision:
            self._states = last_runs(self._store, now)
            self._revision = revision
        seen = [state for state in self._states if now - state.at < RETIRED]
        return {state.collector: _trouble(state, now) for state in seen}


def _trouble(state: SourceState, now: datetime) -> str:
    """One failed run heals by the next one: what counts is how long ago a run went well."""
    if state.running or (state.well is not None and now - state.well <= state.late_after):
        return ""
    well = f"last read well {ago(state.well, now)}" if state.well else "never read well"
    usual = f", it is read every {length(state.every)}" if state.every else ""
    last = "" if state.outcome == "ok" else "; its latest run failed"
    return f"{state.name}: {well}{usual}{last}"

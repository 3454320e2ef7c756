"""How the sources are, found out beside the requests: nobody waits for a store that hangs."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from flask import Flask

from dashapp.background import Background
from layouts.formats import ago, moment
from layouts.source_state import SourceState
from metricstore.quantities import quantity
from questions.source_states import sources as read_sources
from viewer.request_context import collector_states

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.5
_KEPT_SECONDS = 10.0
State = Literal["ok", "warning", "trouble", "unknown"]
_STATES: dict[str, State] = {"good": "ok", "warning": "warning", "bad": "trouble"}
_HANGS = "The store does not answer just now, so nobody knows how the sources are."


@dataclass(frozen=True)
class Source:
    """`last_good`: when its last good run began, ISO 8601 in UTC; None: never."""

    name: str
    state: State
    sentence: str
    last_good: str | None
    shown: str
    """The same for people."""


@dataclass(frozen=True)
class Status:
    """`at`: when this was found, ISO 8601 in UTC."""

    state: State
    sentence: str
    at: str | None = None
    sources: tuple[Source, ...] = ()


class Reading:
    """Of one application."""

    def __init__(self, app: Flask, timezone: str) -> None:
        self._app = app
        self._timezone = timezone
        self._background = Background("status", self._found)

    def now(self) -> Status:
        """At most PATIENCE_SECONDS later. What was found before stands below the sentence that says so."""
        self._background.begin(_KEPT_SECONDS)
        self._background.wait(PATIENCE_SECONDS)
        asked, _, found = self._background.state()
        if asked is None and found is not None:
            return found
        return replace(found or Status("unknown", _HANGS), state="unknown", sentence=_HANGS)

    def _found(self) -> Status:
        now = datetime.now(UTC)
        at = now.isoformat(timespec="seconds")
        try:
            with self._app.app_context():
                states = read_sources(self._app.extensions["metricstore"], now, self._timezone, live=collector_states())
        except Exception as error:
            log.warning("the status can't be found out: %s", error)
            return Status("unknown", _HANGS, at)
        sources = tuple(_source(state, now, self._timezone) for state in states)
        wrong = sum(source.state == "trouble" for source in sources)
        if not sources:
            return Status("unknown", "Nothing was collected yet.", at)
        if wrong:
            return Status(
                "trouble",
                f"{wrong} of {quantity(len(sources), 'sources')} can't be read or {'is' if wrong == 1 else 'are'} late.",
                at,
                sources,
            )
        return Status("ok", "All sources are read as they should be.", at, sources)


def _source(state: SourceState, now: datetime, timezone: str) -> Source:
    trouble = state.concern(now)
    read = f"Read {ago(state.well, now)}" if state.well else "Never read"
    sentence = (
        trouble.partition(": ")[2]
        if trouble
        else f"{read}, {state.warned('not everything was understood')}"
        if state.warnings
        else read
    )
    return Source(
        state.name, _STATES[state.look(now)], f"{sentence[0].upper()}{sentence[1:]}.",
        state.well.isoformat(timespec="seconds") if state.well else None,
        moment(state.well, timezone, seconds=False) if state.well else "never",
    )  # fmt: skip

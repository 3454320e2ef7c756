"""How fresh the data are: one line in the header, one row for each source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from layouts.formats import ago, moment
from layouts.sources import COLLECTOR_NAMES


@dataclass(frozen=True)
class SourceState:
    """A collector's latest run (`at`, UTC) and when it last went well (None: never)."""

    collector: str
    outcome: str
    at: datetime
    well: datetime | None

    def trouble(self, now: datetime, late: timedelta) -> str | None:
        """What is wrong, in a few words; None when all is well."""
        name = COLLECTOR_NAMES.get(self.collector, self.collector)
        if self.outcome != "ok":
            since = f", good until {ago(self.well, now)}" if self.well else ""
            return f"{name}: last run {'timed out' if self.outcome == 'timeout' else 'failed'}{since}"
        if now - self.at > late:
            return f"{name}: last read {ago(self.at, now)}"
        return None


def summary(states: list[SourceState], now: datetime, timezone: str, late: timedelta) -> str:
    """`Data until 14:05`, or what is wrong."""
    if not states:
        return "Nothing collected yet"
    wrong = sum(state.trouble(now, late) is not None for state in states)
    newest = max(state.well or state.at for state in states)
    text = moment(newest, timezone, seconds=False)
    shown = text[11:] if now - newest < timedelta(hours=12) else text
    return f"Data until {shown}" + (f" · {wrong} of {len(states)} late" if wrong else "")


def freshness_list(
    states: list[SourceState], now: datetime, timezone: str, late: timedelta, problem: str = ""
) -> Component:
    """Every source with its last good run."""
    if problem or not states:
        return html.P(problem or "No collector has run yet.", className="menu-note")
    return html.Ul([_line(state, now, timezone, late) for state in states])


def _line(state: SourceState, now: datetime, timezone: str, late: timedelta) -> Component:
    trouble = state.trouble(now, late)
    read = f"read {ago(state.well, now)}" if state.well else "never read"
    when = moment(state.well, timezone) if state.well else ""
    return html.Li(
        [
            html.Span(className="dot bad" if trouble else "dot good", **{"aria-hidden": "true"}),
            html.Strong(COLLECTOR_NAMES.get(state.collector, state.collector)),
            html.Span(trouble.partition(": ")[2] if trouble else read, title=when),
        ]
    )

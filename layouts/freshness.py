"""How fresh the data are: one line in the header, one row for each source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from dash import html
from dash.development.base_component import Component

from layouts.formats import ago, length, moment
from layouts.source_state import Look, SourceState, quiet_for
from layouts.sources import ANNOUNCES, COLLECTOR_NAMES
from metricstore.windows import zone

WORST_LAST: tuple[Look, ...] = ("good", "warning", "bad")
PULSE = "dot pulse"
"""Class of the dot in the header; `mark` is added."""


def summary(states: list[SourceState], now: datetime, timezone: str) -> str:
    """`Newest record 14:05 · read 14:07 CET`: the newest record, when sources were looked at last; and what is wrong. Not "Data until",
    which a panel says of its own source: how far that was read, which is later than its newest record while nothing happens."""
    if not states:
        return "Nothing collected yet"
    failed = sum(state.outcome != "ok" for state in states)
    late = sum(state.trouble(now) is not None for state in states) - failed
    read = max(state.well or state.at for state in states)
    told = max((state for state in states if state.newest_given), key=lambda state: str(state.newest), default=None)
    until = f"Newest record {clock(told.newest_given, now, timezone)} · read" if told and told.newest_given else "Read"
    warned = [state.warned("") for state in states if state.warnings]
    partly = warned.count("")
    return (
        f"{until} {clock(read, now, timezone)} {read.astimezone(zone(timezone)).tzname()}"
        + (f" · {failed} of {len(states)} failed" if failed else "")
        + (f" · {late} of {len(states)} late" if late else "")
        + (f" · {partly} not fully read" if partly else "")
        + "".join(f" · {text}" for text in warned if text)
        + _silence([state for state in states if state.quiet])
    )


def _silence(quiet: Sequence[SourceState]) -> str:
    """` · Calendars quiet for 21 days`, of several how many."""
    if len(quiet) == 1 and quiet[0].quiet:
        return f" · {quiet[0].name} {quiet_for(quiet[0].quiet)}"
    return f" · {len(quiet)} sources unusually quiet" if quiet else ""


def mark(states: list[SourceState], now: datetime) -> Look:
    """The class of the dot beside the summary: that of the source which is worst; with none, `warning`."""
    return max((state.look(now) for state in states), key=WORST_LAST.index, default="warning")


def clock(then: date | datetime, now: datetime, timezone: str) -> str:
    """`14:05`, with the date where it is not of these hours; a date as it is."""
    if not isinstance(then, datetime):
        return then.isoformat()
    text = moment(then, timezone, seconds=False)
    return text[11:] if abs(now - then) < timedelta(hours=12) else text


def clocks(until: str, drawn: str, due: str) -> str:
    """Both clocks of a panel and when news are expected; parts that nobody knows are left out."""
    parts = (("Data until", until), ("drawn", drawn), ("next reading", due))
    return " · ".join(f"{what} {when}" for what, when in parts if when)


def freshness_list(states: list[SourceState], now: datetime, timezone: str, problem: str = "") -> Component:
    """Every source with its last good run."""
    if problem or not states:
        return html.P(problem or "No collector has run yet.", className="menu-note")
    return html.Ul([_line(state, now, timezone) for state in states])


def _line(state: SourceState, now: datetime, timezone: str) -> Component:
    trouble = state.trouble(now)
    read = "reading now" if state.running else f"read {ago(state.well, now)}" if state.well else "never read"
    # What comes within a minute would be out of date before it is read.
    if state.due is not None and state.due - now >= timedelta(minutes=1):
        read += f", next in {length(state.due - now)}"
    times = (("last", state.well), ("next", state.due), ("newest record", state.newest))
    when = " · ".join(f"{what} {moment(time, timezone)}" for what, time in times if time)
    if state.quiet:
        read += f", {quiet_for(state.quiet)}"
    text = (
        trouble.partition(": ")[2]
        if trouble
        else f"{read}, {state.warned('not fully understood')}"
        if state.warnings
        else read
    )
    return html.Li(
        [
            html.Span(className=f"dot {state.look(now)}", **{"aria-hidden": "true"}),
            html.Strong(state.name),
            html.Span(text, title=" · ".join(part for part in (when, *state.warnings) if part)),
        ]
    )


def who_collects(sentence: str) -> Component | None:
    """Which of several machines collects; None where only one can."""
    return html.P(sentence, className="lead") if sentence else None


def warnings_notice(warnings: Mapping[str, Sequence[str]]) -> Component | None:
    """What was not understood in the sources, and what is announced, by the collector's name; None when there is neither."""
    read = {name: texts for name, texts in warnings.items() if texts and name not in ANNOUNCES}
    announced = {name: texts for name, texts in warnings.items() if texts and name in ANNOUNCES}
    if not (read or announced):
        return None
    return html.Section(
        [*_listed("Not everything was understood", read), *_listed("Announced", announced)],
        className="source-warnings",
        **{"aria-label": "Warnings about sources"},
    )


def _listed(heading: str, warnings: Mapping[str, Sequence[str]]) -> list[Component]:
    if not warnings:
        return []
    lines = [
        html.Li([html.Strong(COLLECTOR_NAMES.get(name, name)), " ", html.Span(text)])
        for name, texts in warnings.items()
        for text in texts
    ]
    return [html.H2(heading), html.Ul(lines)]

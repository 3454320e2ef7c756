"""How an alert goes, look after look. Pure: the same code decides live, in a backtest and in tests.

    ok → pending → firing → recovering → ok

A window without a number never says that all is well: without records the state is held until the rule's `quiet` has passed,
what was not collected neither fires nor resolves (`blind`), and a figure that sources leave out makes it blind after a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import isnan, nan
from typing import Literal, NamedTuple

from alerting.rule import Rule
from metricstore import nothing

Phase = Literal["ok", "pending", "firing", "recovering"]
Event = Literal["fired", "raised", "added", "resolved", "quiet", "blind", "sighted"]
SILENT_LOOKS = 3
"""So many windows in a row whose figure is not reported or lost make an alert blind."""
ANOTHER_DAY = "another day"
"""Of a window in which the rule expects nothing."""


MOST_KNOWN = 2_000
"""So many records that were reported are remembered for a group, the latest."""


class Record(NamedTuple):
    """A record that a rule of kind `each` or `first` reports."""

    id: str
    """Its identity: reported once."""
    text: str
    """What it is, for people; a line."""


class Look(NamedTuple):
    """One closed window as a rule sees it."""

    opened: datetime
    closed: datetime
    value: float
    """In the metric's unit; NaN where `why` is not empty."""
    measured: float
    """What is compared with the limits: the value itself, a change, or a distance in usual spreads."""
    why: str = ""
    """The kind of nothing (see metricstore.nothing), or ANOTHER_DAY."""
    usual: float = nan
    """What `measured` was measured from, where there is such a thing."""
    raising: float = nan
    """What `page` is compared with, where that is another figure than `measured`."""
    records: tuple[Record, ...] = ()
    """Of rules about single records: those that are in view, or have come into view since the look before."""
    period: str = ""
    """Of a budget: the month that it is about."""


@dataclass(frozen=True)
class State:
    """Everything that has to be remembered between two looks."""

    phase: Phase = "ok"
    episode: int = 0
    """Number of the latest alert; grows with each that fires."""
    fired: datetime | None = None
    """When the open alert fired: the end of the window that decided it."""
    raised: bool = False
    last_breach: datetime | None = None
    last_records: datetime | None = None
    breaches: tuple[bool, ...] = ()
    """Of the latest windows that had a number, as many as the rule looks at."""
    silent: int = 0
    """Windows in a row whose figure was not reported or is lost."""
    blind: bool = False
    period: str = ""
    """Of a budget: the month that the open alert is about."""
    known: tuple[str, ...] = ()
    """Of rules about single records: the ids of those that were reported, the latest last."""

    @property
    def open(self) -> bool:
        return self.phase in ("firing", "recovering")


class Transition(NamedTuple):
    """`look` is the window that decided it."""

    event: Event
    episode: int
    look: Look
    records: tuple[Record, ...] = ()
    """Of `fired` and `added`, where a rule is about single records: those that had not been reported."""


class Course(NamedTuple):
    transitions: tuple[Transition, ...]
    state: State


def replay(rule: Rule, looks: Iterable[Look], start: State | None = None) -> Course:
    """What happens from `start` on. Looks come in order and each only once; splitting them anywhere changes nothing."""
    state, found = start or State(), []
    for look in looks:
        if rule.listed and not look.why:
            state, listed = _records(state, look)
            found += listed
            continue
        state, events = _step(rule, state, look)
        found += [Transition(event, state.episode, look) for event in events]
    return Course(tuple(found), state)


def _records(state: State, look: Look) -> tuple[State, list[Transition]]:
    """Each record is reported once, however long it stays in view; the alert ends when none is left."""
    known = set(state.known)
    new = tuple(each for each in look.records if each.id not in known)
    state = replace(state, known=(*state.known, *(each.id for each in new))[-MOST_KNOWN:], last_records=look.closed)
    if new and not state.open:
        state = replace(state, phase="firing", episode=state.episode + 1, fired=look.closed)
        return state, [Transition("fired", state.episode, look, new)]
    if new:
        return state, [Transition("added", state.episode, look, new)]
    if state.open and not look.value:
        return _closed(state), [Transition("resolved", state.episode, look)]
    return state, []


def _step(rule: Rule, state: State, look: Look) -> tuple[State, list[Event]]:
    if look.why == "":
        return _number(rule, state, look)
    if look.why == nothing.NO_RECORDS:
        return _silence(rule, replace(state, silent=0), look)
    if look.why == nothing.NOT_COLLECTED:
        return _blinded(state)
    if look.why in (nothing.NOT_REPORTED, nothing.LOST):
        state = replace(state, silent=state.silent + 1)
        return _blinded(state) if state.silent >= SILENT_LOOKS else (state, [])
    return state, []


def _blinded(state: State) -> tuple[State, list[Event]]:
    return replace(state, blind=True), [] if state.blind else ["blind"]


def _silence(rule: Rule, state: State, look: Look) -> tuple[State, list[Event]]:
    """Nothing happened in the window."""
    known: list[Event] = ["sighted"] if state.blind else []
    state = replace(state, blind=False)
    if state.last_records is None or look.closed - state.last_records < rule.quiet:
        return state, known
    ended: list[Event] = ["quiet"] if state.open else []
    return _closed(state), [*known, *ended]


def _number(rule: Rule, state: State, look: Look) -> tuple[State, list[Event]]:
    events: list[Event] = ["sighted"] if state.blind else []
    if state.open and state.period != look.period:  # another month has a budget of its own
        state, events = _closed(state), [*events, "resolved"]
    breach = rule.fire.reached(look.measured)
    breaches = (*state.breaches, breach)[-rule.needed.looks :]
    last_breach = look.closed if breach else state.last_breach
    state = replace(state, breaches=breaches, last_breach=last_breach, last_records=look.closed, silent=0, blind=False)
    if not state.open:
        if sum(breaches) < rule.needed.breaches:
            return replace(state, phase="pending" if breach else "ok"), events
        state = replace(state, phase="firing", episode=state.episode + 1, fired=look.closed, period=look.period)
        events.append("fired")
    elif breach:
        state = replace(state, phase="firing")
    elif rule.clear.reached(look.measured):
        if last_breach is not None and look.closed - last_breach < rule.keep:
            return replace(state, phase="recovering"), events
        return _closed(state), [*events, "resolved"]
    raising = look.measured if isnan(look.raising) else look.raising
    if rule.page is not None and not state.raised and rule.page.reached(raising):
        state = replace(state, raised=True)
        events.append("raised")
    return state, events


def _closed(state: State) -> State:
    return replace(state, phase="ok", fired=None, raised=False, breaches=())

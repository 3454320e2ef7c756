"""What a round of evaluation decides for one group of a rule. Pure: windows in, what changed out.

The windows of the last REVISED are judged anew each time, from the state before them, by the same `replay` as a backtest. What then
differs from what was decided before is what happened: a new alert, an end, or a correction by data that came late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from alerting.alert import CORRECTED, GONE, MOST_TEXTS, Alert, Memory
from alerting.course import Look, Record, State, Transition, replay
from alerting.rule import Rule

REVISED = timedelta(hours=48)
"""Data that come later than this change nothing that was decided."""
ENDS = ("resolved", "quiet")

Happening = Literal["fired", "raised", "resolved", "quiet", "gone", "corrected", "blind", "sighted"]


class Change(NamedTuple):
    happening: Happening
    alert: Alert
    """After the change; of `blind` and `sighted` the open one, or one without a number."""
    at: datetime
    late: bool = False
    """Whether it was decided by data that came after its window had been judged."""


class Decision(NamedTuple):
    memory: Memory
    changes: tuple[Change, ...]


@dataclass
class _Span:
    """An alert as `replay` sees it."""

    fired: datetime
    value: float
    usual: float
    raised: bool = False
    ended: datetime | None = None
    how: str = ""
    records: list[Record] = field(default_factory=list)
    """Those that it reports anew."""


def decide(rule: Rule, memory: Memory, looks: Sequence[Look], until: datetime, *, rows: bool = True) -> Decision:
    """`looks` are all closed windows after `memory.since` up to `until`, in order. `rows` False: the group has left the
    data, so that what ends is said to be gone."""
    course = replay(rule, looks, memory.base)
    spans = _spans(memory, course.transitions, rows=rows)
    kept, changes = _compared(memory, spans)
    if course.state.blind != memory.blind:
        seen = next((one for one in reversed(kept) if one.open), Alert(0, until, float("nan")))
        changes.append(Change("blind" if course.state.blind else "sighted", seen, until))
    last = max([memory.last, *(each.number for each in kept)])
    found = replace(memory, until=until, alerts=tuple(kept), last=last, blind=course.state.blind)
    return Decision(found, tuple(changes))


def advanced(rule: Rule, memory: Memory, looks: Iterable[Look], since: datetime) -> Memory:
    """The same, with windows that end by `since` settled for good: nothing that comes later changes them."""
    if since <= memory.since:
        return memory
    base = replay(rule, (look for look in looks if look.closed <= since), memory.base).state
    recent = min(since, memory.until - REVISED)  # what ended lately is still shown
    kept = tuple(each for each in memory.alerts if each.open or max(each.fired, each.ended or each.fired) > recent)
    return replace(memory, since=since, base=base, alerts=kept)


def _spans(memory: Memory, transitions: Sequence[Transition], *, rows: bool) -> list[_Span]:
    """Alerts from `memory.since` on, the one that was open then first."""
    spans: list[_Span] = []
    if memory.base.open:
        before = _open_at(memory.base, memory.alerts)
        spans.append(_Span(before.fired, before.value, before.usual, memory.base.raised))
    for each in transitions:
        if each.event == "fired":
            spans.append(_Span(each.look.closed, each.look.value, each.look.usual, records=list(each.records)))
        elif each.event == "added":
            spans[-1].records += each.records
        elif each.event == "raised":
            spans[-1].raised = True
        elif each.event in ENDS:
            spans[-1].ended = each.look.closed
            spans[-1].how = each.event if rows else GONE
    return spans


def _open_at(base: State, alerts: Sequence[Alert]) -> Alert:
    assert base.fired is not None
    found = [each for each in alerts if each.fired <= base.fired and each.how != CORRECTED]
    return found[-1] if found else Alert(0, base.fired, float("nan"))


def _compared(memory: Memory, spans: list[_Span]) -> tuple[list[Alert], list[Change]]:
    kept: list[Alert] = []
    changes: list[Change] = []
    free, number = list(spans), memory.last
    for alert in memory.alerts:
        settled = alert.ended is not None and max(alert.fired, alert.ended) <= memory.since
        over = settled or alert.how == CORRECTED
        same = None if over else next((one for one in free if _overlap(alert, one)), None)
        now, changed = alert, list[Change]()
        if same is not None:
            free.remove(same)
            now, changed = _continued(alert, same, memory.until)
        elif not over:
            now = replace(alert, ended=alert.ended or max(alert.fired, memory.until), how=CORRECTED)
            changed = [Change("corrected", now, memory.until, late=True)]
        kept.append(now)
        changes += changed
    for span in free:
        number += 1
        now, changed = _new(number, span, memory.until)
        kept.append(now)
        changes += changed
    return sorted(kept, key=lambda each: (each.fired, each.number)), changes


def _overlap(alert: Alert, span: _Span) -> bool:
    return (span.ended is None or alert.fired <= span.ended) and (alert.ended is None or span.fired <= alert.ended)


def _continued(alert: Alert, span: _Span, judged: datetime) -> tuple[Alert, list[Change]]:
    now = _reporting(replace(alert, raised=alert.raised or span.raised, ended=span.ended, how=span.how), span.records)
    changes = []
    if now.raised and not alert.raised:
        changes.append(Change("raised", now, judged))
    if span.ended is not None and alert.ended is None:
        changes.append(Change(span.how, now, span.ended, late=span.ended <= judged))  # type: ignore[arg-type]
    if span.ended is None and alert.ended is not None:
        changes.append(Change("fired", now, alert.fired, late=True))  # its end was wrong
    return now, changes


def _reporting(alert: Alert, records: Sequence[Record]) -> Alert:
    """`texts` are of those that nobody was written to about; of the last ones where there are no such."""
    if not records:
        return alert
    before, count = alert.texts if alert.untold else (), len(records)
    texts = (*before, *(each.text for each in records))[:MOST_TEXTS]
    return replace(alert, untold=alert.untold + count, reported=alert.reported + count, texts=texts)


def _new(number: int, span: _Span, judged: datetime) -> tuple[Alert, list[Change]]:
    now = Alert(number, span.fired, span.value, span.usual, span.raised, span.ended, span.how)
    now = _reporting(now, span.records)
    late = span.fired <= judged
    changes = [Change("fired", now, span.fired, late)]
    if span.raised:
        changes.append(Change("raised", now, span.fired, late))
    if span.ended is not None:
        changes.append(Change(span.how, now, span.ended, late))  # type: ignore[arg-type]
    return now, changes

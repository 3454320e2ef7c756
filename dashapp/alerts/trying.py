"""A rule as it stands now: each recent window and what came of it, and the message that would go out. Nothing is sent or remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from alerting.alert import MOST_TEXTS, Alert, Memory
from alerting.asking import asked, settled_until
from alerting.course import Look, Record, State, Transition, replay
from alerting.listing import in_view
from alerting.measuring import Labels
from alerting.message import Message
from alerting.notifying import Notice
from alerting.receivers.bodies.said import Said, as_text
from alerting.rule import Rule
from dashapp.alerts import phrases, wording
from dashapp.alerts.muting import Mutes, Silence
from dashapp.alerts.reasons import REASONS
from dashapp.alerts.rulebook import Book
from dashapp.alerts.sources import Sources
from dashapp.alerts.states import Group
from dashapp.alerts.wording import Links
from metricstore.store import Store
from metricstore.windows import Window

BEFORE = timedelta(days=7)
"""The course begins so long before the windows that are shown: what was open then is open in them."""
_HAPPENED = {
    "fired": "fires", "raised": "raised to page", "resolved": "over", "quiet": "ends as quiet", "blind": "blind from here on",
    "sighted": "no longer blind", "added": "reported",
}  # fmt: skip


def attempt(store: Store, rule: Rule, now: datetime, count: int, links: Links) -> dict[str, Any]:
    """As JSON: `until` is how far its data are known, `groups` have `labels`, `windows` with `begin`, `value` and `came` (what it came to, in
    words), `open`, and `message`, empty where none would go out."""
    if rule.momentary:
        troubles = Sources(store).late(now)
        return {
            "until": now.isoformat(),
            "groups": [_source(rule, name, text, links, now) for name, text in sorted(troubles.items())],
        }
    if rule.listed:
        view = in_view(store, rule, now)
        return {
            "until": now.isoformat(),
            "groups": [_records(rule, labels, view[labels], links, now) for labels in sorted(view)],
        }
    until = settled_until(store, rule, now)
    length = timedelta(seconds=Window.parse(rule.every).seconds)
    start = until - max(count * length, BEFORE)
    looks = asked(store, rule, start, until, now) if until > start else {}
    return {
        "until": until.isoformat(),
        "groups": [_windows(rule, labels, looks[labels], count, links, now) for labels in sorted(looks)],
    }


def notified(
    rule: Rule, book: Book, silences: Sequence[Silence], groups: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, Any]:  # fmt: skip
    """Of `groups` as `attempt` gives them: `recipients` as (receiver, recipient), and by group why nobody is written to now."""
    mutes, muted = Mutes(silences, None, book.maintenance), []
    for one in groups:
        group = Group(rule.id, tuple(one["labels"].values()), rule.condition, Memory(now, now))
        muted += [{"labels": one["labels"], "why": why}] if (why := mutes.why(rule, group, now)) else []
    return {"recipients": book.addressees(rule), "muted": muted}


def _windows(
    rule: Rule, labels: Labels, looks: Sequence[Look], count: int, links: Links, now: datetime
) -> dict[str, Any]:
    state, alert, lines = State(), None, []
    for look in looks:
        before = state
        course = replay(rule, [look], state)
        state = course.state
        lines.append(_line(rule, look, before, course.transitions))
        alert = _alert(alert, course.transitions, state)
    message = wording.message(rule, labels, Notice("fired", alert), looks, links, now) if alert else None
    return _group(rule, labels, lines[-count:], message)


def _alert(alert: Alert | None, transitions: Sequence[Transition], state: State) -> Alert | None:
    """The open alert; None when nothing is open."""
    for each in transitions:
        if each.event == "fired":
            alert = Alert(each.episode, each.look.closed, each.look.value, each.look.usual)
    if not state.open or alert is None:
        return None
    return Alert(alert.number, alert.fired, alert.value, alert.usual, raised=state.raised)


def _line(rule: Rule, look: Look, before: State, transitions: Sequence[Transition]) -> dict[str, Any]:
    happened = [_HAPPENED[each.event] for each in transitions]
    return {
        "begin": phrases.moment(look.opened, rule), "value": phrases.figure(rule, look.value),
        "came": ", ".join([_judged(rule, look, before), *happened]),
    }  # fmt: skip


def _judged(rule: Rule, look: Look, before: State) -> str:
    """`beyond the limit > 20 %`, `within the limit, measured 12`, `not judged: too few records`."""
    if look.why:
        return f"not judged: {REASONS.get(look.why, look.why)}"
    if rule.kind == "absent":
        return "nothing was counted" if rule.fire.reached(look.measured) else "something was counted"
    limit = phrases.limit(rule, rule.fire)
    plain = look.measured == look.value or not isfinite(look.measured)
    measured = "" if plain else f" ({look.measured:,.4g}{' %' if rule.fire.percent else ''})"
    if rule.fire.reached(look.measured):
        needed = (
            rule.needed.breaches - sum(before.breaches[-rule.needed.looks + 1 :] if rule.needed.looks > 1 else ()) - 1
        )
        waits = f", {needed} more until it fires" if needed > 0 and not before.open else ""
        return f"beyond the limit {limit}{measured}{waits}"
    if before.open and not rule.clear.reached(look.measured):
        return f"between the limits{measured}: stays open"
    return f"within the limit {limit}{measured}"


def _records(rule: Rule, labels: Labels, records: Sequence[Record], links: Links, now: datetime) -> dict[str, Any]:
    texts = tuple(each.text for each in records[:MOST_TEXTS])
    alert = Alert(1, now, float(len(records)), untold=len(records), reported=len(records), texts=texts)
    lines = [{"begin": "", "value": each.text, "came": "in view, reported once"} for each in records]
    return _group(rule, labels, lines, wording.message(rule, labels, Notice("fired", alert), (), links, now))


def _source(rule: Rule, name: str, trouble: str, links: Links, now: datetime) -> dict[str, Any]:
    line = {"begin": "", "value": "", "came": trouble or "read well"}
    alert = Alert(1, now, 1.0)
    message = wording.message(rule, (name,), Notice("fired", alert), (), links, now, trouble) if trouble else None
    return _group(rule, (name,), [line], message)


def _group(rule: Rule, labels: Labels, lines: Sequence[dict[str, Any]], message: Message | None) -> dict[str, Any]:
    if message is not None:  # an alert that is not there can't be taken
        message = replace(message, acknowledge_link="", silence_link="")
    return {
        "labels": dict(zip(rule.by, labels, strict=True)), "windows": list(lines), "open": message is not None,
        "message": f"{Said.of(message).headline}\n\n{as_text(Said.of(message))}" if message else "",
    }  # fmt: skip

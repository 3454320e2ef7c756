"""Alerts as the pages show them: in words, with everything escaped later by the template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from alerting.alert import Alert
from alerting.measuring import Labels
from alerting.notifying import Notice
from alerting.rule import Rule
from dashapp.alerts import phrases, wording
from dashapp.alerts.muting import Mutes, Silence
from dashapp.alerts.pages.desk import wall
from dashapp.alerts.rulebook import Book
from dashapp.alerts.states import Group
from layouts.formats import length

SHAPES = {"page": "◆", "ticket": "▲", "info": "●"}
"""Severities differ by shape, too."""
HOW = {
    "resolved": "over",
    "quiet": "ended without an answer: nothing is recorded any more",
    "gone": "ended without an answer: no longer in the data",
    "corrected": "corrected: with the data known now, it wasn't an alert",
}
RECENTLY = timedelta(days=2)


@dataclass(frozen=True)
class ShownAlert:
    href: str
    title: str
    """With its group."""
    severity: str
    sentence: str
    since: str
    lasted: str
    value: str
    """The figure when it fired."""
    limit: str
    taken_by: str
    note: str
    muted: str
    """Why nobody is written to; empty while it is open and somebody is."""
    ended: str
    how: str
    """In words; empty while it is open."""

    @property
    def open(self) -> bool:
        return not self.how


def shown(group: Group, alert: Alert, rule: Rule | None, silences: Sequence[Silence], now: datetime) -> ShownAlert:
    """`rule` None: it was removed a moment ago, and the next round ends its alerts."""
    taken = group.acknowledged == alert.number
    return ShownAlert(
        href=address(group.rule, alert.number, group.labels),
        title=titled(rule, group), severity="page" if alert.raised else rule.severity if rule else "ticket",
        sentence=sentence_of(rule, group.labels, alert, now) if rule else "Its rule was removed.",
        since=wall(alert.fired), lasted=length((alert.ended or now) - alert.fired),
        value=phrases.beside_limit(rule, alert.value, alert.usual) if rule else "",
        limit=phrases.limit(rule, phrases.crossed(rule, alert)) if rule and rule.kind != "absent" else "",
        taken_by=group.acknowledged_by if taken else "", note=group.note if taken else "",
        muted=muted(group, rule, silences, now) if alert.open else "",
        ended=wall(alert.ended), how="" if alert.open else HOW.get(alert.how, alert.how),
    )  # fmt: skip


def sentence_of(rule: Rule, labels: Labels, alert: Alert, now: datetime) -> str:
    """The sentence of its message."""
    subject = "fired" if alert.open else alert.how
    return wording.sentence(rule, labels, Notice(subject, alert), now)  # type: ignore[arg-type]


def titled(rule: Rule | None, group: Group) -> str:
    if rule is not None and len(rule.by) == len(group.labels):
        return f"{rule.title}{phrases.group(rule, group.labels)}"
    return f"{rule.title if rule else group.rule}{' (' + ', '.join(group.labels) + ')' if group.labels else ''}"


def address(rule: str, number: int, labels: Labels) -> str:
    """As messages link to it."""
    return url_for("alerts.alert", rule=rule, number=number, labels="\n".join(labels))


def muted(group: Group, rule: Rule | None, silences: Sequence[Silence], now: datetime) -> str:
    """By the silences of this moment, and by whatever else the last round found."""
    if rule is not None and (why := Mutes(silences).why(rule, group, now)):
        return why
    return "" if group.muted_by.startswith("silenced by ") else group.muted_by


def opened(groups: Iterable[Group], book: Book, silences: Sequence[Silence], now: datetime) -> list[ShownAlert]:
    """What is open, pages first, then the newest."""
    found = [
        shown(group, group.memory.open, book.rule(group.rule), silences, now) for group in groups if group.memory.open
    ]
    by_time = sorted(found, key=lambda one: one.since, reverse=True)
    return sorted(by_time, key=lambda one: list(SHAPES).index(one.severity))


def ended(groups: Iterable[Group], book: Book, now: datetime) -> list[ShownAlert]:
    """What ended within RECENTLY, the last first."""
    found = [
        (alert.ended, shown(group, alert, book.rule(group.rule), (), now))
        for group in groups
        for alert in group.memory.alerts
        if alert.ended and now - alert.ended <= RECENTLY
    ]
    return [one for _, one in sorted(found, key=lambda each: each[0], reverse=True)]

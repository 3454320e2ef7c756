"""One alert: what it is about, who has taken it. GET only shows, so that a mail scanner which opens the link does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, request
from flask_login import current_user

from alerting.alert import Alert
from alerting.measuring import Labels
from alerting.message import Message
from alerting.rule import NOT_JUDGED, Rule
from alerting.rule_words import rule_id
from dashapp.administration.forms import ActionForm
from dashapp.administration.sections import page
from dashapp.alerts import outbox, wording
from dashapp.alerts.pages.desk import desk, now, timezone
from dashapp.alerts.pages.guards import may_act
from dashapp.alerts.pages.showing import SHAPES, shown
from dashapp.alerts.previewing import Preview
from dashapp.alerts.rights import seen_groups, seen_silences, sees_all
from dashapp.alerts.states import Group
from metricstore.windows import Window

UNTIL_ENDED = "ended"
LASTING = {"2h": "2 hours", "8h": "8 hours", "1d": "1 day", "7d": "7 days", UNTIL_ENDED: "until it has ended (30 days at most)"}  # fmt: skip
SPANS = {"2h": timedelta(hours=2), "8h": timedelta(hours=8), "1d": timedelta(days=1), "7d": timedelta(days=7)}
COVERING = {"group": "this alert and later ones of its group", "rule": "all alerts of the rule"}
_HERE = "here:"
"""Stands for this site, whatever name a reader knows it by."""


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/alerts/<rule>/<int:number>", "alert", alert)


@dataclass(frozen=True)
class Found:
    rule: Rule | None
    labels: Labels
    number: int
    group: Group | None
    alert: Alert | None
    """None: it ended so long ago that only its last message is kept, if that."""
    last: Message | None

    @property
    def open(self) -> bool:
        return self.alert is not None and self.alert.open


def alert(rule: str, number: int) -> str:
    return alert_page(find(rule, number))


def find(rule: str, number: int) -> Found:
    """The alert at the request's address; 404 for what never was."""
    try:
        if rule != NOT_JUDGED:
            rule_id(rule)
    except ValueError:
        abort(404)
    text = request.args.get("labels", "")
    book = desk().rulebook.read()
    groups = seen_groups(current_user, desk().states.of(rule), book)
    group = next((one for one in groups if "\n".join(one.labels) == text), None)
    labels = group.labels if group else tuple(text.split("\n")) if text else ()
    known = group is not None and 1 <= number <= group.memory.last
    alert = next((one for one in group.memory.alerts if one.number == number), None) if group else None
    if alert is None and not sees_all(current_user):
        abort(404)  # its messages may be of a time when the rule saw more
    last = None if alert else _last_message(rule, labels, number)
    if not known and last is None:
        abort(404)
    return Found(book.rule(rule), labels, number, group, alert, last)


def _last_message(rule: str, labels: Labels, number: int) -> Message | None:
    thread = wording.thread_of(rule, labels, number)
    if "\0" in thread:
        return None
    with desk().database.connection() as connection:
        sent = outbox.sent_of(connection, thread)
    return max(sent.values(), key=lambda message: message.at, default=None)


def alert_page(found: Found, previewed: Preview | None = None) -> str:
    """`previewed`: whom the silence that was asked about would mute."""
    moment = now()
    silences = seen_silences(current_user, desk().silences.current(moment), desk().rulebook.read())
    about = shown(found.group, found.alert, found.rule, silences, moment) if found.group and found.alert else None
    return page(
        "alert.html", found=found, about=about, action=ActionForm(), acts=may_act(current_user), whole=sees_all(current_user), shapes=SHAPES,
        lasting=LASTING, labels="\n".join(found.labels), previewed=previewed, covering=COVERING, place=timezone(), view=_view(found),
        clock=found.rule.timezone if found.rule and found.rule.timezone != timezone() else "",
    )  # fmt: skip


def _view(found: Found) -> str:
    """Address of the dashboard's page that shows the metric around the alert."""
    if found.rule is None or found.alert is None or len(found.rule.by) != len(found.labels):
        return ""
    after = timedelta(seconds=Window.parse(found.rule.every).seconds)
    at = found.alert.ended or max(now(), found.alert.fired + after)
    links = wording.Links(_HERE)
    return wording.view(found.rule, found.labels, found.alert, links, at).removeprefix(_HERE)

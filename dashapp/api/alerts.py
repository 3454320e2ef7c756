"""`/alerts`, `/alert-rules`, `/silences`: what is open, what watches, and who has taken or silenced it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response

from dashapp.accounts import AccountError, current_accounts
from dashapp.accounts.database import Database
from dashapp.alerts.muting import Silence
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.previewing import preview
from dashapp.alerts.rulebook import Book, RuleBook, WrongRules, read_text
from dashapp.alerts.silences import Silences, demand_covered
from dashapp.alerts.states import Group, States
from dashapp.alerts.wording import opening
from dashapp.api.administering import told
from dashapp.api.auth import viewer
from dashapp.api.bodies import NAME_OF_RULES, NewAcknowledgement, NewRules, NewSilence
from dashapp.api.endpoints import Endpoint, Parameter, endpoint, params
from dashapp.api.problems import Problem
from dashapp.api.schemas import TEXT, TEXTS, TRUTH, WHEN, WHOLE, data_of, maybe, record
from dashapp.api.tokens import NUMBER
from dashapp.settings.values import duration
from metricstore.selection import split_values

_LIMITED = (403, "the account's view is limited, and rules are about all data")
_WRITERS = (403, "not an analyst with an unlimited view")
_NO_RULE = "no such rule is in force, or its alerts have other labels"
_ALERT = record("Alert", rule=TEXT, title=TEXT, labels={"type": "object", "additionalProperties": TEXT}, number=WHOLE, severity=TEXT,
                since=WHEN, sentence=TEXT, acknowledged_by=maybe(TEXT), note=maybe(TEXT), muted_by=maybe(TEXT))  # fmt: skip
_RULES = record("AlertRules", name=TEXT, text=TEXT, rules=TEXTS, receivers=TEXTS)
_APPLIED = record("AppliedAlertRules", added=TEXTS, changed=TEXTS, removed=TEXTS, same=TEXTS)
_SILENCE = record(
    "Silence", id=WHOLE, rule=maybe(TEXT), labels=maybe(TEXTS), start=WHEN, stop=WHEN, reason=TEXT, author=TEXT
)
_PREVIEW = record("SilencePreview", open=TEXTS, recipients=TEXTS, past_alerts=WHOLE,
                  past={"type": "object", "additionalProperties": WHOLE}, sentences=TEXTS)  # fmt: skip
_RULE = Parameter("rule", "id of the rule", "every rule")
_LABELS = Parameter("labels", "values of the rule's `by`, in its order, separated by commas", "all groups")
_NAME = Parameter("name", "what the text was applied as", schema={"type": "string", "pattern": NAME_OF_RULES}, required=True)  # fmt: skip


@endpoint(Endpoint("/alerts", "Alerts that are open now",
                   "`{data: [{rule, title, labels, number, severity, since, sentence, acknowledged_by, note, muted_by}]}`",
                   unlimited=True, schema=data_of(_ALERT), errors=(_LIMITED,), example="/api/v1/alerts"))  # fmt: skip
def alerts() -> Response:
    book = RuleBook(_database()).read()
    found = []
    for group in States(_database()).opened():
        rule, alert = book.rule(group.rule), group.memory.open
        if rule is None or alert is None:
            continue
        found.append({
            "rule": rule.id, "title": rule.title, "labels": dict(zip(rule.by, group.labels, strict=True)), "number": alert.number,
            "severity": "page" if alert.raised else rule.severity, "since": alert.fired.isoformat(),
            "sentence": opening(rule, group.labels, alert), **_people(group),
        })  # fmt: skip
    return told({"data": found})


@endpoint(Endpoint("/alerts/acknowledgements", "Take an open alert: it is not said again until it has ended", "`{taken}`", method="POST",
                   scope="alert", role="analyst", unlimited=True, body=NewAcknowledgement, status=201,
                   schema=record("Acknowledged", taken=TRUTH),
                   errors=((400, "a bad or unknown member"), _WRITERS, (404, "no such alert is open"))))  # fmt: skip
def acknowledge(body: NewAcknowledgement) -> Response:
    note = body.note or ""
    if not States(_database()).acknowledge(body.rule, tuple(body.labels), body.number, viewer().name, note):
        raise Problem(404, f"no alert {body.number} of the rule {body.rule!r} is open for these labels")
    return told({"taken": True}, 201)


@endpoint(Endpoint("/alert-rules", "Texts of rules and receivers that are in force", "`{data: [{name, text, rules, receivers}]}`",
                   unlimited=True, schema=data_of(_RULES), errors=(_LIMITED,), example="/api/v1/alert-rules"))  # fmt: skip
def alert_rules() -> Response:
    found = []
    for name, text in RuleBook(_database()).texts():
        read = read_text(text, name)
        rules, receivers = [rule.id for rule in read.rules], [each.name for each in read.receivers]
        found.append({"name": name, "text": text, "rules": rules, "receivers": receivers})
    return told({"data": found})


@endpoint(Endpoint("/alert-rules", "Put a text in force, as a whole or not at all; applying it twice changes nothing",
                   "`{added, changed, removed, same}`: ids of rules, and receivers", method="PUT", scope="alert", role="analyst",
                   unlimited=True, body=NewRules, schema=_APPLIED,
                   errors=((400, "a bad or unknown member"), _WRITERS, (409, "the text has mistakes: each with its line"))))  # fmt: skip
def apply(body: NewRules) -> Response:
    book = RuleBook(_database())
    before = dict(book.texts()).get(body.name, "")
    _receivers_are_for_administrators(body.text, before)
    try:
        found = book.apply(body.text, body.name, viewer().name)
    except WrongRules as error:
        raise Problem(409, str(error), parameter="text") from None
    return told({"added": found.added, "changed": found.changed, "removed": found.removed, "same": found.same})


@endpoint(Endpoint("/alert-rules", "Take a text out of force; its open alerts end", "`{removed}`", (_NAME,), method="DELETE",
                   scope="alert", role="analyst", unlimited=True, schema=record("RemovedAlertRules", removed=TEXT),
                   errors=((400, "no name"), _WRITERS, (404, "nothing was applied under this name"))))  # fmt: skip
def remove() -> Response:
    name, book = params().get("name", ""), RuleBook(_database())
    _receivers_are_for_administrators(dict(book.texts()).get(name, ""))
    try:
        book.remove(name, viewer().name)
    except AccountError as error:
        raise Problem(404, str(error), parameter="name") from None
    return told({"removed": name})


@endpoint(Endpoint("/silences", "Silences in force", "`{data: [{id, rule, labels, start, stop, reason, author}]}`", unlimited=True,
                   schema=data_of(_SILENCE), errors=(_LIMITED,), example="/api/v1/silences"))  # fmt: skip
def silences() -> Response:
    return told({"data": [_silence(one) for one in Silences(_database()).current(datetime.now(UTC))]})


@endpoint(Endpoint("/silences", "Write to nobody for a while", "`{id}`", method="POST", scope="alert", role="analyst", unlimited=True,
                   body=NewSilence, status=201, schema=record("NewSilenceAnswer", id=WHOLE),
                   errors=((400, "a bad or unknown member"), _WRITERS, (404, _NO_RULE), (409, "longer than 30 days"))))  # fmt: skip
def silence(body: NewSilence) -> Response:
    now = datetime.now(UTC)
    labels = None if body.labels is None else tuple(body.labels)
    _demand_covered(RuleBook(_database()).read(), body.rule or "", labels)
    made = Silences(_database()).add(
        body.rule or "", labels, now + duration(body.lasts), body.reason, viewer().name, now
    )
    return told({"id": made}, 201)


@endpoint(Endpoint("/silences/preview", "Whom a silence would mute, now and by the messages of the last seven days",
                   "`{open, recipients, past_alerts, past, sentences}`", (_RULE, _LABELS), unlimited=True, schema=_PREVIEW,
                   errors=(_LIMITED, (404, _NO_RULE)), example="/api/v1/silences/preview"))  # fmt: skip
def preview_silence() -> Response:
    asked, database = params(), _database()
    labels = tuple(split_values(asked["labels"])) if "labels" in asked else None
    book, now = RuleBook(database).read(), datetime.now(UTC)
    _demand_covered(book, asked.get("rule", ""), labels)
    found = preview(asked.get("rule", ""), labels, book, States(database).opened(), Outbox(database), now)
    return told({
        "open": list(found.alerts), "recipients": list(found.recipients), "past_alerts": found.past_alerts,
        "past": dict(found.past), "sentences": found.sentences(),
    })  # fmt: skip


@endpoint(Endpoint("/silences/<int:id>", "End a silence now", "`{id}`", method="DELETE", scope="alert", role="analyst", unlimited=True,
                   places={"id": NUMBER}, schema=record("EndedSilence", id=WHOLE),
                   errors=(_WRITERS, (404, "no such silence is in force"))))  # fmt: skip
def end_silence(id: int) -> Response:
    try:
        Silences(_database()).end(id, viewer().name, datetime.now(UTC))
    except AccountError as error:
        raise Problem(404, str(error), parameter="id") from None
    return told({"id": id})


def _receivers_are_for_administrators(*texts: str) -> None:
    """A receiver's secret is read from this machine and sent to an address: not everybody may name the two."""
    if not viewer().has_role("admin") and any(read_text(text, "").receivers for text in texts):
        raise Problem(403, "receivers are declared, changed and removed by administrators", parameter="text")


def _demand_covered(book: Book, rule: str, labels: tuple[str, ...] | None) -> None:
    try:
        demand_covered(book, rule, labels)
    except AccountError as error:
        raise Problem(404, str(error), parameter="rule") from None


def _people(group: Group) -> dict[str, Any]:
    taken = group.taken
    return {
        "acknowledged_by": group.acknowledged_by if taken else None,
        "note": (group.note or None) if taken else None,
        "muted_by": group.muted_by or None,
    }


def _silence(one: Silence) -> dict[str, Any]:
    return {
        "id": one.id, "rule": one.rule or None, "labels": None if one.labels is None else list(one.labels),
        "start": one.start.isoformat(), "stop": one.stop.isoformat(), "reason": one.reason, "author": one.author,
    }  # fmt: skip


def _database() -> Database:
    return current_accounts().database

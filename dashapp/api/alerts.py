"""`/alerts` and `/silences`: what is open, and who has taken or silenced it. Whose view is limited sees and does here what the page Alerts allows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response

from alerting.rule import NOT_JUDGED
from dashapp.accounts import AccountError, current_accounts
from dashapp.accounts.database import Database
from dashapp.alerts.muting import Silence
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.previewing import preview
from dashapp.alerts.rights import seen_book, seen_groups, seen_silences, sees_all
from dashapp.alerts.rulebook import Book, RuleBook
from dashapp.alerts.silences import Silences, demand_covered
from dashapp.alerts.states import Group, States
from dashapp.alerts.wording import opening
from dashapp.api.administering import told
from dashapp.api.auth import viewer
from dashapp.api.bodies import NewAcknowledgement, NewSilence
from dashapp.api.endpoints import Endpoint, Parameter, endpoint, params
from dashapp.api.schemas import TEXT, TEXTS, TRUTH, WHEN, WHOLE, data_of, maybe, record
from dashapp.api.tokens import NUMBER
from dashapp.problem import Problem
from dashapp.settings.values import duration
from metricstore.selection import split_values

_ANALYSTS = (403, "not an analyst")
_NO_RULE = "no such rule is in force, or its alerts have other labels"
_ALERT = record("Alert", rule=TEXT, title=TEXT, labels={"type": "object", "additionalProperties": TEXT}, number=WHOLE, severity=TEXT,
                since=WHEN, sentence=TEXT, acknowledged_by=maybe(TEXT), note=maybe(TEXT), muted_by=maybe(TEXT))  # fmt: skip
_SILENCE = record(
    "Silence", id=WHOLE, rule=maybe(TEXT), labels=maybe(TEXTS), start=WHEN, stop=WHEN, reason=TEXT, author=TEXT
)
_PREVIEW = record("SilencePreview", open=TEXTS, recipients=TEXTS, past_alerts=WHOLE,
                  past={"type": "object", "additionalProperties": WHOLE}, sentences=TEXTS)  # fmt: skip
_RULE = Parameter("rule", "id of the rule", "every rule")
_LABELS = Parameter("labels", "values of the rule's `by`, in its order, separated by commas", "all groups")


@endpoint(Endpoint("/alerts", "Alerts that are open now",
                   "`{data: [{rule, title, labels, number, severity, since, sentence, acknowledged_by, note, muted_by}]}`",
                   schema=data_of(_ALERT), example="/api/v1/alerts"))  # fmt: skip
def alerts() -> Response:
    book = RuleBook(_database()).read()
    found = []
    for group in seen_groups(viewer(), States(_database()).opened(), book):
        rule, alert = book.rule(group.rule), group.memory.open
        if rule is None or alert is None:
            continue
        found.append({
            "rule": rule.id, "title": rule.title, "labels": dict(zip(rule.by, group.labels, strict=True)), "number": alert.number,
            "severity": "page" if alert.raised else rule.severity, "since": alert.fired.isoformat(),
            "sentence": opening(rule, group.labels, alert), **_people(group),
        })  # fmt: skip
    return told({"data": found})


@endpoint(Endpoint("/alerts/acknowledgements", "Take an open alert: it is not sent again until it has ended", "`{taken}`", method="POST",
                   scope="alert", role="analyst", body=NewAcknowledgement, status=201, schema=record("Acknowledged", taken=TRUTH),
                   errors=((400, "a bad or unknown member"), _ANALYSTS, (404, "no such alert is open"))))  # fmt: skip
def acknowledge(body: NewAcknowledgement) -> Response:
    states, labels, note = States(_database()), tuple(body.labels), body.note or ""
    groups = seen_groups(viewer(), states.of(body.rule), RuleBook(_database()).read())
    seen = any(group.labels == labels for group in groups)
    if not (seen and states.acknowledge(body.rule, labels, body.number, viewer().name, note)):
        raise Problem(404, f"no alert {body.number} of the rule {body.rule!r} is open for these labels")
    return told({"taken": True}, 201)


@endpoint(Endpoint("/silences", "Silences in force", "`{data: [{id, rule, labels, start, stop, reason, author}]}`",
                   schema=data_of(_SILENCE), example="/api/v1/silences"))  # fmt: skip
def silences() -> Response:
    return told({"data": [_silence(one) for one in _current(datetime.now(UTC))]})


@endpoint(Endpoint("/silences", "Write to nobody for a while", "`{id}`", method="POST", scope="alert", role="analyst",
                   body=NewSilence, status=201, schema=record("NewSilenceAnswer", id=WHOLE),
                   errors=((400, "a bad or unknown member"), (403, "not an analyst, or a silence for all rules from an account with a limited view"),
                           (404, _NO_RULE), (409, "longer than 30 days"))))  # fmt: skip
def silence(body: NewSilence) -> Response:
    now = datetime.now(UTC)
    labels = None if body.labels is None else tuple(body.labels)
    if not body.rule and not sees_all(viewer()):
        raise Problem(403, "your view is limited, so name the rule to silence", parameter="rule")
    _demand_covered(RuleBook(_database()).read(), body.rule or "", labels)
    made = Silences(_database()).add(
        body.rule or "", labels, now + duration(body.lasts), body.reason, viewer().name, now
    )
    return told({"id": made}, 201)


@endpoint(Endpoint("/silences/preview", "Whom a silence would mute, now and by the messages of the last seven days",
                   "`{open, recipients, past_alerts, past, sentences}`", (_RULE, _LABELS), unlimited=True, schema=_PREVIEW,
                   errors=((403, "the account's view is limited, and messages are about all data"), (404, _NO_RULE)), example="/api/v1/silences/preview"))  # fmt: skip
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


@endpoint(Endpoint("/silences/<int:id>", "End a silence now", "`{id}`", method="DELETE", scope="alert", role="analyst",
                   places={"id": NUMBER}, schema=record("EndedSilence", id=WHOLE),
                   errors=(_ANALYSTS, (404, "no such silence is in force"))))  # fmt: skip
def end_silence(id: int) -> Response:
    now = datetime.now(UTC)
    if id not in {one.id for one in _current(now)}:
        raise Problem(404, f"there is no silence {id} that is still in force", parameter="id")
    try:
        Silences(_database()).end(id, viewer().name, now)
    except AccountError as error:
        raise Problem(404, str(error), parameter="id") from None
    return told({"id": id})


def _current(now: datetime) -> list[Silence]:
    return seen_silences(viewer(), Silences(_database()).current(now), RuleBook(_database()).read())


def _demand_covered(book: Book, rule: str, labels: tuple[str, ...] | None) -> None:
    seen = seen_book(viewer(), book)
    try:
        if rule == NOT_JUDGED and not sees_all(viewer()):
            raise AccountError(f"there is no rule {rule!r}")
        demand_covered(seen, rule, labels)
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

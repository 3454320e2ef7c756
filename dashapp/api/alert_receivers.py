"""`/alert-receivers`: where messages of alerts go, and a test message to one of them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, current_app

from alerting.receivers.sending import send
from dashapp.accounts import current_accounts
from dashapp.accounts.directory import record as remember
from dashapp.alerts.outbox import Outbox
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.wording import test_message
from dashapp.api.administering import told
from dashapp.api.auth import viewer
from dashapp.api.bodies import ReceiverToTest
from dashapp.api.endpoints import Endpoint, endpoint
from dashapp.api.schemas import TEXT, TRUTH, data_of, maybe, record
from dashapp.problem import Problem

_LIMITED = "the account's view is limited, and receivers are about all data"
_RECEIVER = record(
    "AlertReceiver", name=TEXT, kind=TEXT, fallback=maybe(TEXT), delivered=maybe(TRUTH), answer=maybe(TEXT)
)
_OUTCOME = record("TestOutcome", recipient=TEXT, delivered=TRUTH, answer=TEXT)


@endpoint(Endpoint("/alert-receivers", "Receivers in force, each with its last answer", "`{data: [{name, kind, fallback, delivered, answer}]}`",
                   unlimited=True, schema=data_of(_RECEIVER), errors=((403, _LIMITED),), example="/api/v1/alert-receivers"))  # fmt: skip
def receivers() -> Response:
    database = current_accounts().database
    answers = Outbox(database).answers()
    found = []
    for name, each in sorted(RuleBook(database).read().receivers.items()):
        last = answers.get(name)
        found.append({
            "name": name, "kind": each.kind, "fallback": each.fallback or None,
            "delivered": last["state"] == "sent" if last else None, "answer": (last["answer"] or None) if last else None,
        })  # fmt: skip
    return told({"data": found})


@endpoint(Endpoint("/alert-receivers/tests", "Send a test message and return each recipient's answer",
                   "`{data: [{recipient, delivered, answer}]}`", method="POST", scope="alert", role="analyst", unlimited=True,
                   body=ReceiverToTest, schema=data_of(_OUTCOME),
                   errors=((400, "a bad or unknown member"), (403, f"not an analyst, or {_LIMITED}"), (404, "no such receiver is in force"))))  # fmt: skip
def send_test(body: ReceiverToTest) -> Response:
    database, now = current_accounts().database, datetime.now(UTC)
    receiver = RuleBook(database).read().receivers.get(body.receiver)
    if receiver is None:
        raise Problem(404, f"there is no receiver {body.receiver!r}", parameter="receiver")
    outcomes = send(receiver, test_message(current_app.extensions["settings"].timezone, now), now)
    with database.session() as session:
        remember(session, viewer().name, "alert receiver tested", receiver.name[-128:],
                 f"{sum(one.delivered for one in outcomes)} of {len(outcomes)} took it")  # fmt: skip
    return told(
        {"data": [{"recipient": one.recipient, "delivered": one.delivered, "answer": one.answer} for one in outcomes]}
    )

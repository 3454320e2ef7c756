"""Alertmanager's own API, taken by a real Alertmanager."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from alerting.message import Message
from alerting.receivers.bodies import webhook
from alerting.receivers.bodies.alertmanager import HOLDS, SEND_AGAIN
from alerting.receivers.sending import send
from tests.receivers.alertmanager import Alertmanager
from tests.receivers.declared import declared, now
from tests.unit.alerting.receivers.messages import ended, hostile, message

ABOUT_A_GROUP_INTERVAL = 1.0


def pushed(alertmanager: Alertmanager, *messages: Message) -> None:
    receiver = declared("alertmanager", url=alertmanager.url)
    for one in messages:
        begun = now() - timedelta(minutes=10)
        at = begun + timedelta(minutes=5) if one.ended else begun
        (found,) = send(receiver, replace(one, since=begun.replace(microsecond=0), at=at), now())
        assert found.delivered, found


def test_two_pushes_are_one_notification_and_the_end_is_another(alertmanager: Alertmanager) -> None:
    pushed(alertmanager, message())
    alertmanager.wait_for(lambda it: len(it.notifications) == 1)
    pushed(alertmanager, message(sent_before=True), message(subject="raised", severity="page", key="2"))
    time.sleep(ABOUT_A_GROUP_INTERVAL)
    assert len(alertmanager.notifications) == 1
    pushed(alertmanager, ended())
    alertmanager.wait_for(lambda it: len(it.notifications) == 2)
    first, last = alertmanager.notifications
    assert (first["status"], last["status"]) == ("firing", "resolved")
    assert first["alerts"][0]["labels"] == {"alertname": "ai-errors", "provider": "openai"}
    assert first["alerts"][0]["annotations"]["description"].startswith("24 % of the requests")
    assert first["alerts"][0]["generatorURL"].startswith("https://metrics.example.org/generation")
    ours = webhook.body(message(), "ops")
    assert set(ours) == set(first)
    assert set(ours["alerts"][0]) == set(first["alerts"][0])
    assert first["alerts"][0]["fingerprint"] == last["alerts"][0]["fingerprint"]


def test_any_labels_and_texts_are_taken(alertmanager: Alertmanager) -> None:
    pushed(alertmanager, hostile(), hostile(100))
    alertmanager.wait_for(lambda it: len(it.notifications) >= 1)


def test_two_sendings_may_be_lost_before_an_alert_ends_by_itself() -> None:
    assert 2 * SEND_AGAIN < HOLDS

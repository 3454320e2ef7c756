"""The webhook, checked by the library that its receivers would use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerting.receivers.outcome import Outcome
from alerting.receivers.sending import send
from tests.receivers.declared import declared, now
from tests.receivers.taking import Taking
from tests.standins.server import Call
from tests.unit.alerting.receivers.messages import ended, hostile, message

SECRET = "whsec_bm90IGEgc2VjcmV0IGF0IGFsbCwgYnV0IGxvbmc="


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)


def sent(*messages: object, ago: timedelta = timedelta(0)) -> list[Call]:
    with Taking() as hook:
        receiver = declared("webhook", url=f"{hook.url}/alerts", secret="env:HOOK_SECRET")
        for one in messages:
            assert send(receiver, one, now() - ago) == [Outcome("ops", True, answer="200: ok")]  # type: ignore[arg-type]
        return list(hook.calls)


def test_the_library_of_receivers_accepts_it() -> None:
    for call in sent(message(), hostile()):
        found = Webhook(SECRET).verify(call.body, call.headers)
        assert (found["version"], found["status"]) == ("4", "firing")


def test_a_changed_byte_another_id_and_ten_minutes_are_refused() -> None:
    (call,), (old,) = sent(message()), sent(message(), ago=timedelta(minutes=10))
    changed = call.body.replace(b"24 %", b"14 %", 1)
    assert changed != call.body
    for body, headers in (
        (changed, call.headers),
        (call.body, call.headers | {"webhook-id": "msg_another"}),
        (old.body, old.headers),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_YW5vdGhlciBzZWNyZXQgb2YgYW5vdGhlciByZWNlaXZlcg==").verify(call.body, call.headers)


def test_a_repetition_has_the_id_of_the_first() -> None:
    first, again, last = sent(message(), message(sent_before=True), ended())
    assert first.headers["webhook-id"] == again.headers["webhook-id"] != last.headers["webhook-id"]


def test_the_body_is_that_of_alertmanager() -> None:
    first, last = (call.json() for call in sent(message(), ended()))
    (alert,) = first["alerts"]
    assert alert["labels"] == {"alertname": "ai-errors", "provider": "openai"}
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-11-26T13:00:00.000Z", "0001-01-01T00:00:00Z")
    assert alert["annotations"]["description"].startswith("24 % of the requests to openai failed")
    assert alert["annotations"]["acknowledge_url"] == "https://metrics.example.org/alerts/ack/abc"
    assert (last["status"], last["alerts"][0]["endsAt"]) == ("resolved", "2026-11-26T13:34:30.000Z")
    assert last["alerts"][0]["fingerprint"] == alert["fingerprint"]
    assert last["groupKey"] == first["groupKey"]
    assert all(isinstance(value, str) for one in (alert["labels"], alert["annotations"]) for value in one.values())


def test_a_secret_of_another_form_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "hunter22")
    receiver = declared("webhook", url="http://127.0.0.1:9/", secret="env:HOOK_SECRET")
    (found,) = send(receiver, message(), now())
    assert found.permanent
    assert "whsec_" in found.answer
    assert "hunter22" not in found.answer

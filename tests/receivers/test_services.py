"""Slack, Teams, Discord, ntfy, Telegram and PagerDuty: what they take, and what they say when they do not."""

from __future__ import annotations

import time
from datetime import timedelta
from email.utils import format_datetime
from itertools import product
from typing import Any, get_args

import pytest

from alerting.message import Figure, Message, Subject
from alerting.receivers.outcome import Outcome
from alerting.receivers.receiver import Receiver
from alerting.receivers.sending import send
from tests.receivers import services
from tests.receivers.declared import declared, now
from tests.receivers.taking import Taking
from tests.standins.faults import Fault
from tests.standins.server import StandIn
from tests.stores import free_port
from tests.unit.alerting.receivers.messages import ended, hostile, message, png

KINDS = ("slack", "teams", "discord", "ntfy", "telegram", "pagerduty", "webhook", "alertmanager")
STANDINS: dict[str, type[StandIn]] = {
    "slack": services.Slack, "teams": services.Teams, "discord": services.Discord, "ntfy": services.Ntfy,
    "telegram": services.Telegram, "pagerduty": services.PagerDuty,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", services.Telegram.token)
    monkeypatch.setenv("PAGERDUTY_KEY", services.PagerDuty.key)
    monkeypatch.setenv("NTFY_TOKEN", "tk_ntfy-secret-token")


def at(kind: str, url: str, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    monkeypatch.setenv("SECRET_URL", url)
    words: dict[str, dict[str, Any]] = {
        "telegram": {"url": url, "token": "env:TELEGRAM_TOKEN", "chat": "-1001"},
        "pagerduty": {"url": url, "key": "env:PAGERDUTY_KEY"}, "ntfy": {"url": url, "token": "env:NTFY_TOKEN"},
        "webhook": {"url": url}, "alertmanager": {"url": url},
    }  # fmt: skip
    return declared(kind, **words.get(kind, {"url": "env:SECRET_URL"}))


@pytest.mark.parametrize("kind", STANDINS)
def test_each_subject_is_taken(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with STANDINS[kind]() as service:
        for subject in get_args(Subject):
            (found,) = send(at(kind, service.url, monkeypatch), message(subject=subject), now())
            assert found.delivered, (subject, found)


@pytest.mark.parametrize("kind", STANDINS)
def test_whatever_texts_hold_and_however_long_they_are_it_is_taken(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    links = {"link": "https://x.example.org/" + "a" * 1400, "silence_link": "https://x.example.org/" + "b" * 1400}
    with STANDINS[kind]() as service:
        receiver = at(kind, service.url, monkeypatch)
        for times, picture in product((1, 3, 200), (b"", png())):
            (found,) = send(receiver, hostile(times, picture=picture, sent_before=True, **links), now())
            assert found.delivered, (times, found)
        for letters in ("@", "&", "<", "`", "*", "漢", "😀", " @"):
            texts = dict.fromkeys(("title", "sentence", "missing", "value"), letters * 3000)
            figures = (Figure(letters * 50, letters * 50),) * 12
            (found,) = send(receiver, message(**texts, figures=figures, picture=png()), now())
            assert found.delivered, (letters, found)
        assert len(service.calls) == 14


def test_pagerduty_has_one_incident_from_firing_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with services.PagerDuty() as service:
        for one in (message(), message(sent_before=True), message(subject="raised", key="2"), ended()):
            assert send(at("pagerduty", service.url, monkeypatch), one, now())[0].delivered
        assert list(service.open.values()) == [["trigger", "trigger", "trigger", "resolve"]]


@pytest.mark.parametrize(("kind", "field"), [("discord", "files[0]"), ("telegram", "photo")])
def test_a_picture_is_uploaded_whole(kind: str, field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = png(200, 100)
    with STANDINS[kind]() as service:
        send(at(kind, service.url, monkeypatch), message(picture=picture), now())
        assert services.form(service.calls[0])[field] == picture


def test_ntfy_has_the_picture_and_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with services.Ntfy() as service:
        send(at("ntfy", service.url, monkeypatch), message(picture=png(), title="Größe"), now())
    (call,) = service.calls
    assert (call.body, call.headers["authorization"]) == (png(), "Bearer tk_ntfy-secret-token")
    assert service._decoded(call.headers["x-title"]) == "Alert: Größe (provider openai)"


def test_where_pictures_are_refused_the_text_still_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    with services.Ntfy() as service:
        service.attachments = False
        (found,) = send(at("ntfy", service.url, monkeypatch), message(picture=png()), now())
    assert found.delivered
    assert [call.path for call in service.calls] == ["/content", "/"]
    assert service.calls[1].json()["message"].startswith("24 % of the requests")


def failing(
    kind: str, fault: Fault, monkeypatch: pytest.MonkeyPatch, seconds: float = 5.0, one: Message | None = None
) -> Outcome:
    with Taking() as service:
        service.spoil(fault)
        (found,) = send(at(kind, f"{service.url}/secret-path", monkeypatch), one or message(), now(), seconds=seconds)
        assert len(service.calls) == 1
    assert not found.delivered
    assert "secret" not in found.answer
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_busy_service_is_left_alone_for_as_long_as_it_says(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = failing(kind, Fault.text(429, "rate_limited", Retry_After="120"), monkeypatch)
    assert (found.permanent, found.retry_after, found.answer) == (False, 120.0, "429: rate_limited")
    later = format_datetime(now() + timedelta(minutes=5), usegmt=False)
    found = failing(kind, Fault.text(503, "", Retry_After=later), monkeypatch)
    assert (found.permanent, found.answer) == (False, "503")
    assert found.retry_after == pytest.approx(300, abs=5)


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        ({"message": "You are being rate limited.", "retry_after": 64.57, "global": False}, 64.57),
        ({"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 35", "parameters": {"retry_after": 35}}, 35.0),
        ({"retry_after": True}, 3.0), ({"retry_after": -1}, 3.0), ({"retry_after": "soon", "parameters": []}, 3.0), ([], 3.0), (None, 3.0),
    ],
)  # fmt: skip
def test_discord_and_telegram_say_in_their_body_how_long(
    body: Any, wait: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert failing("discord", Fault.json(429, body, Retry_After="3"), monkeypatch).retry_after == wait


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_refused_for_good_says_why(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = failing(kind, Fault.text(400, "invalid_payload"), monkeypatch)
    assert found == Outcome(found.recipient, False, True, None, "400: invalid_payload")


@pytest.mark.parametrize(
    ("fault", "permanent", "answer"),
    [
        (Fault.json(500, {"error": {"message": "it hurts"}}), False, "500: it hurts"),
        (Fault.page(502), False, "502: Sign in"),
        (Fault.json(408, {}), False, "408"),
        (Fault.json(425, {}), False, "425"),
        (Fault.json(404, {"ok": False, "error_code": 404, "description": "Not Found"}), True, "404: Not Found"),
        (
            Fault.json(200, {"ok": False, "error_code": 403, "description": "bot was kicked"}),
            True,
            "403: bot was kicked",
        ),
        (Fault.text(410, "channel_is_archived"), True, "410: channel_is_archived"),
        (
            Fault(302, {"Location": "http://169.254.169.254/latest"}),
            True,
            "302: it leads to another address, which is not followed",
        ),
        (Fault.text(403, "key=" + "x" * 5000), True, None),
        (Fault(reset=True), False, None),
    ],
)
def test_what_an_answer_means(
    fault: Fault, permanent: bool, answer: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = failing("webhook", fault, monkeypatch)
    assert (found.permanent, found.retry_after) == (permanent, None)
    assert found.answer == answer or (answer is None and 3 < len(found.answer) <= 300)


def test_one_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = failing("webhook", Fault(delay=30), monkeypatch, seconds=0.4)
    assert (found.permanent, found.answer) == (False, "no answer within 0.4 s")


def test_one_that_is_not_there_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    (found,) = send(at("slack", f"http://127.0.0.1:{free_port()}/secret-path", monkeypatch), message(), now())
    assert (found.delivered, found.permanent) == (False, False)
    assert found.answer.startswith("127.0.0.1 can't be reached")
    assert time.monotonic() - begun < 5


def test_a_secret_that_a_service_repeats_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    said = f"no access for {services.PagerDuty.key} at all"
    assert failing("pagerduty", Fault.text(403, said), monkeypatch).answer == "403: no access for *** at all"
    said = "unknown: /secret-path or secret-path"
    assert failing("slack", Fault.text(404, said), monkeypatch).answer == "404: unknown: *** or ***"

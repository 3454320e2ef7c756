"""The watchdog is called only while alerts work, and Alertmanager hears of open alerts again."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerting.message import Message
from alerting.receivers.outcome import Outcome
from alerting.receivers.receiver import Receiver
from dashapp.alerts.muting import Mutes
from dashapp.alerts.renewing import Renewal
from dashapp.alerts.round import Round
from dashapp.alerts.watchdog import Watchdog
from tests.alerts.conftest import RULES, Scene, at, requests


def test_it_is_called_once_a_minute_and_at_once_with_the_reason_when_something_is_wrong(scene: Scene) -> None:
    called: list[tuple[str, str]] = []
    dog = Watchdog("https://hc.example/uuid/", scene.outbox, lambda address, text: called.append((address, text)))
    book = scene.rulebook.read()

    def after(seconds: int, **failed: str) -> None:
        dog.after(Round(book, Mutes(), at(3) + timedelta(seconds=seconds), 1, failed=failed))

    after(0)
    after(30)
    after(61)
    assert called == [("https://hc.example/uuid", "")] * 2
    after(70, one="no answer")
    after(80, one="no answer")
    assert called[2:] == [("https://hc.example/uuid/fail", "1 of 1 alert rules can't be judged")]
    after(90)
    assert called[3:] == [("https://hc.example/uuid", "")]


def test_a_message_that_nobody_takes_is_a_reason(scene: Scene) -> None:
    scene.answers = lambda _message: Outcome("ops", False, answer="503")
    scene.step(3.1)
    dog = Watchdog("https://hc.example/uuid", scene.outbox, lambda _address, _text: None)
    assert dog.problem(Round(scene.rulebook.read(), Mutes(), at(3.2), 1)) == ""
    assert f"has been waiting since {at(3.1):%Y-%m-%d %H:%M}" in dog.problem(
        Round(scene.rulebook.read(), Mutes(), at(3.4), 1)
    )


def test_alertmanager_hears_of_open_alerts_again_until_they_end(scene: Scene) -> None:
    rules = RULES.replace('kind = "webhook"', 'kind = "alertmanager"').replace('secret = "env:HOOK_SECRET"\n', "")
    scene.rulebook.apply(rules, "rules.toml", "test")
    again: list[str] = []

    def send(_receiver: Receiver, message: Message, _now: datetime) -> list[Outcome]:
        again.append(message.subject)
        return []

    renewal = Renewal(scene.database, send)
    scene.step(3.1)
    book = scene.rulebook.read()
    assert renewal.step(book, at(3.2)) == 1
    assert renewal.step(book, at(3.21)) == 0
    assert renewal.step(book, at(3.4)) == 1
    scene.store.write(requests(3, "b", 10, 0))
    scene.step(4.1)
    assert renewal.step(book, at(4.2)) == 0
    assert again == ["fired", "fired"]

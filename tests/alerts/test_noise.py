"""Few messages: a flood is one, what is only good to know comes once a day, and what can't be delivered goes to who stands in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerting.message import Message
from alerting.receivers.outcome import Outcome
from alerting.receivers.receiver_file import read_receivers
from dashapp.accounts import Accounts
from dashapp.accounts.directory import disabled
from dashapp.alerts.history import History
from dashapp.alerts.muting import Mutes
from dashapp.alerts.previewing import preview
from dashapp.alerts.round import Round
from dashapp.alerts.rulebook import WrongRules
from dashapp.alerts.states import States
from dashapp.alerts.undelivered import Undelivered
from tests.alerts.conftest import BEGIN, RULES, Scene, at, requests

SPARE = """
[[receiver]]
name = "spare"
kind = "webhook"
url = "http://127.0.0.1:9/spare"
"""
WITH_SPARE = RULES.replace('kind = "webhook"', 'kind = "webhook"\nfallback = "spare"') + SPARE
INFO = RULES.replace('notify = ["ops"]', 'notify = ["ops"]\nseverity = "info"').replace('page = "> 50"\n', "")


def refuse(message: Message) -> Outcome | None:
    return (
        Outcome("ops", False, permanent=True, answer="404 Not Found")
        if "You get this" not in message.sentence
        else None
    )


def test_a_flood_is_one_message_whatever_its_severities(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    for number in range(30):
        scene.store.write(requests(2, f"p{number}", 7, 3 + (number % 2) * 20))
    scene.read_until(at(3.15))
    scene.round(at(3.15))
    later = at(3.15) + timedelta(minutes=5, seconds=1)
    scene.deliver(later)
    assert len(scene.sent) == 2
    flood = scene.sent[-1][1]
    assert flood.title == "30 open: AI requests fail" and flood.severity == "page"
    assert scene.outbox.counts() == {"waiting": 0, "sent": 31, "dead": 0}


def test_of_an_alert_that_ended_before_its_message_went_out_the_end_alone_is_sent(scene: Scene) -> None:
    scene.store.write(requests(2, "c", 5, 5))
    scene.read_until(at(3.1))
    scene.round(at(3.1))
    scene.store.write(requests(3, "b", 10, 0))
    scene.read_until(at(4.1))
    scene.round(at(4.1))
    scene.deliver(at(4.2))
    ((_, message),) = scene.sent
    assert message.title == "1 open, 1 over: AI requests fail"
    assert dict(message.figures) == {
        "provider b": "Resolved: 0.0 %, limit > 20 %",
        "provider c": "50.0 %, limit > 20 %",
    }
    assert scene.outbox.counts() == {"waiting": 0, "sent": 3, "dead": 0}


def test_what_a_receiver_refuses_goes_to_its_fallback_with_the_reason_once(scene: Scene) -> None:
    scene.rulebook.apply(WITH_SPARE, "rules.toml", "test")
    scene.answers = refuse
    scene.read_until(at(3.1))
    scene.round(at(3.1))
    scene.deliver(at(3.1) + timedelta(seconds=40))
    scene.deliver(at(3.1) + timedelta(seconds=80))
    ((recipient, message),) = scene.sent
    assert recipient == "spare"
    assert message.sentence.endswith("You get this because ops could not be given it (404 Not Found).")
    scene.store.write(requests(3, "b", 10, 0))
    scene.read_until(at(4.1))
    scene.round(at(4.1))
    for seconds in (400, 480):
        scene.answers = lambda _message: None
        scene.deliver(at(4.1) + timedelta(seconds=seconds))
    assert [recipient for recipient, message in scene.sent if message.subject == "resolved"] == ["ops", "spare"]


def test_two_that_stand_in_for_each_other_do_not_go_round(scene: Scene) -> None:
    both = WITH_SPARE.replace('name = "spare"', 'name = "spare"\nfallback = "ops"')
    scene.rulebook.apply(both, "rules.toml", "test")
    scene.answers = lambda _message: Outcome("ops", False, permanent=True, answer="404 Not Found")
    scene.read_until(at(3.1))
    scene.round(at(3.1))
    for minute in range(1, 20):
        scene.deliver(at(3.1) + timedelta(minutes=minute))
    assert scene.outbox.counts() == {"waiting": 0, "sent": 0, "dead": 2}


def test_a_rule_of_a_disabled_account_goes_to_the_fallback_too_and_says_so(scene: Scene) -> None:
    Accounts(scene.database).add("root", "admin", "a long pass phrase 1")
    Accounts(scene.database).add("ada", "analyst", "a long pass phrase 1")
    Accounts(scene.database).set_active("ada", False)
    scene.rulebook.apply(WITH_SPARE.replace("quiet =", 'owner = "ada"\nquiet ='), "rules.toml", "test")
    scene.read_until(at(3.1))
    book = scene.rulebook.read()
    scene.evaluator.round(Round(book, Mutes(), at(3.1), 1, disabled(scene.database)))
    scene.deliver(at(3.2))
    assert sorted(recipient for recipient, _ in scene.sent) == ["ops", "spare"]
    assert scene.sent[0][1].sentence.endswith(
        "The account of the rule's owner, ada, is disabled, so it goes to spare too."
    )


def test_what_is_good_to_know_comes_once_a_day_at_the_receivers_hour(scene: Scene) -> None:
    own = INFO.replace('kind = "webhook"', 'kind = "webhook"\ndigest = "08:00"\ntimezone = "Europe/Berlin"')
    scene.rulebook.apply(own, "rules.toml", "test")
    assert scene.step(3.1) == []
    assert scene.outbox.oldest() > at(3.1), "it waits for nobody"  # type: ignore[operator]
    scene.store.write(requests(2, "a", 0, 30))
    assert scene.step(3.2) == []
    morning = datetime(BEGIN.year, BEGIN.month, BEGIN.day, 8, 1, tzinfo=UTC)
    scene.deliver(morning)
    ((_, digest),) = scene.sent
    assert digest.title == "2 open: AI requests fail"
    assert digest.figures[0] == ("provider b", "30.0 %, limit > 20 %")


@pytest.mark.parametrize(
    ("text", "hour"), [("", 9), ('digest = "06:30"', 6), ('digest = "at once"', None), ('kind = "pagerduty"', None)]
)
def test_the_hour_of_the_digest(text: str, hour: int | None) -> None:
    kind = text or 'kind = "webhook"\nurl = "https://example.org/x"'
    kind = f'{kind}\nkey = "env:K"' if "pagerduty" in kind else kind
    more = '\nkind = "webhook"\nurl = "https://example.org/x"' if "digest" in kind else ""
    found, wrong = read_receivers(f'[[receiver]]\nname = "a"\n{kind}{more}\n', "x.toml")
    assert not wrong
    due = found[0].due("info", datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
    assert (due.hour if due else None) == hour
    assert found[0].due("ticket", datetime(2026, 3, 4, 12, 0, tzinfo=UTC)) is None


def test_a_fallback_that_is_not_there_or_is_itself_is_a_mistake(scene: Scene) -> None:
    for name, why in (("nobody", "is not declared"), ("ops", "is the receiver itself")):
        with pytest.raises(WrongRules, match=why):
            scene.rulebook.apply(WITH_SPARE.replace('fallback = "spare"', f'fallback = "{name}"'), "rules.toml", "test")


def test_a_preview_says_whom_a_silence_mutes_now_and_would_have_muted(scene: Scene) -> None:
    def asked(rule: str = "ai-errors", labels: tuple[str, ...] | None = None, number: int = 0) -> list[str]:
        groups = States(scene.database).all()
        found = preview(rule, labels, scene.rulebook.read(), groups, scene.outbox, at(4.5), number)
        return found.sentences()

    assert scene.step(3.1) == ["fired"]
    scene.store.write([*requests(3, "b", 10, 0), *requests(3, "a", 5, 5)])
    assert scene.step(4.1) == ["fired"], "both in one message"
    now, past = asked()
    assert now == "Open now: AI requests fail (provider a). Not notified: ops."
    assert past == "In the last 7 days: 2 messages about 2 alerts would have been held back, to ops (2)."
    assert asked(labels=("b",)) == [
        "Now: no matching alert is open, so no message is held back.",
        "In the last 7 days: 1 message about 1 alert would have been held back, to ops (1).",
    ]
    assert asked("another") == [asked(labels=("b",))[0], "In the last 7 days: nothing would have been held back."]
    assert asked("")[1] == past
    assert "nothing would" in asked(labels=("a",), number=9)[1]


def test_what_a_receiver_does_not_take_is_told_to_the_others_and_makes_no_alert_of_itself(scene: Scene) -> None:
    two = RULES.replace('notify = ["ops"]', 'notify = ["ops", "spare"]')
    spare = '[[receiver]]\nname = "spare"\nkind = "webhook"\nurl = "http://127.0.0.1:9/spare"\n'
    about = """
[[rule]]
id = "not-delivered"
title = "A message was not delivered"
kind = "each"
metric = "alerts_not_delivered"
by = ["receiver"]
notify = ["ops", "spare"]
"""
    scene.rulebook.apply(two + spare + about, "rules.toml", "test")
    scene.down.add("ops")
    noted = Undelivered(scene.database)

    def pass_by(hour: float) -> list[str]:
        noted.note(scene.rulebook.read(), at(hour))
        History(scene.database, scene.store).write(at(hour))
        scene.step(hour)
        return [f"{receiver}: {message.rule} {message.sentence}" for receiver, message in scene.sent]

    assert len(pass_by(3.1)) == 1, "the other has it"
    assert len(pass_by(3.2)) == 1, "a few minutes are no trouble"
    *_, told = pass_by(3.4)
    assert told.startswith("spare: not-delivered A message was not delivered (receiver ops): AI requests fail, b, 503")
    assert len(pass_by(4.9)) == len(scene.sent) == 2, (
        "the message about it was not taken either: that is no further news"
    )

"""The links of messages: without an account, for one alert, for a week; opening one changes nothing."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.accounts import Accounts
from dashapp.alerts.action_links import ActionLinks
from dashapp.alerts.pages.desk import now
from tests.tampering import tampered
from tests.web.alert_scene import RULES, AlertScene

NOW = datetime.now(UTC)


@pytest.fixture
def scene(make_app: Callable[..., Flask]) -> AlertScene:
    found = AlertScene(make_app(public_url="https://metrics.example"))
    found.fail()
    return found


@pytest.fixture
def stranger(scene: AlertScene) -> FlaskClient:
    return scene.app.test_client()


def link(scene: AlertScene, written: datetime = NOW) -> str:
    """The path in the message that was sent."""
    secret = str(scene.app.secret_key)
    receiver = scene.desk.rulebook.read().receivers["ops"]
    message = scene.outbox.latest()[0]["message"]
    signed = ActionLinks("https://metrics.example", secret).signed(receiver, message, written)
    assert signed.acknowledge_link.endswith("#acknowledge") and signed.silence_link.endswith("#silence")
    return urlsplit(signed.acknowledge_link).path


def test_opening_it_changes_nothing_and_the_button_takes_the_alert(scene: AlertScene, stranger: FlaskClient) -> None:
    path = link(scene)
    for _ in range(2):
        page = stranger.get(path)
        assert page.status_code == 200 and "AI requests fail (provider b)" in html.unescape(page.text)
        assert stranger.head(path).status_code == 200
        (group,) = scene.desk.states.opened()
        assert not group.taken and scene.desk.silences.current(now()) == []
    assert "It is taken" in stranger.post(path, data={"do": "acknowledge", "note": "from my phone"}).text
    (group,) = scene.desk.states.opened()
    assert (group.acknowledged_by, group.note) == ("link of receiver ops", "from my phone")


def test_it_silences_with_a_reason_and_is_in_the_audit_log(scene: AlertScene, stranger: FlaskClient) -> None:
    path = link(scene)
    assert stranger.post(path, data={"do": "silence", "lasts": "8h", "reason": " "}).status_code == 400
    assert stranger.post(path, data={"do": "silence", "lasts": "a year", "reason": "x"}).status_code == 400
    assert scene.desk.silences.current(now()) == []
    assert "for 8 hours" in stranger.post(path, data={"do": "silence", "lasts": "8h", "reason": "known"}).text
    (made,) = scene.desk.silences.current(now())
    assert (made.rule, made.labels, made.author) == ("ai-errors", ("b",), "link of receiver ops")
    audit = Accounts(scene.desk.database).audit()
    assert ("link of receiver ops", "alerts silenced") in [(one.actor, one.action) for one in audit]


def test_a_link_that_was_changed_or_is_old_or_too_late_says_so(scene: AlertScene, stranger: FlaskClient) -> None:
    path = link(scene)
    for wrong in (tampered(path, -1), tampered(path, 20), "/alert-link/x.y"):
        answer = stranger.post(wrong, data={"do": "acknowledge"})
        assert answer.status_code == 403 and "changed, or cut off" in answer.text
    old = stranger.post(link(scene, NOW - timedelta(days=8)), data={"do": "acknowledge"})
    assert old.status_code == 403 and "has expired" in old.text
    (group,) = scene.desk.states.opened()
    assert not group.taken
    scene.recover()
    assert stranger.get(path).status_code == 410
    assert "has ended" in stranger.post(path, data={"do": "acknowledge"}).text


def test_without_its_receiver_or_a_public_address_it_is_no_longer_good(
    scene: AlertScene, stranger: FlaskClient
) -> None:
    path = link(scene)
    settings = scene.app.extensions["settings"]
    scene.app.extensions["settings"] = settings.model_copy(update={"public_url": None})
    assert stranger.get(path).status_code == 403
    scene.app.extensions["settings"] = settings
    receiver = scene.desk.rulebook.read().receivers["ops"]
    message = scene.outbox.latest()[0]["message"]
    assert ActionLinks("", "key").signed(receiver, message, NOW) == message
    scene.desk.rulebook.apply(RULES.replace('"ops"', '"others"'), "conf/rules.toml", "test")
    assert "receiver was removed" in stranger.get(path).text

"""Alerts by the API: rules in force, what is open, taken, silenced; receivers are for administrators."""

from __future__ import annotations

import pytest
from flask import Flask

from dashapp.accounts import Accounts
from dashapp.alerts.evaluating import Evaluator
from dashapp.alerts.muting import Mutes
from dashapp.alerts.round import Round
from dashapp.alerts.rulebook import RuleBook
from dashapp.alerts.wording import Links
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from tests.alerts.conftest import RULES, at, requests
from tests.api.test_administration import Ask, accounts, app, ask

__all__ = ["accounts", "app", "ask"]
RULE = RULES[: RULES.index("[[receiver]]")].replace('notify = ["ops"]\n', "")


@pytest.fixture
def opened(ask: Ask, accounts: Accounts, app: Flask) -> None:
    """An alert of provider b is open."""
    assert ask("eve", "PUT", "/alert-rules", {"name": "team/rules.toml", "text": RULE}).status_code == 200
    store = DuckStore(None)
    store.write([*requests(2, "a", 10, 0), *requests(2, "b", 7, 3)])
    fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    store.write([Point("collector_run", nanoseconds(at(3.1)), {"collector": "app_log", "outcome": "ok"}, fields)])
    evaluator = Evaluator(store, accounts.database, Links())
    evaluator.round(Round(RuleBook(accounts.database).read(), Mutes(), at(3.1), 1))
    store.close()


def test_rules_are_put_in_force_listed_and_removed(ask: Ask) -> None:
    made = ask("eve", "PUT", "/alert-rules", {"name": "team/rules.toml", "text": RULE})
    assert made.json == {"added": ["ai-errors"], "changed": [], "removed": [], "same": []}
    again = ask("eve", "PUT", "/alert-rules", {"name": "team/rules.toml", "text": RULE})
    assert again.json == {"added": [], "changed": [], "removed": [], "same": ["ai-errors"]}
    (listed,) = ask("vic", "GET", "/alert-rules").json["data"]  # type: ignore[index]
    assert (listed["name"], listed["rules"], listed["text"]) == ("team/rules.toml", ["ai-errors"], RULE)
    assert ask("vic", "DELETE", "/alert-rules?name=team/rules.toml").status_code == 403
    assert ask("eve", "DELETE", "/alert-rules?name=team/rules.toml").status_code == 200
    assert ask("eve", "DELETE", "/alert-rules?name=team/rules.toml").status_code == 404


def test_a_text_with_mistakes_changes_nothing_and_names_each_with_its_line(ask: Ask) -> None:
    text = RULE.replace("ai_request_error_rate", "ai_request_eror_rate").replace('"1h"', '"soon"')
    answer = ask("eve", "PUT", "/alert-rules", {"name": "rules.toml", "text": text})
    assert answer.status_code == 409
    assert answer.json is not None and "rules.toml:2: rule 'ai-errors': unknown metric" in answer.json["detail"]
    assert ask("vic", "GET", "/alert-rules").json == {"data": []}
    assert ask("eve", "PUT", "/alert-rules", {"name": "x", "text": 'a = "\x00"'}).status_code == 409


def test_receivers_are_for_administrators(ask: Ask) -> None:
    assert ask("eve", "PUT", "/alert-rules", {"name": "rules.toml", "text": RULES}).status_code == 403
    assert ask("root", "PUT", "/alert-rules", {"name": "rules.toml", "text": RULES}).status_code == 200
    assert ask("eve", "PUT", "/alert-rules", {"name": "rules.toml", "text": RULE}).status_code == 403
    assert ask("eve", "DELETE", "/alert-rules?name=rules.toml").status_code == 403


def test_what_is_open_is_listed_and_taken(ask: Ask, opened: None, accounts: Accounts) -> None:
    (found,) = ask("vic", "GET", "/alerts").json["data"]  # type: ignore[index]
    assert (found["rule"], found["labels"], found["number"]) == ("ai-errors", {"provider": "b"}, 1)
    assert found["sentence"].startswith(
        "AI requests fail (provider b) – AI request error rate: 30.0 % in the hour until"
    )
    taken = {"rule": "ai-errors", "labels": ["b"], "number": 1, "note": "I look"}
    assert ask("vic", "POST", "/alerts/acknowledgements", taken).status_code == 403
    assert ask("eve", "POST", "/alerts/acknowledgements", {**taken, "number": 2}).status_code == 404
    assert ask("eve", "POST", "/alerts/acknowledgements", taken, scopes=["alert"]).status_code == 201
    (found,) = ask("vic", "GET", "/alerts").json["data"]  # type: ignore[index]
    assert (found["acknowledged_by"], found["note"]) == ("eve", "I look")
    (entry,) = (entry for entry in accounts.audit() if entry.action == "alert taken")
    assert (entry.actor, entry.subject, entry.detail) == ("eve", "ai-errors/1", "I look")


def test_a_silence_has_an_end_and_can_be_ended(ask: Ask, opened: None) -> None:
    made = ask("eve", "POST", "/silences", {"reason": "move", "lasts": "2h", "rule": "ai-errors", "labels": ["b"]})
    assert made.status_code == 201 and made.json is not None
    (found,) = ask("vic", "GET", "/silences").json["data"]  # type: ignore[index]
    assert (found["rule"], found["labels"], found["reason"], found["author"]) == ("ai-errors", ["b"], "move", "eve")
    assert ask("eve", "DELETE", f"/silences/{made.json['id']}").status_code == 200
    assert ask("eve", "DELETE", f"/silences/{made.json['id']}").status_code == 404
    assert ask("eve", "POST", "/silences", {"reason": "move", "lasts": "31d"}).status_code == 400


def test_a_silence_that_could_cover_nothing_is_refused(ask: Ask, opened: None) -> None:
    for rule, labels in (("ai-error", None), ("ai-errors", ["b", "c"])):
        body = {"reason": "move", "lasts": "2h", "rule": rule, "labels": labels}
        assert ask("eve", "POST", "/silences", body).status_code == 404
    preview = ask("vic", "GET", "/silences/preview?rule=ai-error")
    assert preview.status_code == 404 and "no rule 'ai-error'" in preview.get_data(as_text=True)


def test_a_text_is_checked_and_a_rule_tried_before_it_is_in_force(ask: Ask, app: Flask) -> None:
    text = RULE.replace("ai_request_error_rate", "ai_request_eror_rate")
    checked = ask("eve", "POST", "/alert-rules/check", {"name": "rules.toml", "text": text}).json
    assert checked is not None and [one["line"] for one in checked["mistakes"]] == [2]
    assert ask("eve", "POST", "/alert-rules/backtest", {"rule": "ai-errors", "text": text}).status_code == 409
    assert ask("eve", "POST", "/alert-rules/try", {"rule": "ai-errors"}).status_code == 404
    store = app.extensions["metricstore"]
    store.write([*requests(2, "a", 10, 0), *requests(2, "b", 7, 3)])
    fields = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    store.write([Point("collector_run", nanoseconds(at(3.1)), {"collector": "app_log", "outcome": "ok"}, fields)])
    back = ask("eve", "POST", "/alert-rules/backtest", {"rule": "ai-errors", "text": RULE}).json
    assert back is not None and (back["fired"], back["episodes"][0]["labels"]) == (1, {"provider": "b"})
    tried = ask("eve", "POST", "/alert-rules/try", {"rule": "ai-errors", "text": RULE, "windows": 1}).json
    assert tried is not None and {group["open"] for group in tried["groups"]} == {True, False}
    assert tried["notifies"]["recipients"] == []
    always = '[[maintenance]]\nname = "move"\nbegin = "00:00"\nend = "00:00"\nreason = "we move"\n'
    whole = ask("eve", "POST", "/alert-rules/try", {"rule": "ai-errors", "text": RULES + always}).json
    assert whole is not None and whole["notifies"]["recipients"] == [["ops", "ops"]], "of the text, as in the command"
    assert {one["why"] for one in whole["notifies"]["muted"]} == {"maintenance move: we move"}
    assert ask("vic", "POST", "/alert-rules/try", {"rule": "ai-errors", "text": RULE}).status_code == 403
    assert ask("eve", "GET", "/alert-rules").json == {"data": []}, "nothing was put in force"


def test_receivers_are_listed_and_tested(ask: Ask, accounts: Accounts) -> None:
    assert ask("root", "PUT", "/alert-rules", {"name": "rules.toml", "text": RULES}).status_code == 200
    listed = ask("vic", "GET", "/alert-receivers").json
    assert listed == {"data": [{"name": "ops", "kind": "webhook", "fallback": None, "delivered": None, "answer": None}]}
    assert ask("vic", "POST", "/alert-receivers/tests", {"receiver": "ops"}).status_code == 403
    assert ask("eve", "POST", "/alert-receivers/tests", {"receiver": "nobody"}).status_code == 404
    (answer,) = ask("eve", "POST", "/alert-receivers/tests", {"receiver": "ops"}).json["data"]  # type: ignore[index]
    assert (answer["recipient"], answer["delivered"]) == ("ops", False) and answer["answer"]
    assert "alert receiver tested" in {entry.action for entry in accounts.audit()}

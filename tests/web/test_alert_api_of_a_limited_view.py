"""By the API, as on the page: an analyst who sees a part of the data works with rules within it, and learns nothing of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dashapp.accounts import Accounts
from dashapp.accounts.tokens import create_token
from dashapp.alerts.rights import mark
from tests.web.alert_scene import AlertScene
from tests.web.conftest import Person
from tests.web.test_alerts_of_a_limited_view import OF_OTHERS, OWN, lin, scene

__all__ = ["lin", "scene"]
Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(app: Flask, accounts: Accounts, lin: Person) -> Ask:
    """A request with the token of an analyst who sees LinkedIn alone; no answer names anything of others but what was asked."""
    user = accounts.find("lin")
    assert user is not None
    token = create_token(user, "test", accounts=accounts)

    def send(method: str, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        answer = app.test_client().open(f"/api/v1{path}", method=method, headers=headers, json=body)
        said = f"{path} {body}"
        assert [word for word in OF_OTHERS if word in answer.text and word not in said] == [], (method, path)
        return answer

    return send


def mine(accounts: Accounts) -> str:
    """A rule of their own, as TOML."""
    user = accounts.find("lin")
    assert user is not None
    return OWN.format("linkedin").replace("linkedin-many", f"mine-{mark(user)}")


def test_what_lies_within_is_listed_taken_and_silenced(scene: AlertScene, ask: Ask) -> None:
    (opened,) = ask("GET", "/alerts").json["data"]  # type: ignore[index]
    assert (opened["rule"], opened["muted_by"]) == ("linkedin-many", None) and "3 posts" in opened["sentence"]
    taken = {"rule": "linkedin-many", "number": 1, "note": "I look"}
    assert ask("POST", "/alerts/acknowledgements", taken).status_code == 201
    assert [group.rule for group in scene.desk.states.opened() if group.taken] == ["linkedin-many"]
    assert ask("GET", "/silences").json == {"data": []}, "that of all rules is somebody else's"
    made = ask("POST", "/silences", {"rule": "linkedin-many", "reason": "known", "lasts": "2h"})
    assert made.status_code == 201 and made.json is not None
    assert [one["id"] for one in ask("GET", "/silences").json["data"]] == [made.json["id"]]  # type: ignore[index]
    assert ask("DELETE", f"/silences/{made.json['id']}").status_code == 200


def test_what_lies_beyond_is_not_there(scene: AlertScene, ask: Ask) -> None:
    (foreign,) = scene.desk.silences.current(scene.at(6))
    for rule in ("twitter-many", "foreign-all", "_not-judged", "nothing-like-it"):
        answers = [
            ask("POST", "/alerts/acknowledgements", {"rule": rule, "number": 1}),
            ask("POST", "/silences", {"rule": rule, "reason": "x", "lasts": "2h"}),
            ask("POST", "/alert-rules/backtest", {"rule": rule}),
            ask("POST", "/alert-rules/try", {"rule": rule}),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4, rule
    assert ask("POST", "/silences", {"reason": "x", "lasts": "2h"}).status_code == 403
    assert ask("DELETE", f"/silences/{foreign.id}").status_code == 404
    assert ask("DELETE", "/alert-rules?name=conf/rules.toml").status_code == 404
    for path in ("/silences/preview", "/alert-receivers"):
        assert ask("GET", path).status_code == 403, path
    assert ask("POST", "/alert-receivers/tests", {"receiver": "foreign-mail"}).status_code == 403
    assert not any(group.taken for group in scene.desk.states.opened())
    assert scene.desk.silences.current(scene.at(6)) == [foreign]


def test_of_a_text_of_many_the_own_rules_are_shown(scene: AlertScene, ask: Ask) -> None:
    (found,) = ask("GET", "/alert-rules").json["data"]  # type: ignore[index]
    assert (found["name"], found["rules"], found["receivers"]) == ("rules.toml", ["linkedin-many"], [])
    assert found["text"].count("[[") == 1 and 'segment = "linkedin team"' in found["text"]


def test_rules_are_put_in_force_within_the_view_alone(scene: AlertScene, accounts: Accounts, ask: Ask) -> None:
    user = accounts.find("lin")
    assert user is not None
    name, text = f"{mark(user)}/rules.toml", mine(accounts)
    for other in ("conf/rules.toml", "nothing/like-it.toml"):
        assert ask("PUT", "/alert-rules", {"name": other, "text": text}).status_code == 403
    receiver = '[[receiver]]\nname = "mine"\nkind = "webhook"\nurl = "https://example.org/hook"\n'
    assert ask("PUT", "/alert-rules", {"name": name, "text": text + receiver}).status_code == 403
    beyond = [text.replace("linkedin team", word) for word in ("twitter team", "no such team")]
    beyond += [
        text.replace('segment = "linkedin team"\n', ""),
        text.replace(f"mine-{mark(user)}", "twitter-many"),
        text.replace(f"mine-{mark(user)}", "nothing-like-it"),
        text + '[[maintenance]]\nname = "all"\nbegin = "02:00"\nend = "03:00"\nreason = "x"\n',
    ]
    for one in beyond:
        assert ask("PUT", "/alert-rules", {"name": name, "text": one}).status_code == 409, one
        checked = ask("POST", "/alert-rules/check", {"name": name, "text": one})
        assert checked.json is not None and len(checked.json["mistakes"]) == 1, one
    assert ask("PUT", "/alert-rules", {"name": name, "text": text}).json == {
        "added": [f"mine-{mark(user)}"], "changed": [], "removed": [], "same": [],
    }  # fmt: skip
    assert len(scene.desk.rulebook.read().rules) == 4
    assert ask("DELETE", f"/alert-rules?name={name}").status_code == 200


def test_an_own_text_without_rules_stays_their_own(scene: AlertScene, accounts: Accounts, ask: Ask) -> None:
    user = accounts.find("lin")
    assert user is not None
    name, foreign = f"{mark(user)}/empty.toml", "conf/empty.toml"
    assert ask("PUT", "/alert-rules", {"name": name, "text": ""}).status_code == 200
    scene.desk.rulebook.apply("", foreign, "root")
    assert {"name": name, "text": "", "rules": [], "receivers": []} in ask("GET", "/alert-rules").json["data"]  # type: ignore[index]
    assert foreign not in ask("GET", "/alert-rules").text
    for text in ("# soon", mine(accounts), ""):
        for method, path in (("POST", "/alert-rules/check"), ("PUT", "/alert-rules")):
            assert ask(method, path, {"name": name, "text": text}).status_code == 200, (path, text)
    assert ask("PUT", "/alert-rules", {"name": foreign, "text": ""}).status_code == 403
    assert ask("DELETE", f"/alert-rules?name={foreign}").status_code == 404
    assert ask("DELETE", f"/alert-rules?name={name}").status_code == 200


def test_a_rule_is_tried_on_what_its_segment_shows(scene: AlertScene, accounts: Accounts, ask: Ask) -> None:
    tried = ask("POST", "/alert-rules/try", {"rule": "linkedin-many"}).json
    assert tried is not None and "3 posts" in tried["groups"][0]["message"]
    assert tried["notifies"] == {"recipients": None, "muted": []}
    text = mine(accounts).replace('fire = "> 2"', 'fire = "> 1"')
    id = text.split('"')[1]
    back = ask("POST", "/alert-rules/backtest", {"rule": id, "text": text, "since": "-7d"}).json
    assert back is not None and [one["value"] for one in back["episodes"]] == [3]
    for word in ("twitter team", "no such team"):
        beyond = text.replace("linkedin team", word)
        assert ask("POST", "/alert-rules/try", {"rule": id, "text": beyond}).status_code == 409
        assert ask("POST", "/alert-rules/backtest", {"rule": id, "text": beyond}).status_code == 409

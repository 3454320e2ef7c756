"""An analyst who sees a part of the data works with rules within it, and finds nothing of others on any route of alerts."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask

from dashapp.accounts import Accounts
from dashapp.accounts.segments import create, update
from dashapp.alerts.history import History
from metricstore.point import Point, nanoseconds
from metricstore.segment import Segment
from tests.web.alert_scene import AlertScene
from tests.web.conftest import PASSWORD, Person
from tests.web.test_administration import send
from tests.web.test_alert_rules import fill, proof
from tests.web.test_every_route_demands_a_login import addresses

OWN = '[[rule]]\nid = "{0}-many"\ntitle = "Many of {0}"\nmetric = "generations"\nevery = "1h"\nfire = "> 2"\nsegment = "{0} team"\nnotify = ["foreign-mail"]\n'
RULES = (
    OWN.format("linkedin")
    + OWN.format("twitter")
    + """
[[rule]]
id = "foreign-all"
title = "Foreign: all"
metric = "generations"
every = "1h"
fire = "> 1"
notify = ["foreign-mail"]

[[maintenance]]
name = "foreign-pause"
begin = "02:00"
end = "03:00"
reason = "Foreign reason"

[[receiver]]
name = "foreign-mail"
kind = "webhook"
url = "http://127.0.0.1:9/foreign-hook"
"""
)
OF_OTHERS = (
    "twitter-many",
    "twitter team",
    "of twitter",
    "foreign-all",
    "Foreign",
    "foreign-pause",
    "foreign-hook",
    "41 posts",
    "44 posts",
)
"""Words of rules, messages, reasons and addresses, and figures, of others."""


_AS_VALUE = re.compile(r"(?<![\w:.-])41(?![\w:]|[.-]\d)")
"""How many posts of X there are; not the minutes of a time, nor part of an address."""


@pytest.fixture
def scene(app: Flask, accounts: Accounts) -> AlertScene:
    """Three posts of LinkedIn and 41 of X in an hour: three alerts are open."""
    found = AlertScene(app)
    for platform, count in (("linkedin", 3), ("twitter", 41)):
        found.store.write(
            Point("generation", nanoseconds(found.at(2) + timedelta(seconds=n)), {"platform": platform}, {"topic": "t", "file": "app.log", "line": n + 1})
            for n in range(count)
        )  # fmt: skip
        create(accounts, f"{platform} team", Segment.of_platforms((platform,)))
    found.desk.rulebook.apply(RULES, "conf/rules.toml", "test")
    ends = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    found.store.write(
        [Point("collector_run", nanoseconds(found.at(3.2)), {"collector": "outcomes", "outcome": "ok"}, ends)]
    )
    found.round(found.at(3.2))
    History(found.desk.database, found.store).write(found.at(3.2))
    found.desk.silences.add("", None, found.at(30), "Foreign silence", "bob", found.at(3.2))
    assert {group.rule for group in found.desk.states.opened()} == {"linkedin-many", "twitter-many", "foreign-all"}
    return found


@pytest.fixture(params=["segment", "platforms"])
def lin(app: Flask, accounts: Accounts, request: pytest.FixtureRequest) -> Person:
    limit = {"segment": "linkedin team"} if request.param == "segment" else {"platforms": ["linkedin"]}
    accounts.add("lin", "analyst", PASSWORD, **limit)  # type: ignore[arg-type]
    found = Person(app.test_client(), "lin")
    found.log_in()
    return found


def alert(rule: str, action: str = "") -> str:
    return f"/alerts/{rule}/1{action}?labels="


def test_what_lies_within_is_shown_taken_and_silenced(scene: AlertScene, lin: Person) -> None:
    page = html.unescape(lin.client.get("/alerts").text)
    assert "Many of linkedin" in page and "3 posts" in page and "your view is limited" in page.lower()
    assert "3 posts" in lin.client.get(alert("linkedin-many")).text
    assert send(lin, alert("linkedin-many", "/acknowledge"), page="/account", note="I look").status_code == 302
    silence = {"reason": "known", "lasts": "2h", "covers": "rule"}
    assert send(lin, alert("linkedin-many", "/silence"), page="/account", **silence).status_code == 302
    assert [group.rule for group in scene.desk.states.opened() if group.taken] == ["linkedin-many"]
    (own,) = [one for one in scene.desk.silences.current(scene.at(6)) if one.rule]
    assert send(lin, f"/alerts/silences/{own.id}/end", page="/account").status_code == 302
    assert "Alerts (1 open)" in lin.client.get("/_dash-layout").text


def test_no_route_of_alerts_shows_or_changes_anything_of_others(scene: AlertScene, app: Flask, lin: Person) -> None:
    (foreign,) = scene.desk.silences.current(scene.at(6))
    others = [
        alert(rule, action)
        for rule in ("twitter-many", "foreign-all", "_not-judged")
        for action in ("", "/acknowledge", "/silence")
    ]
    others += [
        f"/alerts/silences/{foreign.id}/end",
        "/alerts/receivers/foreign-mail/test",
        "/alerts/rules/twitter-many/edit",
    ]
    others += [f"/alerts/rules/{id}/remove" for id in ("twitter-many", "foreign-all", "linkedin-many")]
    walked = [path for _, path in addresses(app) if "alert" in path or "silence" in path]
    walked += ["/api/v1/alert-rules?name=conf/rules.toml", "/api/v1/silences/preview?rule=twitter-many"]
    walked += [f"/api/v1/metrics/alerts_fired?start=-7d&{words}" for words in ("by=rule", "by=metric", "")]
    walked += [
        "/api/v1/records/alert_event?start=-7d",
        "/api/v1/values/alert_event/rule?start=-7d",
        "/download/records.csv?measurement=alert_event&start=-7d",
    ]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', lin.client.get("/account").text)
    assert token and len(walked) > 20
    form = {"csrf_token": token[1], "reason": "x", "lasts": "2h", "do": "silence"}
    for path in (*walked, *others, "/alerts", "/alerts/new", alert("linkedin-many")):
        given = urlsplit(path).path
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = lin.client.open(path, method=method, data=form if method == "POST" else None)
            body = html.unescape(answer.text).replace(path, "").replace(given, "")
            assert [word for word in OF_OTHERS if word in body] == [], (method, path)
            if path in others and (method == "POST" or path.endswith(("1?labels=", "edit"))):
                assert answer.status_code in (403, 404, 405), (method, path)
    assert not any(group.taken for group in scene.desk.states.opened())
    assert len(scene.desk.rulebook.read().rules) == 3 and len(scene.desk.silences.current(scene.at(6))) == 1


def test_a_rule_is_made_within_the_view_alone(scene: AlertScene, lin: Person) -> None:
    words = {"metric": "generations", "by": "", "title": "Mine", "number": "2", "clear": ""}
    page = html.unescape(lin.client.get("/alerts/new").text)
    assert (
        "linkedin team" in page
        and "all data" not in page
        and "a source is late" not in page
        and 'href="/alerts"' in page
    )
    assert fill(lin, **words, segment="twitter team").status_code == 400
    assert fill(lin, **words, segment="").status_code == 400
    assert fill(lin, **{**words, "kind": "late"}, segment="linkedin team").status_code == 400
    tried = fill(lin, **words, segment="linkedin team")
    assert (
        tried.status_code == 200
        and "fired once" in tried.text
        and "3 posts" in tried.text
        and "41 posts" not in tried.text
    )
    assert fill(lin, "save", **words, segment="linkedin team", tried=proof(tried)).status_code == 302
    (mine,) = [rule for rule in scene.desk.rulebook.read().rules if rule.title == "Mine"]
    assert mine.segment == "linkedin team" and lin.client.get(f"/alerts/rules/{mine.id}/edit").status_code == 200
    assert send(lin, f"/alerts/rules/{mine.id}/remove", page="/account").status_code == 302


def test_what_a_rule_saw_before_its_segment_changed_is_not_shown(
    scene: AlertScene, accounts: Accounts, lin: Person
) -> None:
    update(accounts, "twitter team", Segment.of_platforms(("linkedin",)))
    assert lin.client.get(alert("twitter-many")).status_code == 404, "it is not judged anew yet"
    scene.round(scene.at(3.3))
    for page in (alert("twitter-many"), "/alerts"):
        assert not _AS_VALUE.search(lin.client.get(page).text)

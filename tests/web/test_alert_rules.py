"""Rules made by a form: tried on the past, saved only as they were tried, changed and removed by analysts."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from alerting.rule import Span
from dashapp.accounts import Accounts
from dashapp.accounts.segments import create
from dashapp.alerts.pages.rule_text import entry_in, new_id, written
from dashapp.alerts.pages.shipped import shipped
from metricstore.errors import StoreUnreachable
from metricstore.segment import Segment
from tests.tampering import tampered
from tests.web.alert_scene import RULES, AlertScene
from tests.web.conftest import Person, csrf
from tests.web.test_administration import SCRIPT

FIELDS = {
    "title": "Many AI errors", "metric": "ai_request_error_rate", "by": "provider", "every": "1h", "kind": "value", "sign": ">",
    "number": "20", "clear": "10", "severity": "page", "quiet": "12h", "tz": "UTC", "against": "previous",
}  # fmt: skip


@pytest.fixture
def scene(app: Flask) -> AlertScene:
    """Provider b failed once; nothing is in force but a receiver."""
    found = AlertScene(app)
    found.fail()
    receiver = RULES[RULES.index("[[receiver]]") :]
    found.desk.rulebook.apply(receiver, "conf/rules.toml", "test")
    return found


def fill(person: Person, do: str = "try", path: str = "/alerts/new", **fields: Any) -> TestResponse:
    token = csrf(person.client.get(path))
    return person.client.post(path, data={"csrf_token": token, **FIELDS, **fields, "do": do})


def proof(answer: TestResponse) -> str:
    found = re.search(r'name="tried" value="([^"]*)"', answer.text)
    assert found
    return found[1]


def saved(person: Person, **fields: Any) -> TestResponse:
    return fill(person, "save", tried=proof(fill(person, **fields)), **fields)


def test_a_rule_is_tried_then_saved_and_in_force(scene: AlertScene, eve: Person) -> None:
    before = scene.desk.rulebook.read().rules
    tried = fill(eve, notify=["ops"])
    page = html.unescape(tried.text)
    assert tried.status_code == 200
    assert re.search(r"In the last 90 days this would have fired once, open for [\d.]+ hours?", page)
    assert "provider b" in page and "30.0 %" in page and "Nearest misses" in page and "not collected" in page
    assert page.count("<svg") >= 2 and "limit > 20" in page and "<desc" in page
    assert "Save the rule" in page and scene.desk.rulebook.read().rules == before, "trying changes nothing"
    answer = fill(eve, "save", tried=proof(tried), notify=["ops"])
    assert answer.status_code == 302
    rule = scene.desk.rulebook.read().rule("many-ai-errors")
    assert rule is not None
    assert (rule.file, rule.severity, rule.by, str(rule.fire), str(rule.clear), rule.notify) == (
        "app/many-ai-errors", "page", ("provider",), "> 20", "<= 10", ("ops",),
    )  # fmt: skip
    listed = html.unescape(eve.client.get("/alerts").text)
    assert "made here" in listed and "/alerts/rules/many-ai-errors/edit" in listed


def test_nothing_is_saved_that_was_not_tried(scene: AlertScene, eve: Person) -> None:
    answer = fill(eve, "save")
    assert answer.status_code == 200 and "not what was tried last" in answer.text
    good = proof(fill(eve))
    for wrong in ("", "x", tampered(good, -1), tampered(good, 3), "." + good, good.upper()):
        assert "not what was tried last" in fill(eve, "save", tried=wrong).text, wrong
    assert "not what was tried last" in fill(eve, "save", tried=good, number="21").text, "another limit"
    assert scene.desk.rulebook.read().rules == ()


def test_a_proof_is_its_owners_alone(scene: AlertScene, eve: Person, app: Flask) -> None:
    root = Person(app.test_client(), "root")
    root.log_in()
    assert "not what was tried last" in fill(root, "save", tried=proof(fill(eve))).text
    assert scene.desk.rulebook.read().rules == ()


def test_a_proof_ends_after_a_day(scene: AlertScene, eve: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    proven = proof(fill(eve))
    monkeypatch.setattr("dashapp.alerts.pages.tried._DAY", -1)
    assert "not what was tried last" in fill(eve, "save", tried=proven).text


def test_a_form_sent_twice_makes_one_rule(scene: AlertScene, eve: Person) -> None:
    proven = proof(fill(eve))
    assert fill(eve, "save", tried=proven).status_code == 302
    assert "not what was tried last" in fill(eve, "save", tried=proven).text
    assert saved(eve).status_code == 302, "a second rule of the same title has an id of its own"
    assert {rule.id for rule in scene.desk.rulebook.read().rules} == {"many-ai-errors", "many-ai-errors-2"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"title": ""}, "title"), ({"number": "many"}, "Give the limit as a number"), ({"number": ""}, "Give the limit as a number"), ({"by": "colour"}, "can't be grouped"),
     ({"where": "colour=red"}, "can't be filtered"), ({"where": "platform"}, "bad query field"), ({"clear": "30"}, "beyond"), ({"metric": "x"}, "choice"),
     ({"every": "1m"}, "choice"), ({"notify": ["nobody"]}, "choice"), ({"kind": "absent"}, "does not count anything"), ({"tz": "Mars/Phobos"}, "Mars"),
     ({"needs_metric": "nothing", "needs_number": "5"}, "nothing"), ({"title": "a\0b"}, "can't be written"), ({"where": "x" * 1001}, "1000")],
    ids=str,
)  # fmt: skip
def test_what_is_no_rule_is_told_why(scene: AlertScene, eve: Person, wrong: dict[str, Any], says: str) -> None:
    answer = fill(eve, **wrong)
    assert answer.status_code == 400
    assert says in html.unescape(answer.text).split("<main")[1].split("<form")[0]
    assert "Save the rule" not in answer.text


@pytest.mark.parametrize(
    "fields",
    [{"kind": "change", "percent": "y", "number": "50", "clear": ""}, {"kind": "band", "number": "4", "clear": ""}, {"every": "1w", "clear": ""},
     {"kind": "absent", "metric": "ai_requests", "by": "", "every": "1d"}, {"needs_metric": "ai_requests", "needs_number": "5"},
     {"kind": "each", "metric": "dead_letters", "by": "collector", "back": "7d", "ahead": "48h"}, {"kind": "first", "metric": "errors", "by": "level"},
     {"kind": "budget", "metric": "ai_requests", "by": ""}, {"kind": "burn", "metric": "ai_requests", "allowance": "40", "clear": ""},
     {"kind": "burn", "metric": "ai_requests", "allowance": "40", "clear": "", "page": "60", "keep": "3h"},
     {"where": "http_status=500"}, {"every": "15m"}, {"sign": "<", "clear": "30"}, {"tz": "Europe/Berlin"}, {"kind": "late"},
     {"page": "50", "breaches": "2", "looks": "3", "keep": "3h"}, {"by2": "platform"}, {"breaches": "2"},
     {"kind": "absent", "metric": "ai_requests", "every": "1d", "weekdays": ["mon", "fri"]}],
    ids=str,
)  # fmt: skip
def test_every_kind_is_tried_and_saved_and_edited(scene: AlertScene, eve: Person, fields: dict[str, Any]) -> None:
    assert saved(eve, **fields).status_code == 302
    text = dict(scene.desk.rulebook.texts())["app/many-ai-errors"]
    assert eve.client.get("/alerts/rules/many-ai-errors/edit").status_code == 200
    fill(eve, "save", path="/alerts/rules/many-ai-errors/edit", tried="", **fields)
    assert dict(scene.desk.rulebook.texts())["app/many-ai-errors"] == text


def test_a_rule_with_a_segment_is_tried_within_it(scene: AlertScene, eve: Person, accounts: Accounts) -> None:
    create(accounts, "provider a", Segment.from_params({"provider": "a"}))
    create(accounts, "linkedin team", Segment.of_platforms(("linkedin",)))
    assert "Sees no more than the segment" in eve.client.get("/alerts/new").text
    assert "would have fired once" in fill(eve).text
    assert "there is nothing to try it on" in fill(eve, segment="provider a").text
    assert saved(eve, segment="provider a").status_code == 302
    assert [rule.segment for rule in scene.desk.rulebook.read().rules] == ["provider a"]
    assert "within “provider a”" in eve.client.get("/alerts").text
    assert 'selected value="provider a"' in eve.client.get("/alerts/rules/many-ai-errors/edit").text
    refused = fill(eve, metric="errors", by="", segment="linkedin team")
    assert refused.status_code == 400 and "does not know" in html.unescape(refused.text)


def test_what_is_folded_is_in_the_rule_and_shown_when_it_is_set(scene: AlertScene, eve: Person) -> None:
    assert "<details class" in (plain := eve.client.get("/alerts/new").text) and "<details open" not in plain
    assert saved(eve, page="50", breaches="2", looks="3", keep="3h", by2="platform").status_code == 302
    (rule,) = scene.desk.rulebook.read().rules
    assert (str(rule.page), rule.needed, rule.keep, rule.by) == (
        "> 50",
        Span(2, 3),
        timedelta(hours=3),
        ("provider", "platform"),
    )
    page = eve.client.get("/alerts/rules/many-ai-errors/edit").text
    assert (
        re.search(r'<details class="wide"[^>]* open>', page)
        and 'name="looks" placeholder="1" type="number" value="3"' in page
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"page": "5"}, "is not beyond fire"), ({"breaches": "3", "looks": "2"}, "two of the last three"), ({"by2": "provider"}, "a column twice"),
     ({"keep": "9y"}, "is not a length of time")],
    ids=str,
)  # fmt: skip
def test_what_is_folded_and_wrong_is_told_and_shown(
    scene: AlertScene, eve: Person, wrong: dict[str, Any], says: str
) -> None:
    answer = fill(eve, **wrong)
    assert answer.status_code == 400 and says in html.unescape(answer.text)
    assert re.search(r'<details class="wide"[^>]* open>', answer.text)


def test_a_rule_about_late_sources_is_tried_on_this_moment(scene: AlertScene, eve: Person) -> None:
    tried = fill(eve, kind="late")
    page = html.unescape(tried.text)
    assert "looks at this moment" in page and "Now it would fire once: Application log: last read well" in page
    assert "course-box" not in page and 'id="range"' not in page
    assert fill(eve, "save", tried=proof(tried), kind="late").status_code == 302
    (rule,) = scene.desk.rulebook.read().rules
    assert (rule.kind, rule.by, rule.severity) == ("late", ("collector",), "page")


def test_editing_says_what_it_changes(scene: AlertScene, eve: Person) -> None:
    saved(eve)
    path = "/alerts/rules/many-ai-errors/edit"
    page = eve.client.get(path).text
    assert 'value="20"' in page and 'value="10"' in page and 'value="Many AI errors"' in page
    tried = fill(eve, path=path, number="40", clear="5", title="Very many")
    assert "Before: once; now: never." in tried.text
    assert (
        fill(eve, "save", path=path, tried=proof(tried), number="40", clear="5", title="Very many").status_code == 302
    )
    (rule,) = scene.desk.rulebook.read().rules
    assert (rule.id, rule.title, str(rule.fire)) == ("many-ai-errors", "Very many", "> 40")


def test_a_rule_that_becomes_one_of_another_kind_keeps_what_all_kinds_know(scene: AlertScene, eve: Person) -> None:
    made = written(
        {"id": "one", "title": "One", "metric": "ai_requests", "every": "1h", "fire": "> 5", "page": "> 9", "keep": "2h", "owner": "ops"}
    )  # fmt: skip
    scene.desk.rulebook.apply(made.text, made.file, "test")
    path = "/alerts/rules/one/edit"
    fields = {"kind": "each", "metric": "ai_requests", "title": "One", "by": ""}
    assert fill(eve, "save", path=path, tried=proof(fill(eve, path=path, **fields)), **fields).status_code == 302
    (rule,) = scene.desk.rulebook.read().rules
    assert (rule.kind, rule.page, rule.keep, rule.owner) == ("each", None, timedelta(0), "ops")


def test_a_rule_of_a_file_is_not_changed_here(app: Flask, eve: Person) -> None:
    AlertScene(app).fail()
    assert eve.client.get("/alerts/rules/ai-errors/edit").status_code == 404
    token = csrf(eve.client.get("/alerts/new"))
    assert eve.client.post("/alerts/rules/ai-errors/remove", data={"csrf_token": token}).status_code == 404
    assert "/alerts/rules/ai-errors/" not in eve.client.get("/alerts").text


def test_a_rule_is_removed(scene: AlertScene, eve: Person) -> None:
    saved(eve)
    assert eve.client.post("/alerts/rules/many-ai-errors/remove").status_code == 400
    token = csrf(eve.client.get("/alerts/new"))
    assert eve.client.post("/alerts/rules/many-ai-errors/remove", data={"csrf_token": token}).status_code == 302
    assert scene.desk.rulebook.read().rules == ()


def test_viewers_make_no_rules(scene: AlertScene, viewer: Person) -> None:
    assert viewer.client.get("/alerts/new").status_code == 403
    token = csrf(viewer.client.get("/account"))
    assert viewer.client.post("/alerts/new", data={"csrf_token": token, **FIELDS, "do": "try"}).status_code == 403
    assert "New rule" not in viewer.client.get("/alerts").text


def test_a_chart_leads_to_a_filled_form(scene: AlertScene, eve: Person) -> None:
    words = {"metric": "generations", "platform": "linkedin,twitter", "outcome": "!ok", "colour": "red", "start": "-7d", "tz": "Europe/Berlin", "every": "1d"}  # fmt: skip
    page = html.unescape(eve.client.get("/alerts/new", query_string=words).text)
    assert '<option value="generations" ' in page and 'value="platform=linkedin,twitter&outcome=!ok"' in page
    assert 'value="Europe/Berlin"' in page and '<option selected value="1d">' in page
    wrong = {"metric": "x", "tz": "Mars", "every": "7s", "platform": ""}
    assert eve.client.get("/alerts/new", query_string=wrong).status_code == 200


def test_a_store_that_does_not_answer_is_a_sentence(scene: AlertScene, eve: Person, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def refuse(*_args: object, **_words: object) -> None:
        raise StoreUnreachable("the store is away")

    monkeypatch.setattr("dashapp.alerts.pages.tried.backtest", refuse)
    answer = fill(eve)
    assert answer.status_code == 503 and "the store is away" in answer.text and "Many AI errors" in answer.text


def test_without_data_there_is_nothing_to_try_it_on(app: Flask, eve: Person) -> None:
    answer = fill(eve, by="")
    assert answer.status_code == 200 and "nothing to try it on" in answer.text


def test_hostile_texts_stay_texts(app: Flask, eve: Person) -> None:
    AlertScene(app).fail(SCRIPT, RULES[RULES.index("[[receiver]]") :])
    title = f'{SCRIPT} "\\ \u2028 \U0001f600 \x7f'.replace("\x7f", "")
    tried = fill(eve, title=title)
    assert tried.status_code == 200 and SCRIPT not in tried.text
    assert fill(eve, "save", tried=proof(tried), title=title).status_code == 302
    (rule,) = app.extensions["alerts"].rulebook.read().rules
    assert rule.title == " ".join(title.split())
    for path in ("/alerts", f"/alerts/rules/{rule.id}/edit"):
        assert SCRIPT not in eve.client.get(path).text


def test_ids_come_from_titles() -> None:
    assert new_id("AI requests fail!", ()) == "ai-requests-fail"
    assert new_id("Größe  über 5 %", ()) == "groe-uber-5"
    assert new_id("警報", ()) == "rule"
    assert new_id("rule", {"rule", "rule-2"}) == "rule-3"
    assert len(new_id("x" * 200, ())) == 50


def test_what_the_form_can_not_show_is_not_edited_by_it(app: Flask) -> None:
    with app.test_request_context():
        demand_only_what_the_form_shows()


def demand_only_what_the_form_shows() -> None:
    base = {"id": "a", "title": "A", "metric": "generations", "every": "1h", "fire": "> 1"}
    kept = entry_in(written({**base, "keep": "2h", "owner": "ops", "for": "2 of 3"}).text)
    assert kept is not None and kept["keep"] == "2h" and kept["owner"] == "ops"
    for other in ({"needs": "generations > 5"}, {"every": "3h"}, {"quiet": "90m"}):
        entry = {**base, **other}
        assert entry_in(written(entry).text) is None, other


def test_rules_that_ship_are_put_in_force_at_once_and_each_can_be_edited(app: Flask, eve: Person) -> None:
    assert "Start with" in eve.client.get("/alerts").text
    token = csrf(eve.client.get("/account"))
    for _ in range(2):
        answer = eve.client.post("/alerts/rules/shipped", data={"csrf_token": token})
        assert answer.status_code == 302
    rules = app.extensions["alerts"].rulebook.read().rules
    assert len(rules) == len(shipped()) > 15 and not any(rule.notify for rule in rules)
    for rule in rules:
        assert eve.client.get(f"/alerts/rules/{rule.id}/edit").status_code == 200, rule.id
    assert "Start with" not in eve.client.get("/alerts").text

"""What a rule comes to now: the same as a round decides, said for each window, with the message that would go out."""

from __future__ import annotations

from typing import Any

from alerting.rule_file import read_rules
from dashapp.alerts.trying import attempt
from dashapp.alerts.wording import Links
from tests.alerts.conftest import RULES, Scene, at, said
from tests.alerts.test_records import STUCK, ran, stuck

LINKS = Links("https://metrics.example")


def tried(scene: Scene, text: str, hour: float, count: int = 12) -> dict[str, Any]:
    (rule,), wrong = read_rules(text[: text.find("[[receiver]]")] if "[[receiver]]" in text else text, "rules.toml")
    assert wrong == []
    return attempt(scene.store, rule, at(hour), count, LINKS)


def test_each_window_says_why_it_counts_or_not(scene: Scene) -> None:
    scene.read_until(at(4.1))
    groups = {one["labels"]["provider"]: one for one in tried(scene, RULES, 4.1, count=3)["groups"]}
    assert [(line["begin"], line["value"], line["came"]) for line in groups["b"]["windows"]] == [
        (said(1), "0.0 %", "within the limit > 20 %"), (said(2), "30.0 %", "beyond the limit > 20 %, fires"),
        (said(3), "", "not judged: nothing happened"),
    ]  # fmt: skip
    assert groups["b"]["open"] and not groups["a"]["open"] and groups["a"]["message"] == ""


def test_the_message_is_the_one_that_a_round_sends(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    sent = scene.sent[-1][1]
    (b,) = (one for one in tried(scene, RULES, 3.1)["groups"] if one["open"])
    assert b["message"].startswith("Alert: AI requests fail (provider b)\n\n" + sent.sentence)
    assert f"View: {sent.link}" in b["message"]
    assert scene.outbox.counts()["sent"] == 1, "trying sends and remembers nothing"


def test_limits_that_are_not_reached_often_enough_say_how_many_are_missing(scene: Scene) -> None:
    scene.read_until(at(3.1))
    twice = RULES.replace('fire = "> 20"', 'fire = "> 20"\nfor = "2 of 3"')
    b = next(one for one in tried(scene, twice, 3.1)["groups"] if one["labels"]["provider"] == "b")
    assert b["windows"][-1]["came"] == "beyond the limit > 20 %, 1 more until it fires"


def test_of_an_absence_it_says_whether_something_was_counted(scene: Scene) -> None:
    scene.read_until(at(4.1))
    absent = '[[rule]]\nid = "none"\nkind = "absent"\nmetric = "ai_requests"\nevery = "1h"\n'
    (group,) = tried(scene, absent, 4.1)["groups"]
    assert [line["came"] for line in group["windows"]][-2:] == ["something was counted", "nothing was counted, fires"]


def test_records_in_view_and_late_sources_are_named(scene: Scene) -> None:
    stuck(scene, 1, "One")
    ran(scene, 1, "journey")
    (group,) = tried(scene, STUCK, 2)["groups"]
    assert (group["windows"][0]["value"], group["open"]) == ("One", True)
    assert "A post is stuck (cause quota_spent): One." in group["message"]
    late = tried(scene, '[[rule]]\nid = "late"\nkind = "late"\ntitle = "A source is late"\n', 9)["groups"]
    assert [one["open"] for one in late] == [True]
    assert "last read well" in late[0]["windows"][0]["came"] and "last read well" in late[0]["message"]


def test_nothing_collected_is_nothing_to_look_at(scene: Scene) -> None:
    assert tried(scene, RULES, -24 * 30)["groups"] == []

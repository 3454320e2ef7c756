"""Rules about single records, in rounds: each record is reported once, in one message with others of its cause."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest

from dashapp.alerts.delivering import gathered
from dashapp.alerts.outbox import Waiting
from dashapp.alerts.wording import opening
from metricstore.point import Point, nanoseconds
from tests.alerts.conftest import Scene, at, said
from tests.unit.alerting.receivers.messages import NOW, message

RECEIVER = '[[receiver]]\nname = "ops"\nkind = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'
STUCK = """
[[rule]]
id = "post-stuck"
title = "A post is stuck"
kind = "each"
metric = "posts_stuck"
by = ["cause"]
back = "7d"
notify = ["ops"]
"""
NEW = """
[[rule]]
id = "new-error"
title = "An error of a new kind"
kind = "first"
metric = "errors"
notify = ["ops"]
"""


def stuck(scene: Scene, hour: float, *topics: str, cause: str = "quota_spent", state: str = "stuck") -> None:
    scene.store.write(
        Point(
            "post_journey", nanoseconds(at(hour)) + crc32(topic.encode()) % 1_000_000, {"platform": "linkedin", "time_kind": "time"},
            {"post_id": topic, "topic": topic, "state": state, "step": "due", "cause": cause},
        )
        for topic in topics
    )  # fmt: skip


def step(scene: Scene, hour: float) -> list[str]:
    """As `Scene.step`, with the journeys read too."""
    ran(scene, hour, "journey")
    return scene.step(hour)


def error(scene: Scene, hour: float, message: str) -> None:
    fields = {"message": message, "file": "app.log", "line": int(hour * 100) + 3_000}
    scene.store.write([Point("log_record", nanoseconds(at(hour)), {"level": "ERROR", "event": "other"}, fields)])


def ran(scene: Scene, hour: float, collector: str) -> None:
    fields: dict[str, Any] = {"duration_seconds": 0.1, "records": 5, "points": 5, "rejected": 0}
    scene.store.write(
        [Point("collector_run", nanoseconds(at(hour)), {"collector": collector, "outcome": "ok"}, fields)]
    )


def test_a_record_is_reported_once_with_others_of_its_cause(scene: Scene) -> None:
    scene.rulebook.apply(STUCK + RECEIVER, "rules.toml", "test")
    stuck(scene, 1, "One", "Two")
    stuck(scene, 1, "Three", cause="daily_limit")
    assert len(step(scene, 2)) == 1, "they go out together"
    by_cause = {one["message"].labels["cause"]: one["message"] for one in scene.outbox.latest()}
    assert by_cause["quota_spent"].sentence in (
        "A post is stuck (cause quota_spent): 2 posts: One; Two.", "A post is stuck (cause quota_spent): 2 posts: Two; One.",
    )  # fmt: skip
    assert by_cause["quota_spent"].link.startswith("https://metrics.example/journey?cause=quota_spent&start=")
    assert by_cause["daily_limit"].sentence == "A post is stuck (cause daily_limit): Three."
    assert step(scene, 2.1) == []


def test_more_of_them_are_told_with_a_bounded_list_also_when_somebody_has_taken_the_alert(scene: Scene) -> None:
    scene.rulebook.apply(STUCK + RECEIVER, "rules.toml", "test")
    stuck(scene, 1, "One")
    assert step(scene, 2) == ["fired"]
    scene.states.acknowledge("post-stuck", ("quota_spent",), 1, "ada", "")
    stuck(scene, 2.1, *(f"Topic {number}" for number in range(42)))
    assert step(scene, 2.2) == ["added"]
    sentence = scene.sent[-1][1].sentence
    assert sentence.startswith("A post is stuck (cause quota_spent): 42 more: Topic ") and sentence.endswith(
        " and 37 more."
    )
    assert sentence.count("Topic") == 5
    assert step(scene, 2.3) == []
    (group,) = scene.states.opened()
    (rule,) = scene.rulebook.read().rules
    assert group.memory.open is not None
    said = opening(rule, group.labels, group.memory.open)
    assert said.startswith("A post is stuck (cause quota_spent): 43 posts: Topic ") and said.endswith(
        " and 38 more."
    ), "on the page"


def test_a_digest_names_the_records_of_every_message(scene: Scene) -> None:
    scene.rulebook.apply(NEW.replace("kind =", 'severity = "info"\nkind =') + RECEIVER, "rules.toml", "test")
    error(scene, -24 * 20, "Known")
    for hour, text in enumerate(("Disk is full", "No answer", "Key expired"), 2):
        error(scene, hour - 0.5, text)
        assert step(scene, hour) == [], "it waits for the digest"
    assert scene.deliver(at(48)) == ["added"]
    (message,) = (message for _, message in scene.sent)
    assert [figure.value for figure in message.figures] == [
        "Disk is full.",
        "one more: No answer.",
        "one more: Key expired.",
    ]
    assert (message.title, message.gathered) == ("An error of a new kind", 1)
    assert message.sentence == "3 messages of one alert, still open. The first: An error of a new kind: Disk is full."
    assert message.thread == scene.outbox.latest()[0]["message"].thread and "/events?" in message.link


def test_records_that_are_over_before_they_were_sent_are_named_with_their_end(scene: Scene) -> None:
    scene.rulebook.apply(STUCK + RECEIVER, "rules.toml", "test")
    stuck(scene, 1, "One")
    stuck(scene, 1, "Two", cause="daily_limit")
    for hour, state in ((2, "stuck"), (3, "done")):
        stuck(scene, 1, "One", state=state)
        ran(scene, hour, "journey")
        scene.read_until(at(hour))
        scene.round(at(hour))
    assert len(scene.deliver(at(3.1))) == 1
    (_, message) = scene.sent[0]
    assert message.title == "1 open, 1 over: A post is stuck" and message.gathered == 2
    assert {(figure.window, figure.value) for figure in message.figures} == {
        ("cause quota_spent", "One."), ("cause daily_limit", "Two."), ("cause quota_spent", "Resolved: 0 posts"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("waiting", "subject", "lines"),
    [
        ("fired* repeated", "fired", 0), ("fired* added* repeated", "added", 2), ("added* resolved", "resolved", 2),
        ("fired raised resolved", "resolved", 0), ("fired repeated", "repeated", 0),
    ],
)  # fmt: skip
def test_what_is_said_by_a_later_message_is_left_out_of_one_that_holds_several(
    waiting: str, subject: str, lines: int
) -> None:
    """`*`: it names records."""
    claimed = []
    for number, word in enumerate(waiting.split()):
        one = message(subject=word.rstrip("*"), lists_records=word.endswith("*"), figures=())
        claimed.append(Waiting(number, word, "ops", "ops", one, "batch", NOW, 1))
    found = gathered(claimed, "https://metrics.example.org/alerts")
    assert (found.subject, len(found.figures)) == (subject, lines)
    assert (found.thread, found.link) == (message().thread, message().link)


def test_mended_records_end_the_alert_and_one_that_comes_back_is_no_news(scene: Scene) -> None:
    scene.rulebook.apply(STUCK + RECEIVER, "rules.toml", "test")
    stuck(scene, 1, "One")
    assert step(scene, 2) == ["fired"]
    stuck(scene, 1, "One", state="done")
    assert step(scene, 3) == ["resolved"]
    assert scene.sent[-1][1].sentence == (
        f"Over: A post is stuck (cause quota_spent), from {said(2)} to {said(3)} (60 min). None of the records that were "
        "reported is left: they were mended, or their time has passed."
    )
    stuck(scene, 1, "One")
    assert step(scene, 4) == []
    stuck(scene, 4, "Two")
    assert step(scene, 5) == ["fired"]


def test_a_silence_holds_records_back_and_they_are_told_afterwards(scene: Scene) -> None:
    scene.rulebook.apply(STUCK + RECEIVER, "rules.toml", "test")
    stuck(scene, 1, "One")
    assert step(scene, 2) == ["fired"]
    scene.silences.add("post-stuck", None, at(4), "known", "ada", at(2))
    stuck(scene, 2.5, "Two", "Three")
    assert step(scene, 3) == []
    assert step(scene, 4.1) == ["added"]
    assert "2 more: " in scene.sent[-1][1].sentence


def test_no_more_than_fifty_alerts_of_a_rule_are_open(scene: Scene) -> None:
    scene.rulebook.apply(STUCK.replace('"cause"', '"topic"') + RECEIVER, "rules.toml", "test")
    stuck(scene, 1, *(f"Topic {number:02}" for number in range(60)))
    step(scene, 2)
    assert len(scene.states.opened()) == 50
    stuck(scene, 1, "Topic 07", state="done")
    step(scene, 3)
    step(scene, 4)
    assert [group.labels for group in scene.states.opened()][-2:] == [("Topic 49",), ("Topic 50",)]


def test_nothing_new_costs_no_question(scene: Scene) -> None:
    scene.rulebook.apply(STUCK + RECEIVER, "rules.toml", "test")
    stuck(scene, 1, "One")
    ran(scene, 2, "journey")
    assert scene.round(at(2)).judged == 1
    assert scene.round(at(2.01)).judged == 0
    assert scene.round(at(2.3)).judged == 1, "a quarter of an hour later others are in view"


def test_an_error_of_a_new_kind_is_reported_one_that_is_known_is_not(scene: Scene) -> None:
    scene.rulebook.apply(NEW + RECEIVER, "rules.toml", "test")
    error(scene, -24 * 20, "Disk 1 is full")
    error(scene, 1, "Disk 2 is full")
    assert step(scene, 2) == []
    error(scene, 2.5, "No answer after 3 tries")
    assert step(scene, 3) == ["fired"]
    assert scene.sent[-1][1].sentence == "An error of a new kind: No answer after 3 tries."
    error(scene, 3.5, "No answer after 9 tries")
    assert step(scene, 4) == []

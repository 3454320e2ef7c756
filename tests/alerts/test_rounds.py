"""Rounds of evaluation over a store: what is decided, what is said, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerting.receivers.outcome import Outcome
from dashapp.alerts.states import States, Superseded
from metricstore.errors import StoreUnreachable
from metricstore.point import Point, nanoseconds
from tests.alerts.conftest import RULES, Scene, at, requests, said


def test_an_alert_fires_once_and_ends_once(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    (_, fired) = scene.sent[0]
    assert fired.sentence == (
        f"AI requests fail (provider b) – AI request error rate: 30.0 % in the hour until {said(3)}, limit > 20 %."
    )
    assert (fired.value, fired.limit, fired.labels) == ("30.0 %", "> 20 %", {"provider": "b"})
    assert fired.link.startswith("https://metrics.example/generation?every=1h&provider=b&start=")
    assert scene.step(3.2) == []
    scene.store.write(requests(3, "b", 10, 0))
    assert scene.step(4.1) == ["resolved"]
    assert scene.sent[-1][1].sentence.startswith(f"Over: AI requests fail (provider b), from {said(3)} to ")
    assert scene.step(5.1) == []


def test_a_window_that_is_still_open_or_not_yet_read_is_not_judged(scene: Scene) -> None:
    assert scene.step(2.9) == []
    assert scene.round(at(9)).judged == 0, "the log was read until 2.9 alone"
    assert scene.deliver(at(9)) == []


def test_while_a_source_is_read_for_the_first_time_nothing_is_judged(scene: Scene) -> None:
    assert scene.round(at(3.1)).judged == 0
    assert scene.deliver(at(3.2)) == []
    assert scene.step(3.3) == ["fired"]


def test_nothing_new_costs_no_question(scene: Scene) -> None:
    scene.read_until(at(1))
    assert scene.round(at(1)).judged == 1
    assert scene.round(at(1) + timedelta(seconds=10)).judged == 0


def test_late_data_that_undo_a_breach_are_told_as_one_correction(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    scene.store.write([point for point in requests(2, "b", 50, 0) if point.time > 0][10:])
    assert scene.step(3.2) == ["corrected"]
    assert "With the data known now, it wasn't an alert" in scene.sent[-1][1].sentence
    assert scene.step(3.3) == []


def test_a_group_may_have_any_name(scene: Scene) -> None:
    for name in ("ж" * 900, "a/b\n%s'\"<b>", ""):
        scene.store.write(requests(2, f"b{name}", 5, 5))
    assert scene.step(3.1) == ["fired"]
    assert {group.labels[0] for group in States(scene.database).opened()} >= {"b" + "ж" * 900, "ba/b %s'\"<b>"}
    assert scene.step(3.2) == []
    assert States(scene.database).acknowledge("ai-errors", ("b" + "ж" * 900,), 1, "ada", "")


def test_a_silence_holds_it_back_and_what_is_still_open_is_told_afterwards(scene: Scene) -> None:
    scene.silences.add("ai-errors", ("b",), at(4), "known", "ada", at(3))
    assert scene.step(3.1) == []
    (group,) = States(scene.database).opened()
    assert group.muted_by == "silenced by ada: known"
    assert scene.step(4.1) == ["fired"]


def test_in_maintenance_nobody_is_written_to(scene: Scene) -> None:
    text = '[[maintenance]]\nname = "move"\nbegin = "03:00"\nend = "04:00"\nreason = "we move"\n'
    found = scene.rulebook.apply(text, "maintenance.toml", "test")
    assert found.added == ["maintenance move"]
    assert scene.step(3.1) == []
    (group,) = States(scene.database).opened()
    assert group.muted_by == "maintenance move: we move"
    assert scene.step(4.1) == ["fired"]


def test_a_raise_pages(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    scene.store.write(requests(3, "b", 2, 8))
    assert scene.step(4.1) == ["raised"]
    assert (scene.sent[-1][1].severity, scene.sent[-1][1].limit) == ("page", "> 50 %")


def test_who_has_taken_it_is_left_alone(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    assert States(scene.database).acknowledge("ai-errors", ("b",), 1, "ada", "I look")
    scene.store.write([point for hour in range(3, 29) for point in requests(hour, "b", 7, 3)])
    assert scene.step(28.5) == []
    assert not States(scene.database).acknowledge("ai-errors", ("b",), 2, "ada", "")


def test_what_was_over_before_the_rule_was_made_is_no_news(scene: Scene) -> None:
    scene.store.write(requests(3, "b", 10, 0))
    assert scene.step(4.1) == []
    scene.store.write([*requests(4, "b", 7, 3), *requests(5, "b", 10, 0)])
    assert scene.step(6.1) == ["resolved"], "it came and went while nobody looked"


def test_it_is_said_again_after_a_day(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    scene.store.write([point for hour in range(3, 29) for point in requests(hour, "b", 7, 3)])
    assert scene.step(28.5) == ["repeated"]


def test_a_changed_title_keeps_the_alert_and_a_changed_limit_judges_anew(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    scene.rulebook.apply(RULES.replace("AI requests fail", "Requests fail"), "rules.toml", "test")
    assert scene.step(3.2) == []
    scene.rulebook.apply(RULES.replace('"> 20"', '"> 40"').replace('"<= 10"', '"<= 30"'), "rules.toml", "test")
    assert scene.step(3.3) == ["corrected"]


def test_a_rule_that_is_removed_ends_its_alerts(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    scene.rulebook.apply(
        RULES.replace('"ai-errors"', '"other"').replace('"> 20"', '"> 90"').replace('"> 50"', '"> 95"'),
        "rules.toml",
        "test",
    )
    assert scene.step(3.2) == ["gone"]
    assert scene.sent[-1][1].sentence == "Ended without an answer: AI requests fail. Its rule was removed."


def test_another_holder_of_the_lease_ends_the_round_of_the_former(scene: Scene) -> None:
    scene.read_until(at(3.1))
    assert scene.round(at(3.1), token=2).judged == 1
    scene.store.write(requests(3, "b", 7, 3))
    scene.read_until(at(4.1))
    with pytest.raises(Superseded):
        scene.round(at(4.1), token=1)


def test_after_a_restart_nothing_is_said_twice(scene: Scene) -> None:
    assert scene.step(3.1) == ["fired"]
    again = Scene(scene.store, scene.database)
    assert again.step(3.2) == []


def test_a_receiver_that_is_down_gets_it_later_in_order_and_once(scene: Scene) -> None:
    scene.answers = lambda _message: Outcome("ops", False, retry_after=120, answer="503")
    assert scene.step(3.1) == []
    scene.answers = lambda _message: None
    assert scene.deliver(at(3.1) + timedelta(seconds=100)) == [], "it asked for 120 s"
    scene.store.write(requests(3, "b", 10, 0))
    scene.read_until(at(4.1))
    scene.round(at(4.1))
    assert scene.deliver(at(4.2)) == ["fired"]
    assert scene.sent[0][1].sent_before
    assert scene.deliver(at(4.3)) == ["resolved"]


def test_no_message_overtakes_an_earlier_one_that_is_tried_again(scene: Scene) -> None:
    scene.answers = lambda _message: Outcome("ops", False, retry_after=7200, answer="503")
    scene.step(3.1)
    scene.answers = lambda _message: None
    scene.store.write(requests(3, "b", 10, 0))
    assert scene.step(4.1) == []
    assert scene.deliver(at(5.5)) == ["fired"]
    assert scene.deliver(at(5.6)) == ["resolved"]


def test_what_is_refused_for_good_is_not_tried_again(scene: Scene) -> None:
    scene.answers = lambda _message: Outcome("ops", False, permanent=True, answer="404 Not Found")
    scene.step(3.1)
    assert scene.outbox.counts() == {"waiting": 0, "sent": 0, "dead": 1}
    assert scene.outbox.latest()[0]["answer"] == "404 Not Found"


def test_many_at_once_are_one_message(scene: Scene) -> None:
    scene.store.write([point for number in range(40) for point in requests(2, f"{chr(65 + number)}x", 5, 5)])
    assert scene.step(3.1) == ["fired"]
    (_, message) = scene.sent[0]
    assert message.title == "41 open: AI requests fail"
    assert len(message.figures) == 12
    assert message.figures[-1].value == "and 30 more, on the page Alerts"


def test_two_hundred_alerts_are_few_messages(scene: Scene) -> None:
    """Four rules of 50 groups: one message for each severity and recipient."""
    head, receiver = RULES.split("[[receiver]]")
    severities = ("page", "ticket", "ticket", "page")
    rules = [
        head.replace("ai-errors", f"errors-{one}") + f'severity = "{each}"\n' for one, each in enumerate(severities)
    ]
    scene.rulebook.apply("".join(rules) + "[[receiver]]" + receiver, "rules.toml", "test")
    scene.store.write([point for number in range(60) for point in requests(2, f"{chr(65 + number)}x", 5, 5)])
    assert len(scene.step(3.1)) <= 3
    assert sum(message.gathered for _, message in scene.sent) == 200
    assert {row["state"] for row in scene.outbox.latest(1000)} == {"sent"}


def test_a_rule_that_cannot_be_judged_holds_up_no_other(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    import dashapp.alerts.evaluating as evaluating

    real = evaluating.asked

    def failing(store: object, rule: object, *rest: object) -> object:
        if getattr(rule, "id", "") == "aaa":
            raise RuntimeError("no answer")
        return real(store, rule, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluating, "asked", failing)
    other = RULES[RULES.index("[[rule]]") : RULES.index("[[receiver]]")].replace('"ai-errors"', '"aaa"')
    scene.rulebook.apply(other, "other.toml", "test")
    scene.read_until(at(3.1))
    found = scene.round(at(3.1))
    assert (found.failed, found.messages) == ({"aaa": "no answer"}, 1)


LATE = """
[[rule]]
id = "source-late"
title = "A source is late"
kind = "late"
severity = "page"
notify = ["ops"]
"""


def test_a_frozen_collector_is_one_alert_and_what_rests_on_it_is_not_judged(scene: Scene) -> None:
    scene.rulebook.apply(LATE, "late.toml", "test")
    assert scene.step(3.1) == ["fired"]
    assert scene.sent[-1][1].rule == "ai-errors"
    scene.round(at(3.3))
    assert scene.deliver(at(3.4)) == ["fired"]
    (_, late) = scene.sent[-1]
    assert (late.rule, late.labels) == ("source-late", {"collector": "app_log"})
    assert late.sentence.startswith("A source is late (collector app_log) – Application log: last read well 12 min ago")
    muted = {group.rule: group.muted_by for group in States(scene.database).opened()}
    assert muted["ai-errors"].startswith("not judged: Application log: last read well")
    scene.round(at(30))
    assert scene.deliver(at(30.1)) == ["repeated"], "of the late source alone; nothing resolved"
    scene.store.write(requests(3, "b", 10, 0))
    assert scene.step(30.2) == ["resolved", "resolved"]


def test_a_collector_that_runs_and_fails_is_late_too(scene: Scene) -> None:
    scene.rulebook.apply(LATE, "late.toml", "test")
    scene.step(2.5)
    fields = {"duration_seconds": 0.1, "records": 0, "points": 0, "rejected": 0, "error": "gone"}
    for hour in (2.6, 2.7, 2.8):
        scene.store.write(
            [Point("collector_run", nanoseconds(at(hour)), {"collector": "app_log", "outcome": "failed"}, fields)]
        )
    scene.round(at(2.81))
    assert scene.deliver(at(2.9)) == ["fired"]
    assert scene.sent[-1][1].sentence.endswith("; its latest run failed.")


def test_when_nothing_can_be_judged_everybody_hears_of_it_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    import dashapp.alerts.evaluating as evaluating

    def failing(*_: object) -> object:
        raise StoreUnreachable("InfluxDB does not answer")

    scene.read_until(at(3.1))
    real = evaluating.settled_until
    monkeypatch.setattr(evaluating, "settled_until", failing)
    for minute in range(20):
        scene.round(at(3.1) + timedelta(minutes=minute))
    assert scene.deliver(at(3.5)) == ["fired"]
    assert "InfluxDB does not answer" in scene.sent[-1][1].sentence
    monkeypatch.setattr(evaluating, "settled_until", real)
    scene.read_until(at(3.6))
    scene.round(at(3.6))
    assert scene.deliver(at(3.7)) == ["fired", "resolved"]
    assert [message.rule for _, message in scene.sent[-2:]] == ["ai-errors", "_not-judged"]

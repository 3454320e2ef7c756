"""A window that is beyond its limit and can only grow is judged before its end; others are not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.alerts.conftest import Scene, at, requests, said
from tests.alerts.test_records import RECEIVER
from tests.alerts.test_spending import BUDGET, BURN

VALUE = """
[[rule]]
id = "many"
title = "Many requests"
metric = "ai_requests"
every = "1d"
fire = "> 40"
quiet = "30d"
notify = ["ops"]
"""


def test_a_count_that_is_beyond_its_limit_fires_at_once_and_the_end_of_its_window_is_no_news(scene: Scene) -> None:
    scene.rulebook.apply(VALUE + RECEIVER, "rules.toml", "test")
    assert scene.step(2.9) == ["fired"], "60 requests by three in the morning"
    sentence = scene.sent[-1][1].sentence
    assert (
        sentence
        == f"Many requests – AI requests: 60 requests so far in the day that began {said(0)}, limit > 40 requests."
    )
    assert scene.step(5) == scene.step(24.1) == []
    scene.store.write(requests(25, "a", 1, 0))
    assert scene.step(48.1) == ["resolved"]


def test_an_allowance_is_used_up_before_the_window_is_over(scene: Scene) -> None:
    scene.rulebook.apply(BURN.replace('"1h"', '"1d"') + RECEIVER, "rules.toml", "test")
    scene.store.write(requests(2, "c", 0, 6))
    assert scene.step(2.9) == ["fired"], "nine of twenty"
    assert scene.step(24.1) == []


def test_a_month_that_has_cost_its_budget_is_a_page_on_that_day(scene: Scene) -> None:
    scene.rulebook.apply(BUDGET.replace("100", "45") + RECEIVER, "rules.toml", "test")
    assert scene.step(2.9) == ["fired"]
    assert scene.sent[-1][1].severity == "page" and "60 requests expected for" in scene.sent[-1][1].sentence


@pytest.mark.parametrize(
    "words",
    [
        'fire = "< 400"',
        'fire = "> 40"\nneeds = "ai_request_latency < 5"',
        'fire = "> 2"\nkind = "band"',
    ],
)
def test_what_may_still_change_back_waits_for_the_end(scene: Scene, words: str) -> None:
    scene.rulebook.apply(VALUE.replace('fire = "> 40"', words) + RECEIVER, "rules.toml", "test")
    assert scene.step(2.9) == []


def test_a_breach_behind_a_window_that_is_not_known_yet_waits_too(scene: Scene) -> None:
    """`2 of 2` means two in a row, whatever comes in late."""
    rule = VALUE.replace('"1d"', '"1h"').replace("> 40", "> 25").replace("quiet", 'for = "2 of 2"\nquiet')
    scene.rulebook.apply(rule + RECEIVER, "rules.toml", "test")
    scene.store.write([*requests(2, "c", 10, 0), *requests(4, "c", 30, 0)])
    scene.read_until(at(2.95))
    scene.round(at(2.95))
    scene.store.write(requests(3, "c", 1, 0))
    scene.read_until(at(4.01))
    scene.round(at(4.01) + timedelta(minutes=50))
    assert scene.deliver(at(6)) == []

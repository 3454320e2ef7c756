"""Budgets and allowances in rounds: a month that will cost too much is a page at once when it will even at best."""

from __future__ import annotations

from tests.alerts.conftest import Scene, requests, said
from tests.alerts.test_records import RECEIVER

BUDGET = """
[[rule]]
id = "budget"
title = "More requests than planned"
kind = "budget"
metric = "ai_requests"
fire = "> 100"
notify = ["ops"]
"""
BURN = """
[[rule]]
id = "burn"
title = "Refused requests use up what is allowed"
kind = "burn"
metric = "ai_requests"
where = "http_status=500"
every = "1h"
allowance = 20
fire = "> 40 %"
page = "> 60 %"
notify = ["ops"]
"""


def test_a_month_that_is_over_its_budget_even_at_best_is_a_page(scene: Scene) -> None:
    scene.rulebook.apply(BUDGET + RECEIVER, "rules.toml", "test")
    scene.store.write([point for day in range(-20, 2) for point in requests(24 * day, "a", 20, 0)])
    assert scene.step(24 * 2 + 1) == ["fired"]
    message = scene.sent[-1][1]
    assert message.severity == "page" and message.sentence.startswith("More requests than planned – AI requests: ")
    assert message.sentence.endswith("limit > 100 requests, above the limit even in the best case.")
    assert scene.step(24 * 2 + 2) == []


def test_failures_that_use_up_an_allowance_are_a_ticket_and_a_page_when_a_day_did(scene: Scene) -> None:
    scene.rulebook.apply(BURN + RECEIVER, "rules.toml", "test")
    scene.store.write(requests(2, "c", 0, 6))
    assert scene.step(3.1) == ["fired"], "six and the three that b has"
    message = scene.sent[-1][1]
    assert message.severity == "ticket"
    assert message.sentence == (
        "Refused requests use up what is allowed – AI requests: 9 requests in the 3 days until "
        f"{said(3)}, 45 % of the 20 allowed in 28 days, limit > 40 %."
    )
    scene.store.write(requests(3, "c", 0, 5))
    assert scene.step(4.1) == ["raised"]
    assert scene.sent[-1][1].severity == "page"
    assert scene.sent[-1][1].sentence.endswith(" % for one day.")

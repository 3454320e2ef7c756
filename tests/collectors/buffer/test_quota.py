"""What Buffer allows: how little is asked, and what happens when it is spent."""

from __future__ import annotations

import time

import pytest

from collectors.base import TemporaryFailure
from tests.collectors.buffer.world import DAY, HOUR, NOON, World
from tests.standins import Fault
from tests.standins.buffer import failure


def test_a_day_stays_within_the_smallest_plan(world: World) -> None:
    for place in range(180):
        world.account.sent(f"p{place}", "page", NOON - place * 4 * HOUR, impressions=place)
    world.driver.run()
    for _ in range(24 * 6):
        world.hour(1 / 6)
    assert len(world.server.calls) <= 100, "3,000 in 30 days are 100 a day"


def test_quotas_are_told_as_points(world: World) -> None:
    world.driver.run()
    quotas = {row["window"]: row for row in world.store.rows("api_quota")}
    spent = len(world.server.calls)
    assert {window: (row["allowed"], row["remaining"]) for window, row in quotas.items()} == {
        "15m": (100, 100 - spent), "24h": (250, 250 - spent), "30d": (3_000, 3_000 - spent),
    }  # fmt: skip
    assert quotas["24h"]["reset_seconds"] == 43_200


def test_the_older_quota_headers_are_understood(world: World) -> None:
    world.server.older_headers = True
    world.driver.run()
    (quota,) = world.store.rows("api_quota")
    assert (quota["window"], quota["allowed"]) == ("other", 100)


def test_a_spent_day_is_not_tried_again_before_it_is_over_even_after_a_restart(world: World) -> None:
    world.server.spent["24h"] = 250
    with pytest.raises(TemporaryFailure, match="24h are spent") as spent:
        world.driver.run()
    assert spent.value.retry_after == 43_200
    for _ in range(11):
        with pytest.raises(TemporaryFailure):
            world.hour()
    assert len(world.server.calls) == 1
    world.server.spent["24h"] = 0
    world.hour(2)
    assert len(world.server.calls) > 1


@pytest.mark.parametrize("form", ["seconds", "date", "ms", "absent"])
def test_every_form_of_a_spent_window_is_understood(world: World, form: str) -> None:
    body = failure("RATE_LIMIT_EXCEEDED", "Too many", window="30d").body
    busy = Fault.busy(form, 500)
    world.server.spoil(Fault(429, busy.headers, body))
    world.clock.time = time.time()
    with pytest.raises(TemporaryFailure, match="30d are spent") as spent:
        world.driver.run()
    assert spent.value.retry_after == pytest.approx(DAY if form == "absent" else 500, abs=2)


def test_the_older_form_of_a_spent_window_is_understood(world: World) -> None:
    world.server.spoil(failure("RATE_LIMIT_EXCEEDED", "Too many", retryAfter=90))
    with pytest.raises(TemporaryFailure) as spent:
        world.driver.run()
    assert spent.value.retry_after == 90

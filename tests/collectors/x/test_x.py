"""X's posts and figures as points: a real collector against a server that speaks X's API v2."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.base import Refused, TemporaryFailure
from collectors.x.collector import XCollector
from tests.collectors.reports import DAY, HOUR, World
from tests.standins import Fault
from tests.standins.x import TOKEN, XStandIn, lively, problem


@pytest.fixture
def server() -> Iterator[XStandIn]:
    with XStandIn() as found:
        yield found


@pytest.fixture
def world(server: XStandIn, tmp_path: Path) -> World:
    found = World(XCollector, "x", server, tmp_path, TOKEN)
    server.resets = int(found.clock.time) + 900
    return found


def test_figures_of_a_post_and_what_is_not_told_is_no_zero(world: World) -> None:
    now = world.clock.time
    own = {"impression_count": 1450, "url_link_clicks": 12, "user_profile_clicks": 5, "engagements": 58}
    world.server.post(
        "1", now - DAY, own, retweet_count=3, reply_count=2, like_count=21, bookmark_count=4, impression_count=1450
    )
    world.server.post("2", now - 2 * DAY, None, like_count=0)
    world.run()
    stats = {row["service_post_id"]: row for row in world.store.rows("social_post_stats")}
    one, two = stats["1"], stats["2"]
    assert (one["impressions"], one["reactions"], one["comments"], one["reposts"]) == (1450, 21, 2, 3)
    assert (one["saves"], one["clicks"], one["profile_clicks"], one["engagement_ratio"]) == (4, 12, 5, 0.04)
    assert (one["source"], one["platform"], one["channel_id"]) == ("x", "twitter", "1001")
    assert one["mapping_version"]
    assert {"reach", "views"} <= set(one["not_reported"].split(","))
    assert two["reactions"] == 0
    assert "clicks" not in two
    assert "clicks" in two["not_reported"].split(",")
    posts = {row["service_post_id"]: row for row in world.store.rows("social_post")}
    assert (posts["1"]["status"], posts["1"]["platform_post_id"]) == ("sent", "1")
    assert "text" not in posts["1"]


def test_either_name_of_reposts_is_read(world: World) -> None:
    world.server.reposts = "repost_count"
    world.server.post("1", world.clock.time - DAY, retweet_count=7)
    world.run()
    assert world.store.rows("social_post_stats")[0]["reposts"] == 7


def test_a_series_grows_a_point_for_each_six_hours(world: World) -> None:
    for likes in (1, 5):
        world.server.post("1", world.clock.time - DAY, like_count=likes)
        world.run(hours=7)
        world.run(hours=1)
        world.server.resets += 10 * HOUR
    reactions = [row["reactions"] for row in world.store.rows("social_post_stats")]
    assert (reactions[0], reactions[-1]) == (1, 5)


def test_pages_are_read_to_the_end_and_again_changes_nothing(world: World) -> None:
    world.server.largest_page = 7
    lively(world.server, world.clock.time)
    world.run()
    assert len(world.store.rows("social_post")) == 30
    before = {key: point for key, point in world.store.points.items() if point.measurement != "api_quota"}
    for _ in range(2):
        world.backfill(world.clock.time - 60 * DAY, world.clock.time)
        assert len(world.store.rows("social_post")) == 60
    assert all(world.store.points[key] == point for key, point in before.items())


def test_older_posts_are_asked_for_without_figures_x_no_longer_has(world: World) -> None:
    lively(world.server, world.clock.time)
    world.backfill(world.clock.time - 60 * DAY, world.clock.time)
    asked = [call.one("tweet.fields") for call in world.server.calls if call.path.endswith("/tweets")]
    assert ["non_public_metrics" in fields for fields in asked] == [False, True]


def test_quota_left_is_told_and_a_spent_one_waits_for_its_reset(world: World) -> None:
    world.run()
    (quota,) = world.store.rows("api_quota")
    assert (quota["service"], quota["allowed"], quota["remaining"]) == ("x", 900, world.server.left)
    world.server.left = 0
    world.server.resets = int(world.clock.time) + 7 * HOUR + 300
    with pytest.raises(TemporaryFailure) as spent:
        world.run(hours=7)
    assert spent.value.retry_after == pytest.approx(300, abs=2)


def test_a_plan_that_is_used_up_is_not_tried_again_that_day(world: World) -> None:
    world.server.spoil(Fault.json(429, problem("usage-capped", "UsageCapExceeded", "cap")))
    with pytest.raises(TemporaryFailure, match="used up") as spent:
        world.run()
    assert spent.value.retry_after == DAY


def test_a_refused_token_is_asked_with_once_and_never_shown(world: World) -> None:
    world.driver.collector = world.collector("wrong-but-secret")
    with pytest.raises(Refused, match="DASHAPP_X_TOKEN") as refused:
        world.run()
    assert "wrong-but-secret" not in str(refused.value)
    with pytest.raises(Refused):
        world.run(hours=7)
    assert len(world.server.calls) == 1


@pytest.mark.parametrize("form", ["seconds", "date", "ms"])
def test_every_form_of_retry_after_is_obeyed(world: World, form: str) -> None:
    world.clock.time = time.time()
    world.server.spoil(Fault.busy(form, 200))
    with pytest.raises(TemporaryFailure) as busy:
        world.run()
    assert busy.value.retry_after == pytest.approx(200, abs=2)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.page(), "web page"),
        (Fault(cut=True), "broke the answer off"),
        (Fault.json(200, {"errors": [{"detail": "no"}]}), "data is null"),
        (Fault.json(503, problem("x", "Service Unavailable", "later")), "503: later"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.post("1", world.clock.time - DAY)
    world.server.spoil(fault)
    with pytest.raises((TemporaryFailure, Refused), match=words):
        world.run()
    world.run(hours=2)
    assert len(world.store.rows("social_post")) == 1


def test_spoilt_posts_are_set_aside_and_stop_nothing_else(world: World) -> None:
    now = world.clock.time
    world.server.post("1", now - DAY)
    page = {"data": [world.server.posts["1"], {"id": "2"}, None], "meta": {"result_count": 3}}
    world.server.spoil(Fault(), Fault.json(200, page), Fault.json(200, page))
    world.run()
    assert len(world.store.rows("social_post")) == 1
    assert len(world.driver.letters) == 2


def test_doctor_asks_once(world: World) -> None:
    assert world.driver.collector.probe() == "account 1001"
    assert len(world.server.calls) == 1

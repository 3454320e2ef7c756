"""A LinkedIn page's statistics as points: a real collector against a server that speaks LinkedIn's interface."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.base import Refused, TemporaryFailure
from collectors.linkedin.collector import LinkedInCollector
from collectors.services import Service, Services
from collectors.social.post import SocialPost
from collectors.source import Source
from tests.collectors.reports import DAY, HOUR, NOON, World
from tests.standins import Fault
from tests.standins.linkedin import PAGE, TOKEN, LinkedInStandIn, figures, lively

TODAY = NOON // DAY * DAY


@pytest.fixture
def server() -> Iterator[LinkedInStandIn]:
    with LinkedInStandIn() as found:
        yield found


@pytest.fixture
def world(server: LinkedInStandIn, tmp_path: Path) -> World:
    return World(LinkedInCollector, "linkedin", server, tmp_path, TOKEN, PAGE)


def test_days_and_followers_of_a_page_and_what_is_not_told_is_no_zero(world: World) -> None:
    world.server.days[TODAY - DAY] = figures(812, -2)
    world.server.days[TODAY] = {"impressionCount": 5, "likeCount": 0, "uniqueImpressionsCount": None}
    world.run()
    rows = {(row["bucket"], row["time"] // 10**9): row for row in world.store.rows("social_channel_stats")}
    day = rows["day", TODAY - DAY]
    assert (day["impressions"], day["reach"], day["reactions"], day["reposts"]) == (812, 541, -2, 1)
    assert (day["engagement_ratio"], day["channel_id"], day["source"]) == (0.0455, PAGE, "linkedin")
    today = rows["day", TODAY]
    assert today["reactions"] == 0
    assert "reach" not in today
    assert "reach" in today["not_reported"].split(",")
    assert rows["snapshot", TODAY]["followers"] == 4321


def test_posts_whose_linkedin_id_another_source_knows_get_their_figures(world: World) -> None:
    for kind in ("share", "ugcPost"):
        urn = f"urn:li:{kind}:7000000000000000001"
        world.server.posts[urn] = figures(99, 7)
        post = SocialPost("buffer", "linkedin", kind, "c", "sent", sent=(NOON - DAY) * 10**9, platform_post_id=urn)
        assert post.point is not None
        world.store.write([post.point])
    world.run()
    stats = {row["service_post_id"]: row["impressions"] for row in world.store.rows("social_post_stats")}
    assert stats == {"urn:li:share:7000000000000000001": 99, "urn:li:ugcPost:7000000000000000001": 99}


def test_it_is_asked_once_a_day_and_late_corrections_overwrite(world: World) -> None:
    world.server.days[TODAY - DAY] = figures(100)
    world.run()
    asked = len(world.server.calls)
    world.run(hours=5)
    assert len(world.server.calls) == asked
    world.server.days[TODAY - DAY] = figures(130)
    world.run(hours=20)
    days = [row["impressions"] for row in world.store.rows("social_channel_stats") if row["bucket"] == "day"]
    assert days == [130]


def test_a_quarter_is_read_at_first_and_backfill_reads_more_and_doubles_nothing(world: World) -> None:
    lively(world.server, NOON)
    world.run()

    def days() -> int:
        return sum(row["bucket"] == "day" for row in world.store.rows("social_channel_stats"))

    assert days() == 91
    for _ in range(2):
        world.backfill(NOON - 170 * DAY, NOON - 80 * DAY)
        assert days() == 171


def test_a_version_that_has_ended_says_which_setting_to_change(server: LinkedInStandIn, tmp_path: Path) -> None:
    services = Services(linkedin=Service(server.url, TOKEN, PAGE), linkedin_version="202401")
    with pytest.raises(Refused, match="no longer answers the version") as ended:
        LinkedInCollector(Source(tmp_path, "UTC", services=services)).probe()
    assert "DASHAPP_LINKEDIN_VERSION" in ended.value.hint


def test_a_token_without_a_page_is_said_and_nothing_is_asked(server: LinkedInStandIn, tmp_path: Path) -> None:
    nobody = World(LinkedInCollector, "linkedin", server, tmp_path, TOKEN, "our-page")
    assert nobody.run() == 0
    assert "DASHAPP_LINKEDIN_ORGANIZATION" in nobody.driver.collector.validate()[0].text
    assert server.calls == []


def test_a_limit_without_a_time_waits_until_the_utc_day_ends(world: World) -> None:
    world.server.spoil(Fault.busy("absent"))
    with pytest.raises(TemporaryFailure) as busy:
        world.run()
    assert busy.value.retry_after == 12 * HOUR - 60


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_every_form_of_retry_after_is_obeyed(world: World, form: str) -> None:
    world.clock.time = time.time()
    world.server.spoil(Fault.busy(form, 200))
    with pytest.raises(TemporaryFailure) as busy:
        world.run()
    assert busy.value.retry_after == pytest.approx(200, abs=2)


def test_a_refused_token_is_asked_with_once_and_never_shown(world: World) -> None:
    world.driver.collector = world.collector("wrong-but-secret")
    with pytest.raises(Refused, match="DASHAPP_LINKEDIN_TOKEN") as refused:
        world.run()
    assert "wrong-but-secret" not in str(refused.value)
    with pytest.raises(Refused):
        world.run(hours=30)
    assert len(world.server.calls) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.page(), "web page"),
        (Fault(cut=True), "broke the answer off"),
        (Fault.json(200, {"paging": {}}), "elements is null"),
        (Fault.json(500, {"status": 500, "message": "oops"}), "500: oops"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.days[TODAY] = figures(1)
    world.server.spoil(fault)
    with pytest.raises((TemporaryFailure, Refused), match=words):
        world.run()
    world.run(hours=2)
    assert len(world.store.rows("social_channel_stats")) == 2


def test_spoilt_rows_are_set_aside_and_stop_nothing_else(world: World) -> None:
    page = {
        "elements": [
            {"timeRange": None},
            None,
            {"timeRange": {"start": TODAY * 1000}, "totalShareStatistics": figures(1)},
        ]
    }
    world.server.spoil(Fault.json(200, page))
    world.run()
    assert len(world.store.rows("social_channel_stats")) == 2
    assert len(world.driver.letters) == 2


def test_doctor_asks_once(world: World) -> None:
    assert world.driver.collector.probe() == "4,321 followers"
    assert len(world.server.calls) == 1

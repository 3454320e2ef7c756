"""Classic Buffer's posts and channels as points, until the day it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.base import Refused, TemporaryFailure
from collectors.buffer_classic.collector import RETIRED, BufferClassicCollector
from tests.collectors.memory import forget_clocks
from tests.collectors.reports import DAY, HOUR, World
from tests.standins import Fault
from tests.standins.buffer import KEY, ClassicStandIn


@pytest.fixture
def server() -> Iterator[ClassicStandIn]:
    with ClassicStandIn() as found:
        found.account.channel("page", "linkedin")
        yield found


@pytest.fixture
def world(server: ClassicStandIn, tmp_path: Path) -> World:
    found = World(BufferClassicCollector, "buffer_classic", server, tmp_path, KEY)
    # whatever day the tests run on, it has not ended yet
    found.clock.time = min(found.clock.time, RETIRED.timestamp() - 60 * DAY)
    return found


def test_outcomes_figures_queue_and_followers_are_stored(world: World) -> None:
    now = world.clock.time
    world.server.account.sent("one", "page", now - 2 * HOUR, late=42, reach=812, clicks=9, reactions=14)
    world.server.account.failed("two", "page", now - HOUR, "Your token expired")
    world.server.account.post("three", "page", "scheduled", now + DAY)
    world.run()
    posts = {row["service_post_id"]: row for row in world.store.rows("social_post")}
    assert (posts["one"]["status"], posts["one"]["late_seconds"], posts["one"]["source"]) == (
        "sent",
        42,
        "buffer_classic",
    )
    assert (posts["two"]["status"], posts["two"]["error_class"], posts["three"]["status"]) == (
        "failed",
        "auth",
        "scheduled",
    )
    (stats,) = world.store.rows("social_post_stats")
    assert (stats["reach"], stats["clicks"], stats["reactions"], stats["reposts"]) == (812, 9, 14, 0)
    assert "impressions" in stats["not_reported"].split(",")
    (queue,) = world.store.rows("social_queue")
    assert (queue["pending"], queue["disconnected"]) == (1, 0)
    (channel,) = world.store.rows("social_channel_stats")
    assert channel["followers"] == 1234


def test_posts_tell_weekday_and_hour_on_their_channels_clock_and_go_with_it_when_it_moves(world: World) -> None:
    world.clock.time = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    night = datetime(2026, 3, 2, 3, 30, tzinfo=UTC).timestamp()
    account = world.server.account
    account.channel("ny", "twitter", timezone="America/New_York")
    account.channel("odd", "facebook", timezone="Mars/Olympus")
    account.sent("recent", "ny", night)
    account.sent("old", "ny", night - 70 * DAY)
    account.post("later", "ny", "scheduled", night + DAY)
    account.sent("odd", "odd", night)
    world.backfill(night - 90 * DAY, night - 60 * DAY)
    world.run()

    def clocks() -> dict[str, tuple[str | None, str | None]]:
        rows = world.store.rows("social_post")
        return {row["service_post_id"]: (row.get("channel_weekday"), row.get("channel_hour")) for row in rows}

    told = {"recent": ("sun", "22"), "old": ("sun", "22"), "later": ("mon", "22"), "odd": (None, None)}
    assert clocks() == told
    forget_clocks(world.driver)
    world.run(hours=1)
    assert clocks() == told, "what an older version stored gets its clock"
    account.channels["ny"]["timezone"] = "Asia/Tokyo"
    world.run(hours=1)
    assert clocks() == {"recent": ("mon", "12"), "old": ("mon", "12"), "later": ("tue", "12"), "odd": (None, None)}


def test_a_post_that_is_gone_was_withdrawn_and_one_that_went_out_is_sent(world: World) -> None:
    account, now = world.server.account, world.clock.time
    account.post("gone", "page", "scheduled", now + 5 * HOUR)
    account.post("out", "page", "scheduled", now + 60)
    world.run()
    del account.posts["gone"]
    account.sent("out", "page", now + 60)
    world.run(hours=1)
    found = {row["service_post_id"]: row["status"] for row in world.store.rows("social_post")}
    assert found == {"gone": "withdrawn", "out": "sent"}
    assert len(world.store.rows("social_post")) == 2


def test_after_days_away_what_was_sent_meanwhile_is_not_taken_for_withdrawn(world: World) -> None:
    now = world.clock.time
    world.server.account.post("out", "page", "scheduled", now + HOUR)
    world.run()
    world.server.account.sent("out", "page", now + HOUR)
    world.run(hours=24 * 9)
    assert [row["status"] for row in world.store.rows("social_post")] == ["sent"]


def test_pages_are_read_to_the_end(world: World) -> None:
    for place in range(250):
        world.server.account.sent(f"p{place}", "page", world.clock.time - place * 600)
    world.run()
    assert len(world.store.rows("social_post")) == 250
    before = dict(world.store.points)
    world.backfill(world.clock.time - 10 * DAY, world.clock.time + HOUR)
    assert world.store.points == before


def test_until_it_ends_it_warns_and_afterwards_it_says_retired_and_asks_nothing(world: World) -> None:
    world.clock.time = RETIRED.timestamp() - 60 * DAY
    assert "ends on 2027-02-01, in 60 days" in world.driver.collector.validate()[0].text
    world.clock.time = datetime(2027, 2, 1, tzinfo=UTC).timestamp()
    (problem,) = world.driver.collector.validate()
    assert problem.fatal
    assert "DASHAPP_BUFFER_API_KEY" in problem.hint
    with pytest.raises(Refused, match="retired on 2027-02-01"):
        world.run()
    with pytest.raises(Refused, match="retired"):
        world.driver.collector.probe()
    assert world.server.calls == []
    assert world.store.points == {}, "retired is no zero"


def test_a_refusal_without_any_body_is_understood(world: World) -> None:
    world.driver.collector = world.collector("wrong-but-secret")
    with pytest.raises(Refused, match="refused the credential") as refused:
        world.run()
    assert "wrong-but-secret" not in str(refused.value)
    with pytest.raises(Refused):
        world.run(hours=2)
    assert len(world.server.calls) == 1


def test_too_many_requests_without_a_time_wait_a_minute(world: World) -> None:
    world.server.spoil(Fault.busy("absent"))
    with pytest.raises(TemporaryFailure) as busy:
        world.run()
    assert busy.value.retry_after == 60


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.page(), "web page"),
        (Fault(cut=True), "broke the answer off"),
        (Fault.json(200, {}), "not a list"),
        (Fault.json(404, {"code": 1010, "error": "Profile could not be found."}), "Profile could not be found"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.account.sent("one", "page", world.clock.time - HOUR)
    world.server.spoil(fault)
    with pytest.raises((TemporaryFailure, Refused), match=words):
        world.run()
    world.run(hours=2)
    assert len(world.store.rows("social_post")) == 1


def test_doctor_asks_once(world: World) -> None:
    assert world.driver.collector.probe() == "1 channel; it ends on 2027-02-01"
    assert len(world.server.calls) == 1

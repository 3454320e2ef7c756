"""What Buffer tells, as points: a real collector against a server that speaks Buffer's GraphQL interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.base import ASKED, Refused
from metricstore.store import Store
from tests.collectors.buffer.world import DAY, HOUR, NOON, World
from tests.collectors.memory import Crash, MemoryStore
from tests.standins.buffer import KEY, BufferStandIn, metrics, stamp


def test_without_a_key_nothing_is_asked_and_nothing_is_wrong(server: BufferStandIn, tmp_path: Path) -> None:
    nobody = World(server, tmp_path, MemoryStore(), key="")
    assert nobody.driver.run() == 0
    assert nobody.collector("").validate() == []
    assert server.calls == []


def test_outcomes_tell_lateness_and_the_cause_of_failures(world: World) -> None:
    due = NOON - 2 * HOUR
    world.account.sent("sent", "page", due, late=42, impressions=812, reactions=14, engagementRate=2.8)
    world.account.failed(
        "failed", "page", due, "Your access token expired, please reconnect. access_token=abc123def456"
    )
    world.account.post("later", "page", "scheduled", NOON + 36 * HOUR)
    world.driver.run()
    found = world.posts()
    sent = found["sent"]
    assert (sent["source"], sent["platform"], sent["status"], sent["late_seconds"]) == (
        "buffer",
        "linkedin",
        "sent",
        42.0,
    )
    assert sent["time"] // 10**9 == due + 42
    assert (found["failed"]["status"], found["failed"]["error_class"]) == ("failed", "auth")
    assert "abc123def456" not in found["failed"]["error_text"]
    assert found["later"]["status"] == "scheduled"
    assert sent["content_hash"] != found["later"]["content_hash"]
    assert "text" not in sent
    assert sent["excerpt"] == "Post sent https://example.com/sent"


def test_the_queue_tells_depth_days_left_and_the_state_of_the_channel(world: World) -> None:
    world.account.channel("paused", "twitter", isQueuePaused=True, isDisconnected=True)
    world.account.post("a", "page", "scheduled", NOON + 12 * HOUR)
    world.account.post("b", "page", "scheduled", NOON + 36 * HOUR)
    world.account.post("idea", "page", "draft", None)
    world.account.failed("no", "page", NOON - HOUR, "Image too large")
    world.driver.run()
    world.hour()
    queues = {(row["channel_id"], row["time"] // 10**9): row for row in world.store.rows("social_queue")}
    page = queues["page", NOON + HOUR]
    assert (page["pending"], page["failed"], page["daily_limit"], page["scheduled_today"]) == (2, 1, 50, 2)
    assert page["days_left"] == pytest.approx(35 / 24)
    assert (page["queue_paused"], page["disconnected"], page["timezone"]) == (0, 0, "Europe/Berlin")
    paused = queues["paused", NOON + HOUR]
    assert (paused["platform"], paused["queue_paused"], paused["disconnected"], paused["pending"]) == (
        "twitter",
        1,
        1,
        0,
    )


def test_a_post_that_is_gone_was_withdrawn_and_one_that_moved_is_in_one_place(world: World) -> None:
    world.account.post("gone", "page", "scheduled", NOON + 5 * HOUR)
    world.account.post("moved", "page", "scheduled", NOON + 6 * HOUR)
    world.driver.run()
    del world.account.posts["gone"]
    world.account.post("moved", "page", "scheduled", NOON + 60 * HOUR)
    world.hour()
    assert world.posts()["gone"]["status"] == "withdrawn"
    assert world.posts()["gone"]["due"] == stamp(NOON + 5 * HOUR)[:19] + "Z"
    assert world.posts()["moved"]["time"] // 10**9 == NOON + 60 * HOUR
    world.account.sent("moved", "page", NOON + 60 * HOUR, late=9)
    world.hour(61)
    assert world.posts()["moved"]["status"] == "sent"
    assert world.posts()["moved"]["time"] // 10**9 == NOON + 60 * HOUR + 9


def test_a_post_sent_while_pages_are_read_was_not_withdrawn(world: World) -> None:
    world.account.post("just", "page", "scheduled", NOON + HOUR - 1)
    world.driver.run()

    def send(asked: dict[str, Any]) -> None:
        if "scheduled" not in asked["input"]["filter"]["status"]:
            world.account.sent("just", "page", NOON + HOUR - 1)

    world.server.before_page = send
    world.hour()
    assert world.posts()["just"]["status"] == "sent"


def test_a_post_that_waited_for_weeks_is_found_when_it_leaves_the_queue(world: World) -> None:
    world.account.post("late", "page", "scheduled", NOON - 5 * DAY)
    world.driver.run()
    world.account.failed("late", "page", NOON - 5 * DAY, "Something went wrong")
    world.hour()
    assert world.posts()["late"]["status"] == "failed"
    assert world.posts()["late"]["error_class"] == "network"


def test_a_failed_post_that_is_queued_again_keeps_no_failure(world: World) -> None:
    world.account.failed("again", "page", NOON - HOUR, "Timed out")
    world.driver.run()
    world.account.post("again", "page", "sent", NOON - HOUR, sentAt=stamp(NOON - HOUR))
    world.hour()
    assert world.posts()["again"]["status"] == "sent"
    assert "error_class" not in world.posts()["again"]


def test_a_zero_that_means_not_reported_is_no_zero(world: World) -> None:
    world.account.sent("one", "page", NOON - 30 * HOUR, impressions=900, reactions=0, saves=0, clicks=0)
    world.account.sent(
        "two", "page", NOON - 31 * HOUR, impressions=0, reactions=0, saves=0, clicks=3, engagementRate=2.8
    )
    world.driver.run()
    stats = {row["service_post_id"]: row for row in world.store.rows("social_post_stats")}
    assert stats["one"]["clicks"] == 0, "another post of the channel has clicks: 0 is a number there"
    assert stats["two"]["impressions"] == 0
    assert stats["one"]["reactions"] == 0, "LinkedIn always tells reactions"
    assert "saves" not in stats["one"]
    assert "saves" in stats["one"]["not_reported"].split(",")
    assert "profile_clicks" in stats["one"]["not_reported"].split(",")
    assert stats["two"]["engagement_ratio"] == 0.028
    assert stats["one"]["age_seconds"] == 66_000 - 5
    assert stats["one"]["mapping_version"]


def test_figures_are_a_series_a_point_for_each_refresh(world: World) -> None:
    post = world.account.sent("grows", "page", NOON - 30 * HOUR, impressions=100)
    world.driver.run()
    assert world.hour() == 1 + 3, "only the queue and the quotas are new"
    post |= {"metrics": metrics(impressions=150), "metricsUpdatedAt": stamp(NOON)}
    world.hour()
    assert [row["impressions"] for row in world.store.rows("social_post_stats")] == [100, 150]


def test_figures_of_a_month_are_read_once_a_day(world: World) -> None:
    old = world.account.sent("old", "page", NOON - 20 * DAY, impressions=5)
    world.driver.run()
    assert world.posts()["old"]["status"] == "sent"
    old |= {"metrics": metrics(impressions=7), "metricsUpdatedAt": stamp(NOON)}
    world.hour()
    assert len(world.store.rows("social_post_stats")) == 1
    world.hour(23)
    assert [row["impressions"] for row in world.store.rows("social_post_stats")] == [5, 7]


def test_many_pages_are_read_to_the_end_even_where_pages_must_be_small(world: World) -> None:
    world.server.largest_page = 20
    for place in range(75):
        world.account.sent(f"p{place:02}", "page", NOON - HOUR - place * 60)
    world.driver.run()
    assert len(world.posts()) == 75


def test_killed_at_any_moment_the_store_ends_the_same(server: BufferStandIn, tmp_path: Path) -> None:
    for place in range(8):
        server.account.sent(f"s{place}", "page", NOON - place * 5 * HOUR, impressions=place)
        server.account.post(f"w{place}", "page", "scheduled", NOON + place * HOUR + 60)

    def story(killed_after: int | None) -> dict[Any, Any]:
        world = World(server, tmp_path, MemoryStore())
        _changed(world, before=True)
        world.driver.run()
        _changed(world, before=False)
        world.clock.time += HOUR
        if killed_after is not None:
            with pytest.raises(Crash):
                world.driver.run(keep_points=killed_after, keep_checkpoint=killed_after % 2 == 0)
        world.driver.run()
        return {k: dict(p.fields) for k, p in world.store.points.items() if p.measurement != "api_quota"}

    whole = story(None)
    assert sum(key[0] == "social_post" for key in whole) == 16
    for killed_after in range(1, 4):
        assert story(killed_after) == whole


def _changed(world: World, before: bool) -> None:
    """Between two runs a post moves, one is withdrawn, one goes out."""
    world.server.spent = dict.fromkeys(world.server.spent, 0)
    account = world.account
    account.post("w2", "page", "scheduled", NOON + 2 * HOUR + (60 if before else 9_000))
    if before:
        account.post("w3", "page", "scheduled", NOON + 3 * HOUR + 60)
        account.post("w0", "page", "scheduled", NOON + 60)
    else:
        account.posts.pop("w3", None)
        account.sent("w0", "page", NOON + 60)


def test_a_new_key_is_used_at_once(world: World) -> None:
    world.driver.collector = world.collector("wrong")
    with pytest.raises(Refused):
        world.driver.run()
    world.driver.collector = world.collector(KEY)
    world.driver.run()
    assert world.store.rows("social_queue")
    assert world.driver.checkpoint[ASKED]["breaker"] == {}


def test_real_stores_hold_what_was_told(server: BufferStandIn, tmp_path: Path, store: Store) -> None:
    from collectors.recall import recall

    server.account.sent("one", "page", NOON - 30 * HOUR, impressions=900)
    server.account.failed("two", "page", NOON - HOUR, "Duplicate content")
    server.account.post("three", "page", "scheduled", NOON + HOUR)
    world = World(server, tmp_path, store)
    world.driver.run()
    server.account.post("three", "page", "scheduled", NOON + 50 * HOUR)
    server.account.sent("two", "page", NOON - HOUR)
    assert world.hour() > 0
    found = {row.text("service_post_id"): row for row in recall(store, "social_post")}
    assert len(recall(store, "social_post")) == 3
    assert found["three"].time // 10**9 == NOON + 50 * HOUR
    assert "error_class" not in found["two"].values
    world.clock.time += HOUR
    written = [p.measurement for b in world.driver._batches() for p in b.points]
    assert "social_post" not in written


def test_backfill_reads_a_range_and_again_changes_nothing(world: World) -> None:
    for place in range(120):
        world.account.sent(f"p{place}", "page", NOON - 40 * DAY - place * HOUR, impressions=place)
    collector = world.collector()
    for _ in range(2):
        for batch in collector.backfill(NOON - 60 * DAY, NOON - 40 * DAY - 10 * HOUR, {}, world.store):
            world.store.delete(batch.deleted)
            world.store.write(batch.points)
        assert len(world.posts()) == 109


def test_doctor_asks_once(world: World) -> None:
    assert world.collector().probe() == "1 organisation"
    assert len(world.server.calls) == 1

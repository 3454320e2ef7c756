"""What Buffer tells, as points: a real collector against a server that speaks Buffer's GraphQL interface."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.base import ASKED, Refused, TemporaryFailure
from collectors.buffer.collector import BufferCollector
from collectors.services import Service, Services
from collectors.source import Source
from metricstore.store import Store
from tests.collectors.memory import Crash, Driver, MemoryStore, forget_clocks
from tests.standins import Fault
from tests.standins.buffer import KEY, BufferStandIn, failure, metrics, stamp

HOUR, DAY = 3_600, 86_400
NOON = time.time() // DAY * DAY + DAY / 2


class Clock:
    def __init__(self, moment: float = NOON) -> None:
        self.time = moment

    def __call__(self) -> float:
        return self.time


class World:
    """A Buffer account, a collector that asks it, a store, and a clock of their own."""

    def __init__(self, server: BufferStandIn, root: Path, store: Any, key: str = KEY) -> None:
        self.server, self.account, self.clock, self.store, self._root = server, server.account, Clock(), store, root
        self.driver = Driver(self.collector(key), store)

    def collector(self, key: str = KEY) -> BufferCollector:
        services = Services(buffer=Service(self.server.url, key))
        return BufferCollector(Source(self._root, "Europe/Berlin", services=services), self.clock)

    def hour(self, hours: float = 1) -> int:
        """Some hours later the collector runs again."""
        self.clock.time += hours * HOUR
        return self.driver.run()

    def posts(self) -> dict[str, dict[str, Any]]:
        rows = self.store.rows("social_post")
        found = {row["service_post_id"]: row for row in rows}
        assert len(found) == len(rows), "a post is in two places"
        return found


@pytest.fixture
def server() -> Iterator[BufferStandIn]:
    with BufferStandIn() as found:
        found.account.channel("page", "linkedin")
        yield found


@pytest.fixture
def world(server: BufferStandIn, tmp_path: Path) -> World:
    return World(server, tmp_path, MemoryStore())


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


def clocks(world: World) -> dict[str, tuple[str | None, str | None]]:
    return {name: (row.get("channel_weekday"), row.get("channel_hour")) for name, row in world.posts().items()}


MONDAY = datetime(2026, 3, 2, 3, 30, tzinfo=UTC).timestamp()
"""Sunday evening in New York, late morning in Tokyo."""


def two_channels(world: World) -> None:
    """Posts of a recent and of a long gone Monday on a channel in New York, one on a channel whose zone nobody knows."""
    world.clock.time = MONDAY + DAY
    world.account.channel("ny", "twitter", timezone="America/New_York")
    world.account.channel("odd", "facebook", timezone="Mars/Olympus")
    world.account.sent("recent", "ny", MONDAY - 5)
    world.account.sent("old", "ny", MONDAY - 5 - 70 * DAY)
    world.account.post("later", "ny", "scheduled", MONDAY + 2 * DAY)
    world.account.sent("odd", "odd", MONDAY)
    for batch in world.collector().backfill(MONDAY - 90 * DAY, MONDAY + DAY, {}, world.store):
        world.store.write(batch.points)


TOLD = {"recent": ("sun", "22"), "old": ("sun", "22"), "later": ("tue", "22"), "odd": (None, None)}


def test_posts_tell_weekday_and_hour_on_their_channels_clock(world: World) -> None:
    two_channels(world)
    world.driver.run()
    assert clocks(world) == TOLD


def test_posts_stored_by_an_older_version_get_their_clock_however_old_they_are(world: World) -> None:
    two_channels(world)
    world.driver.run()
    forget_clocks(world.driver)
    world.hour()
    assert clocks(world) == TOLD
    assert world.hour() == 3 + 3, "then only the queues and the quotas are new"


def test_a_channel_that_moves_takes_all_its_posts_along(world: World) -> None:
    two_channels(world)
    world.driver.run()
    world.account.channels["ny"]["timezone"] = "Asia/Tokyo"
    world.hour()
    moved = {"recent": ("mon", "12"), "old": ("mon", "12"), "later": ("wed", "12"), "odd": (None, None)}
    assert clocks(world) == moved
    world.account.channels["ny"]["timezone"] = None
    world.account.channels["odd"]["timezone"] = "UTC"
    world.hour()
    assert clocks(world) == moved | {"odd": ("mon", "03")}, "a zone that is not told for once is not forgotten"


def test_clocks_ask_nothing_of_the_store_for_a_single_post(world: World) -> None:
    asked = {}
    for count in (1, 60):
        for place in range(count):
            world.account.sent(f"p{place}", "page", NOON - HOUR - place * 60)
        world.hour(24)
        world.hour(24)
        before = world.store.asked
        world.hour(24)
        asked[count] = world.store.asked - before
    assert asked[1] == asked[60]


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


@pytest.mark.parametrize("fault", [Fault(401), Fault(403), failure("UNAUTHORIZED", "no"), failure("FORBIDDEN", "no")])
def test_a_refused_key_is_asked_with_once(world: World, fault: Fault) -> None:
    world.server.spoil(fault)
    with pytest.raises(Refused, match="refused the credential"):
        world.driver.run()
    with pytest.raises(Refused, match="DASHAPP_BUFFER_API_KEY changes"):
        world.hour()
    assert len(world.server.calls) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (failure("UNEXPECTED", "Something broke"), "failed: Something broke"),
        (Fault.json(200, {"data": {"account": None}}), "account is null, not an object"),
        (Fault.json(200, {"data": None}), "data is null"),
        (Fault.json(200, []), "the answer is a list"),
        (Fault.page(), "web page"),
        (Fault.page(503), "answered 503"),
        (Fault(cut=True), "broke the answer off"),
        (failure("", "Query too deep to be answered"), "too deep"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_mended_by_the_next_run(
    world: World, fault: Fault, words: str
) -> None:
    world.server.spoil(fault)
    world.account.sent("one", "page", NOON - HOUR)
    with pytest.raises((TemporaryFailure, Refused), match=words):
        world.driver.run()
    world.driver.run()
    assert world.posts()["one"]["status"] == "sent"


def test_words_nobody_knows_and_fields_that_are_missing_lose_no_other_post(world: World) -> None:
    world.account.channel("new", "holonet", timezone=None, isQueuePaused=None)
    world.account.sent("fine", "page", NOON - HOUR, impressions=3, vibes=9)
    world.account.post("odd", "new", "levitating", NOON - HOUR, via="telepathy", text=None, updatedAt=None)
    world.account.post("timeless", "page", "draft", None, createdAt=None, updatedAt=None)
    world.account.failed("mute", "page", NOON - HOUR, "")
    world.driver.run()
    found = world.posts()
    assert (found["odd"]["status"], found["odd"]["platform"], found["odd"]["via"]) == ("other", "holonet", "telepathy")
    assert found["mute"]["error_class"] == "other"
    assert set(found) == {"fine", "odd", "mute"}
    assert [letter.reason for letter in world.driver.letters.values()] == ["post timeless has no time"]
    assert world.store.rows("social_post_stats")[0]["impressions"] == 3


def test_a_cursor_that_comes_again_ends_the_reading(world: World) -> None:
    endless = {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": "same"}}
    world.driver.run()
    page = Fault.json(200, {"data": {"posts": endless}})
    world.clock.time += HOUR
    world.server.spoil(Fault(), page, page)
    with pytest.raises(Refused, match="in circles"):
        world.driver.run()


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

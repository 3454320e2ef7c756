"""One point a sent post, with its latest figures, its first day, its growth and its traits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.performance.collector import PerformanceCollector
from collectors.social.post import SECOND, SocialPost, named_time
from collectors.social.texts import text_hash
from collectors.source import Source
from metricstore.point import Point, nanoseconds
from metricstore.query import RecordQuery
from metricstore.store import Store
from tests.collectors.memory import Driver
from tests.collectors.outcomes.remembering import RevisedMemoryStore

NINE = datetime(2026, 10, 5, 9, tzinfo=UTC)
TWEETS = ("Why we wait? #Data", "Numbers 🚀 help.\n\nTruly.", "See https://example.org/x #AI #Data")


def collector() -> PerformanceCollector:
    return PerformanceCollector(Source(Path("/nowhere"), "Europe/Berlin"))


class World:
    """Posts and figures as services tell them, and the collector that makes one point of each post."""

    def __init__(self, store: Any | None = None) -> None:
        self.store = store if store is not None else RevisedMemoryStore()
        self.driver = Driver(collector(), self.store)

    def sent(self, name: str, text: str = "", *, at: datetime = NINE, source: str = "buffer", platform: str = "linkedin",
             network_id: str = "", status: str = "sent") -> None:  # fmt: skip
        point = SocialPost(source, platform, name, "c1", status, due=nanoseconds(at),
                           sent=nanoseconds(at) if status == "sent" else None,
                           text=text, platform_post_id=network_id).point  # fmt: skip
        assert point is not None
        self.store.write([point])

    def read(self, name: str, hours: float, *, at: datetime = NINE, source: str = "buffer", platform: str = "linkedin",
             aged: bool = True, **figures: int) -> None:  # fmt: skip
        moment = nanoseconds(at) + round(hours * 3600) * SECOND
        age = {"age_seconds": round(hours * 3600)} if aged else {}
        fields: dict[str, Any] = {"service_post_id": name, "channel_id": "c1", **age, **figures}
        self.store.write(
            [Point("social_post_stats", named_time(moment, name), {"source": source, "platform": platform}, fields)]
        )

    def calendar(
        self, text: str, *, platform: str = "linkedin", at: datetime = NINE, tweets: int = 0, **more: Any
    ) -> None:
        fields: dict[str, Any] = {
            "post_id": text_hash(text),
            "content": text,
            "topic": "Waiting",
            "prompt_type": "story",
            **more,
        }
        if tweets:
            fields["tweets"] = tweets
        self.store.write(
            [Point("post", named_time(nanoseconds(at), text), {"platform": platform, "time_kind": "instant"}, fields)]
        )

    def run(self) -> int:
        return self.driver.run()

    @property
    def posts(self) -> list[dict[str, Any]]:
        return self.store.rows("post_performance")  # type: ignore[no-any-return]

    @property
    def growth(self) -> list[dict[str, Any]]:
        return sorted(self.store.rows("post_growth"), key=lambda row: row["age_hours"])


@pytest.fixture
def world() -> World:
    return World()


def test_figures_that_repeat_themselves_are_counted_once(world: World) -> None:
    world.sent("p1")
    for hours, seen in ((3, 100), (24, 250), (200, 400)):
        world.read("p1", hours, impressions=seen, reactions=seen // 50, comments=1, reposts=0)
    world.run()
    (post,) = world.posts
    assert (post["impressions"], post["interactions"], post["exposures"]) == (400, 9, 400)
    assert post["rate"] == pytest.approx(100 * 9 / 400)
    assert (post["snapshots"], post["age_seconds"]) == (3, 200 * 3600)
    assert post["not_reported"] == "clicks,saves"
    assert post["time"] // SECOND == nanoseconds(NINE) // SECOND


def test_the_first_day_is_the_reading_nearest_to_24_hours_of_posts_old_enough_to_know(world: World) -> None:
    world.sent("old")
    for hours, seen in ((12, 80), (19, 90), (23, 110), (26, 130), (168, 200)):
        world.read("old", hours, impressions=seen, reactions=1)
    world.sent("young", at=NINE + timedelta(hours=1))
    for hours in (24, 100):
        world.read("young", hours, at=NINE + timedelta(hours=1), impressions=100, reactions=1)
    world.sent("unseen", at=NINE + timedelta(hours=2))
    for hours in (17, 31, 400):
        world.read("unseen", hours, at=NINE + timedelta(hours=2), impressions=100, reactions=1)
    world.run()
    old, young, unseen = world.posts
    assert (old["first_day_exposures"], old["later_exposures"], old["first_day_share"]) == (110, 200, 55.0)
    assert old["first_day_age_seconds"] == 23 * 3600
    assert "first_day_share" not in young
    assert "first_day_share" not in unseen


def test_readings_may_come_in_any_order_and_of_several_posts_in_turn(world: World) -> None:
    names = ("p1", "p2", "p3")
    for number, name in enumerate(names):
        world.sent(name, at=NINE + timedelta(hours=number))
    for hours in (200, 3, 24, 1):
        for number, name in enumerate(names):
            world.read(
                name, hours, at=NINE + timedelta(hours=number), impressions=10 * hours + number, reactions=number
            )
    world.run()
    assert [(post["service_post_id"], post["impressions"], post["snapshots"]) for post in world.posts] == [
        ("p1", 2000, 4), ("p2", 2001, 4), ("p3", 2002, 4),
    ]  # fmt: skip
    steps = {(row["service_post_id"], row["age_step"]): row["exposures"] for row in world.growth}
    assert steps["p2", "3 h"] == 31
    assert steps["p3", "1 d"] == 242


def test_growth_keeps_the_latest_reading_of_each_step_with_its_exact_age(world: World) -> None:
    world.sent("p1")
    for hours, seen in ((1, 10), (2.5, 30), (24, 100), (40, 120), (47, 130), (3000, 500)):
        world.read("p1", hours, impressions=seen, reactions=0)
    world.run()
    assert [(row["age_step"], row["age_hours"], row["exposures"]) for row in world.growth] == [
        ("3 h", 2.5, 30), ("1 d", 24.0, 100), ("2 d", 47.0, 130), ("over 90 d", 3000.0, 500),
    ]  # fmt: skip


def test_what_is_not_reported_is_no_zero_and_gives_no_rate(world: World) -> None:
    world.sent("blind")
    world.read("blind", 30, reactions=5, comments=0)
    world.sent("mute", at=NINE + timedelta(hours=1))
    world.read("mute", 30, impressions=500)
    world.sent("unread", at=NINE + timedelta(hours=2))
    world.sent("seen only", at=NINE + timedelta(hours=3))
    world.read("seen only", 30, reach=200, reactions=4)
    world.run()
    blind, mute, unread, reached = world.posts
    assert {row["service_post_id"] for row in world.growth} == {"mute", "seen only"}, "no curve of what is not reported"
    assert blind["interactions"] == 5
    assert not {"exposures", "rated_interactions", "rate", "impressions"} & blind.keys()
    assert not {"interactions", "exposures", "rate"} & mute.keys()
    assert mute["not_reported"].startswith("reactions")
    assert unread["snapshots"] == 0
    assert not {"impressions", "reactions", "not_reported", "rate"} & unread.keys()
    assert reached["rate"] == 2.0


def test_a_figure_that_is_told_no_more_keeps_its_last_value(world: World) -> None:
    world.sent("p1", platform="twitter")
    world.read("p1", 24, platform="twitter", impressions=100, reactions=2, clicks=7)
    world.read("p1", 900, platform="twitter", impressions=150, reactions=3)
    world.run()
    assert [(row["impressions"], row["clicks"]) for row in world.posts] == [(150, 7)]


def test_a_post_that_several_sources_tell_of_is_one_post_with_the_networks_own_figures(world: World) -> None:
    world.sent("b1", "Some words", network_id="urn:li:share:77")
    world.read("b1", 24, impressions=90, reactions=3)
    world.read("urn:li:share:77", 24, source="linkedin", aged=False, impressions=100, reactions=4)
    world.calendar("Some words")
    world.run()
    (post,) = world.posts
    assert (post["source"], post["impressions"], post["also_told_by"]) == ("linkedin", 100, "buffer")
    assert (post["age_seconds"], post["topic"]) == (24 * 3600, "Waiting")
    assert {row["source"] for row in world.growth} == {"linkedin"}


def test_who_gives_a_rate_goes_before_the_network_that_gives_none(world: World) -> None:
    world.sent("b1", network_id="9", platform="twitter")
    world.sent("9", network_id="9", platform="twitter", source="x", at=NINE + timedelta(seconds=1))
    world.read("b1", 24, platform="twitter", impressions=90, reactions=3)
    world.read("9", 24, platform="twitter", source="x", reactions=3)
    world.run()
    assert [(row["source"], row["also_told_by"]) for row in world.posts] == [("buffer", "x")]
    world.read("9", 48, platform="twitter", source="x", reactions=3, impressions=95)
    world.run()
    assert [(row["source"], row["also_told_by"]) for row in world.posts] == [("x", "buffer")]
    assert {row["source"] for row in world.growth} == {"x"}


def test_only_posts_that_were_sent_count_and_one_that_is_taken_back_goes(world: World) -> None:
    world.sent("p1")
    world.sent("failed", status="failed", at=NINE + timedelta(hours=1))
    world.read("nobody knows it", 24, impressions=5, reactions=1)
    world.run()
    assert [row["service_post_id"] for row in world.posts] == ["p1"]
    world.sent("p1", status="withdrawn")
    world.store.delete([point for point in world.store.of("social_post") if point.fields.get("sent")])
    world.read("p1", 24, impressions=5, reactions=1)
    world.run()
    assert world.posts == []
    assert world.growth == []


def test_traits_are_those_of_the_text_that_was_sent(world: World) -> None:
    thread = "\n\n".join(TWEETS)
    world.calendar(thread, platform="twitter", tweets=3)
    for number, text in enumerate(TWEETS, 1):
        world.sent(f"t{number}", text, platform="twitter", at=NINE + timedelta(minutes=number))
    world.sent("strange", "Nobody planned this", platform="twitter", at=NINE + timedelta(hours=1))
    world.run()
    first, second, third, strange = world.posts
    assert (first["hashtags"], first["questions"], first["tweets"]) == (1, 1, 3)
    assert (first["thread_step"], first["hashtags_step"], first["length_step"]) == ("2-3", "1", "0-140")
    assert (second["emoji"], second["words"]) == (1, 3), "a tweet may hold a blank line of its own"
    assert (third["links"], third["links_step"], third["prompt_type"]) == (1, "1", "story")
    assert "tweet" not in first, "with blank lines inside of tweets nobody knows which is which"
    assert not {"topic", "prompt_type", "characters", "length_step"} & strange.keys()


def test_of_texts_alike_the_one_meant_for_the_nearest_day_counts(world: World) -> None:
    for days, topic in ((-90, "spring"), (-1, "autumn"), (300, "next year")):
        world.calendar("Again and again", at=NINE + timedelta(days=days), topic=topic)
    world.sent("p1", "Again  and again!")
    world.sent("p2", "Again and again", at=NINE + timedelta(days=150))
    world.run()
    assert [row.get("topic") for row in world.posts] == ["autumn", None]


def test_running_again_writes_nothing_and_a_crash_heals(world: World) -> None:
    world.calendar("Some words")
    for number in range(5):
        world.sent(f"p{number}", "Some words", at=NINE + timedelta(days=number))
        for hours in (3, 24, 300):
            world.read(f"p{number}", hours, at=NINE + timedelta(days=number), impressions=100, reactions=2)
    assert world.run() == 5 + 15
    whole = (world.posts, world.growth)
    assert world.run() == 0
    fresh = World(world.store)
    assert fresh.run() == 0
    world.store.delete(world.store.of("post_growth")[:7])
    world.store.delete(world.store.of("post_performance")[:2])
    assert World(world.store).run() == 9
    assert (world.posts, world.growth) == whole


def test_what_a_post_no_longer_has_goes(world: World) -> None:
    world.calendar("Some words", topic="Before", links=1)
    world.sent("p1", "Some words")
    world.read("p1", 24, impressions=100, reactions=2)
    world.run()
    world.store.delete(world.store.of("post"))
    world.read("p1", 30, impressions=120, reactions=2)
    world.run()
    (post,) = world.posts
    assert post["impressions"] == 120
    assert not {"topic", "prompt_type", "characters", "links_step"} & post.keys()


def test_a_later_look_at_recent_posts_gives_what_a_whole_look_gives() -> None:
    looks = (World(), World())
    for days in range(80):
        for world in looks:
            at = NINE + timedelta(days=days)
            world.sent(f"p{days}", f"words of day {days}", at=at)
            world.calendar(f"words of day {days}", at=at)
            for age in range(1, 9):
                world.read(f"p{days}", age * 24, at=at, impressions=10 * age, reactions=age)
        looks[0].run()
    looks[1].run()
    assert looks[0].posts == looks[1].posts
    assert looks[0].growth == looks[1].growth


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", 'a,b=c "d"\\', "\U0001f600\u202e", "  "])
def test_hostile_texts_and_ids_do_no_harm(world: World, hostile: str) -> None:
    world.calendar(f"words {hostile}", topic=hostile, prompt_type=hostile)
    world.sent(f"p{hostile}", f"words {hostile}", network_id=hostile)
    world.read(f"p{hostile}", 24, impressions=0, reactions=-3)
    world.run()
    (post,) = world.posts
    assert post["exposures"] == 0
    assert "rate" not in post
    assert world.run() == 0


def test_both_stores_take_and_tell_the_same(store: Store, world: World) -> None:
    world.calendar("Some words", topic="A, “topic”")
    world.sent("p1", "Some words", network_id="urn:li:share:1")
    for hours in (2, 24, 200):
        world.read("p1", hours, impressions=round(hours) * 3, reactions=2)
    store.write(list(world.store.points.values()))
    world.run()
    driver = Driver(collector(), store)
    assert driver.run() == 4
    assert Driver(collector(), store).run() == 0
    for name in ("post_performance", "post_growth"):
        frame = store.records(RecordQuery(name, NINE - timedelta(days=1), NINE + timedelta(days=1), limit=100)).frame
        found = [
            {k: v for k, v in row.items() if v is not None and v == v and k not in ("time", "_id")}
            for row in frame.to_dict("records")
        ]
        wanted = [{k: v for k, v in row.items() if k != "time"} for row in world.store.rows(name)]
        by = "age_step" if name == "post_growth" else "post"
        assert sorted(found, key=lambda row: str(row[by])) == sorted(wanted, key=lambda row: str(row[by]))

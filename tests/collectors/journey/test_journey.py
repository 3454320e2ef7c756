"""The journey collector over both real stores: what it writes, what it leaves alone, what it removes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.journey.collector import JourneyCollector
from collectors.journey.reading import text_hashes
from collectors.journey.thresholds import DAY
from collectors.recall import Known, recall
from collectors.social.figures import figure_fields
from collectors.social.post import SECOND, SocialPost, named_time
from collectors.social.texts import text_hash
from collectors.source import Source
from collectors.time_kinds import stored_date
from metricstore.catalogue import measurement
from metricstore.catalogue.journey import STEPS
from metricstore.duck import DuckStore
from metricstore.evaluation import evaluate
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection
from metricstore.store import Store
from tests.collectors.memory import Crash, Driver

ZONE = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 10, 12, tzinfo=ZONE)

_READ = ("post", "post_transition", "batch", "generation", "scheduling_attempt", "queue_item", "delivery", "social_post",
         "social_post_stats", "engagement", "social_queue", "api_quota")  # fmt: skip


class Site:
    """A store with the records of a few posts, and a collector whose clock can be set."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, nanoseconds(NOON)
        self.driver = self._driver()

    def _driver(self) -> Driver:
        return Driver(JourneyCollector(Source(Path("/nowhere"), str(ZONE)), lambda: self.now), self.store)

    def forget(self) -> None:
        """The collector starts anew and reads everything."""
        self.driver = self._driver()

    def run(self) -> int:
        return self.driver.run()

    def item(self, name: str, day: int, status: str = "scheduled", **more: Any) -> Point:
        midnight = NOON.replace(hour=0) + timedelta(days=day)
        fields: dict[str, Any] = {
            "post_id": name, "status": status, "content_state": "ok", "presence": "current", "topic": f"Topic {name}",
            "content": f"Text of {name}", "content_hash": name, "post_number": 1, "position": 1, "revision": f"r{name}",
            "revision_time": (midnight - timedelta(hours=15)).isoformat(), "file": "outputs/content_calendar.json", "line": 2,
        }  # fmt: skip
        tags = {"platform": "linkedin", "time_kind": "date"}
        point = Point("post", stored_date(midnight.date()) + sum(map(ord, name)), tags, fields | more)
        self.write(point)
        return point

    def generated(self, name: str, day: int) -> None:
        moment = nanoseconds(NOON.replace(hour=9) + timedelta(days=day - 1))
        tags = {"platform": "linkedin"}
        self.write(Point("generation", moment, tags, {
            "topic": f"Topic {name}"[:30], "position": 1, "batch_size": 1, "batch_id": name, "outcome": "ok",
            "revision": f"r{name}", "file": "app.log", "line": 40 + day}),
            Point("scheduling_attempt", moment + 3600 * SECOND, {**tags, "outcome": "ok", "program": "main"},
                  {"topic": f"Topic {name}", "post_number": 1, "file": "app.log", "line": 60 + day}))  # fmt: skip

    def remote(self, name: str, day: int, status: str, text: str = "", **more: Any) -> SocialPost:
        due = nanoseconds(NOON.replace(hour=9) + timedelta(days=day))
        post = SocialPost(
            "buffer", "linkedin", f"s-{name}", "c1", status, due=due, created=due - DAY,
            text=text or f"Text of {name}", **{"sent": due + 5 * SECOND if status == "sent" else None, **more},
        )  # fmt: skip
        assert post.point is not None
        self.write(post.point)
        return post

    def figures(self, post: SocialPost, hours: float, **values: float) -> None:
        time = named_time((post.sent or 0) + int(hours * 3600) * SECOND, post.post_id)
        tags = {"source": "buffer", "platform": "linkedin"}
        self.write(Point("social_post_stats", time, tags, {**figure_fields(values), "service_post_id": post.post_id}))

    def write(self, *points: Point) -> None:
        assert not self.store.write(points).rejected

    def posts(self) -> dict[str, Known]:
        rows = recall(self.store, "post_journey")
        found = {row.text("post_id"): row for row in rows}
        assert len(found) == len(rows), "every post once"
        return found

    def told(self, name: str) -> tuple[str, str, str]:
        row = self.posts()[name]
        return row.text("step"), row.text("state"), row.text("cause")


@pytest.fixture
def site(store: Store) -> Site:
    return Site(store)


def test_a_post_is_followed_from_the_log_to_its_readers(site: Site) -> None:
    site.item("a", -3)
    site.generated("a", -3)
    post = site.remote("a", -3, "sent")
    site.figures(post, 24, impressions=90, reactions=0, comments=0)
    site.figures(post, 48, impressions=120, reactions=4, comments=1)
    assert site.run() == 1
    row = site.posts()["a"]
    told = {
        name: row.values.get(name)
        for name in ("step", "state", "sources", "impressions", "interactions", "tries", "copies")
    }
    assert told == {"step": "engaged", "state": "done", "sources": "calendar + log + buffer", "impressions": 120,
                    "interactions": 5, "tries": 1, "copies": 1}  # fmt: skip
    hours = {
        name: round(row.values[f"{name}_seconds"] / 3600)
        for name in ("generated", "accepted", "scheduled", "sent", "seen", "lead")
    }
    assert hours == {"generated": 0, "accepted": 0, "scheduled": 24, "sent": 24, "seen": 24, "lead": 24}
    assert row.values["due_seconds"] == 5
    places = {
        name: row.values[name] for name in ("file", "line", "calendar_place", "attempt_places", "service_post_ids")
    }
    assert places == {"file": "app.log", "line": 37, "calendar_place": "outputs/content_calendar.json:2",
                      "attempt_places": "app.log:57", "service_post_ids": "buffer:s-a"}  # fmt: skip
    assert row.time == next(one.time for one in recall(site.store, "post")), "the post's own time"
    assert site.run() == 0


def test_points_that_lack_anything_keep_no_post_from_being_followed(duck_store: DuckStore) -> None:
    """A collector from outside may write any of them."""
    site = Site(duck_store)
    site.item("a", -3)
    site.generated("a", -3)
    site.figures(site.remote("a", -3, "sent"), 24, impressions=90, reactions=0, comments=0)
    examples = {"string": "x", "int": 1, "float": 1.0}
    for name in _READ:
        source = measurement(name)
        tags = {"platform": "linkedin"} if "platform" in source.tag_names else {}
        for number, field in enumerate(source.fields, 1):
            time = nanoseconds(NOON) - 3600 * SECOND * number + number
            site.write(Point(name, time, tags, {field.name: examples[field.type]}))
    site.run()
    assert site.told("a")[0] == "seen"


def test_time_alone_moves_a_post_on(site: Site) -> None:
    site.item("a", 1)
    site.remote("a", 1, "scheduled")
    site.run()
    assert site.told("a") == ("scheduled", "moving", "")
    assert site.run() == 0
    due = nanoseconds(NOON.replace(hour=9) + timedelta(days=1))
    site.now = due - SECOND
    site.run()
    assert site.told("a") == ("scheduled", "moving", "")
    site.now = due + 60 * SECOND
    assert site.run() == 1
    assert site.told("a") == ("due", "moving", "")
    site.now = due + 900 * SECOND
    assert site.run() == 1
    assert site.told("a") == ("due", "stuck", "service_late")
    site.now = due + DAY
    site.run()
    assert site.posts()["a"].text("waiting") == "1-3 days"
    site.now += 30 * DAY
    site.run()
    assert site.posts()["a"].text("waiting") == "over 7 days", "old posts are not forgotten"
    assert site.run() == 0


def test_what_a_post_no_longer_has_is_gone(site: Site) -> None:
    site.item("a", -1)
    post = site.remote("a", -1, "failed", error="Your token has expired")
    site.run()
    assert site.told("a") == ("due", "failed", "auth")
    assert site.posts()["a"].text("cause_detail") == "Your token has expired"
    assert post.point is not None
    site.store.delete([post.point])
    site.remote("a", -1, "sent")
    site.run()
    assert site.told("a") == ("sent", "moving", "")
    assert "cause_detail" not in site.posts()["a"].values


def test_a_post_that_moves_or_goes_leaves_nothing_behind(site: Site) -> None:
    old, recent, gone = site.item("old", -40), site.item("recent", -2), site.item("gone", -2)
    site.run()
    assert len(site.posts()) == 3
    site.store.delete([old, recent, gone])
    moved = [site.item("old", 3), site.item("recent", 5)]
    site.run()
    assert {name: row.time for name, row in site.posts().items()} == {"old": moved[0].time, "recent": moved[1].time}


def test_a_run_that_was_killed_is_completed_by_the_next(site: Site) -> None:
    for place in range(4):
        site.item(f"p{place}", place - 6, "draft")
    with pytest.raises(Crash):
        site.driver.run(keep_points=2)
    assert site.run() == 2
    assert len(site.posts()) == 4
    site.item("late", -1, "draft")
    assert site.driver.run(keep_checkpoint=False) == 1
    site.forget()
    assert site.run() == 0


def test_recent_posts_alone_give_what_all_of_them_give(site: Site) -> None:
    for place in range(60):
        name = f"p{place}"
        site.item(
            name,
            place - 50,
            "completed" if place % 3 else "draft",
            content=f"Text {place % 7}",
            content_hash=f"h{place % 7}",
        )
        site.generated(name, place - 50)
        if place % 2:
            site.remote(name, place - 50, "sent" if place < 50 else "scheduled", f"Text {place % 7}")
    site.run()
    full = {name: row.values for name, row in site.posts().items()}
    site.write(Point("api_quota", site.now, {"service": "buffer", "window": "24h"}, {"remaining": 9}))
    assert site.run() == 0, "seen from the last days they are the same"
    site.forget()
    assert site.run() == 0
    assert {name: row.values for name, row in site.posts().items()} == full


def test_why_nothing_leaves_a_channel(site: Site) -> None:
    site.item("a", -1)
    site.remote("a", -1, "scheduled")
    told = {"channel_id": "c1", "disconnected": 1}
    site.write(Point("social_queue", site.now - SECOND, {"source": "buffer", "platform": "linkedin"}, told))
    site.run()
    assert site.told("a") == ("due", "stuck", "channel_disconnected")


def test_figures_nobody_reports_are_no_zeros(site: Site) -> None:
    for name in ("zero", "silent", "none"):
        site.item(name, -5)
    site.figures(site.remote("zero", -5, "sent"), 50, impressions=0, reactions=0)
    site.figures(site.remote("silent", -5, "sent"), 50, reach=7)
    site.remote("none", -5, "sent")
    site.run()
    told = {name: site.told(name) for name in ("zero", "silent", "none")}
    assert told == {"zero": ("sent", "stuck", "shown_to_nobody"), "silent": ("sent", "untold", "figures_not_reported"),
                    "none": ("sent", "stuck", "no_figures")}  # fmt: skip


def test_without_a_service_nobody_claims_to_know(site: Site) -> None:
    site.item("a", -5, "draft")
    site.generated("a", -5)
    site.run()
    assert site.told("a") == ("accepted", "untold", "service_not_collected")


def test_a_thread_is_sent_when_all_of_it_is(site: Site) -> None:
    tweets = ["1/2 First", "2/2 Second\n\nwith a break"]
    whole = "\n\n".join(tweets)
    assert {text_hash(text) for text in tweets} <= set(text_hashes(whole, 2)) & set(text_hashes(whole, 0))
    site.item("a", -5, content=whole, tweets=2)
    first = site.remote("t1", -5, "sent", tweets[0])
    second = site.remote("t2", -5, "failed", tweets[1], error="Rate limit exceeded")
    site.run()
    assert site.told("a") == ("sent", "stuck", "partly_sent")
    assert site.posts()["a"].text("cause_detail") == "1 of 2 tweets sent, 1 failed"
    assert first.point and second.point
    site.store.delete([second.point])
    site.remote("t2", -5, "sent", tweets[1])
    site.run()
    assert site.posts()["a"].text("step") == "sent"
    assert site.posts()["a"].values["copies"] == 2


def test_the_funnel_counts_every_post_down_to_its_step(site: Site) -> None:
    for place, status in enumerate(("sent", "sent", "failed", "scheduled", "withdrawn")):
        site.item(f"p{place}", -5)
        post = site.remote(f"p{place}", -5, status)
        if place == 0:
            site.figures(post, 24, impressions=9, reactions=1)
    site.item("p9", -5, "draft")
    site.run()
    asked = Selection("2026-03-01", "2026-03-31", timezone=str(ZONE), every="none")
    told = [evaluate(site.store, metric(f"reached_{step}"), asked).frame["value"][0] for step in STEPS]
    assert told == [6, 5, 5, 4, 2, 1, 1], "what was withdrawn in time was never due"
    assert evaluate(site.store, metric("promises_kept"), asked).frame["value"][0] == 50.0
    hours = evaluate(site.store, metric("time_scheduled"), asked, aggregate="p95").frame["value"][0]
    assert hours == 24.0


def test_nothing_stored_is_nothing_to_do(site: Site) -> None:
    assert (site.run(), site.run()) == (0, 0)
    assert recall(site.store, "post_journey") == []

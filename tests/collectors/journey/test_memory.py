"""What a full pass of the promise tracker holds of each post: it stays the process's for good."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.journey.collector import JourneyCollector
from collectors.social.figures import figure_fields
from collectors.social.post import SECOND, SocialPost, named_time
from collectors.social.texts import text_hash
from collectors.source import Source
from metricstore.catalogue import FieldValue
from metricstore.duck.store import DuckStore
from metricstore.point import Point, nanoseconds
from tests.collectors.memory import Driver

ZONE = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2025, 3, 10, tzinfo=ZONE)
MOST_OF_A_POST = 3_000
"""Bytes of what calendar, log, service and figures tell of it; 2,150 when this was written."""


def _told(number: int) -> Iterator[Point]:
    """A post as calendar, log and service tell of it, and three snapshots of its figures."""
    day = nanoseconds(BEGIN + timedelta(hours=2 * number))
    text, name, tags = (
        f"Text {number} 🎉 " + "and what it says " * 20,
        f"post-of-number-{number}",
        {"platform": "linkedin"},
    )
    place: dict[str, FieldValue] = {"file": "outputs/calendar.json", "line": number}
    about: dict[str, FieldValue] = {
        "topic": f"Topic {number % 30}",
        "position": number,
        "revision": f"r{number // 30}",
        **place,
    }
    yield Point("post", day + number, tags, {
        **about, "post_id": name, "status": "scheduled", "content_state": "ok", "presence": "current", "content": text,
        "content_hash": text_hash(text), "post_number": number})  # fmt: skip
    yield Point("post_transition", day + number, tags, {"post_id": name, "to_status": "scheduled", "ordinal": 1})
    yield Point("generation", day - 9 * 3600 * SECOND + number, tags, {**about, "batch_id": "b", "outcome": "ok"})
    service = f"service-post-of-number-{number}"
    yield Point("scheduling_attempt", day + 3600 * SECOND, {**tags, "outcome": "ok", "program": "main"},
                {"topic": about["topic"], "post_number": number, "buffer_id": service, **place})  # fmt: skip
    due = day + 7200 * SECOND
    post = SocialPost("buffer", "linkedin", service, "c1", "sent", due=due, sent=due + SECOND, created=day,
                      text=text, platform_post_id=f"urn:li:share:{number}")  # fmt: skip
    assert post.point is not None
    yield post.point
    for hours in range(3):
        time = named_time(due + hours * 3600 * SECOND, service)
        figures = figure_fields({"impressions": 300.0 * hours, "reactions": hours})
        yield Point("social_post_stats", time, {"source": "buffer", **tags}, {**figures, "service_post_id": service})


def _peak(folder: Path, posts: int) -> int:
    """Bytes that a pass over so many posts that are all as stored needs at most."""
    store = DuckStore(folder / f"{posts}.duckdb")
    assert not store.write(point for number in range(posts) for point in _told(number)).rejected

    def run() -> int:
        return Driver(JourneyCollector(Source(folder, str(ZONE)), lambda: nanoseconds(BEGIN)), store).run()

    assert run() == posts
    gc.collect()
    tracemalloc.start()
    try:
        assert run() == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        store.close()


def test_a_full_pass_holds_little_of_each_post(tmp_path: Path) -> None:
    few, many = 300, 1_300
    assert _peak(tmp_path, many) - _peak(tmp_path, few) < MOST_OF_A_POST * (many - few)

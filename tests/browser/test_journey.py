"""From a step of the promise to a post, from the post to the records of every source, from there to the log line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.journey.collector import JourneyCollector
from collectors.social.figures import figure_fields
from collectors.social.post import SECOND, SocialPost, named_time
from collectors.source import Source
from metricstore.point import Point, nanoseconds
from metricstore.store import Store
from tests.browser.visit import Visit, eventually

NOW = datetime.now(UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


def collected(store: Store) -> None:
    """Three posts of two days ago: read, failed, never accepted; then what the collector makes of them."""
    tags = {"platform": "linkedin"}
    for number, name in enumerate(("Read widely", "Refused", "Forgotten"), 1):
        day = MIDNIGHT - timedelta(days=3)
        made = nanoseconds(day.replace(hour=10)) + number * SECOND
        store.write([
            Point("log_record", made, {"level": "INFO", "event": "post_generated"},
                  {"message": f"Generated post {number}/3 for topic: {name}...", "file": "promise.log", "line": number, "lines": 1}),
            Point("generation", made, tags, {"outcome": "ok", "topic": name, "position": number, "batch_size": 3, "batch_id": "promise",
                                             "revision": "r1", "file": "promise.log", "line": number}),
            Point("post", nanoseconds(day + timedelta(days=1)) + 900 + number, tags, {
                "post_id": name, "status": "draft" if number == 3 else "scheduled", "content_state": "ok", "presence": "current",
                "topic": name, "content": f"All about {name}", "content_hash": name, "position": number, "post_number": number,
                "revision": "r1", "revision_time": (day + timedelta(hours=11)).isoformat(), "file": "outputs/content_calendar.json", "line": number}),
        ])  # fmt: skip
    due = nanoseconds(MIDNIGHT - timedelta(days=2) + timedelta(hours=9))
    for name, error in (("Read widely", ""), ("Refused", "Your access token has expired")):
        post = SocialPost("buffer", "linkedin", f"id-{name}", "c1", "failed" if error else "sent", due=due, created=due - 3600 * SECOND,
                          sent=None if error else due + 4 * SECOND, error=error, text=f"All about {name}")  # fmt: skip
        assert post.point is not None
        store.write([post.point])
    fields = {**figure_fields({"impressions": 321, "reactions": 7}), "service_post_id": "id-Read widely"}
    store.write(
        [
            Point(
                "social_post_stats",
                named_time(due + 86_400 * SECOND, "a"),
                {"source": "buffer", "platform": "linkedin"},
                fields,
            )
        ]
    )
    for batch in JourneyCollector(Source(Path("/nowhere"), "UTC")).collect({}, store):
        assert not store.write(batch.points).rejected


@pytest.fixture
def looking(own_visit: Visit) -> Visit:
    collected(own_visit.site.store)
    return own_visit


def test_a_stuck_post_says_why_and_leads_to_every_record_and_the_log_line(looking: Visit) -> None:
    looking.open("/journey?start=-30d&platform=linkedin&topic=Read+widely,Refused,Forgotten")
    eventually(lambda: looking.tile("journey_posts") == "3")
    assert (looking.tile("posts_given_up"), looking.tile("promises_kept")) == ("1", "50.0")
    stuck = looking.page.locator('[data-table="stuck_posts"] tbody tr')
    eventually(lambda: stuck.count() == 2)
    words = " ".join(stuck.all_inner_texts())
    assert "Access lost or expired" in words
    assert "Your access token has expired" in words

    rows = looking.page.locator('[data-table="journey_posts"] tbody tr', has_text="engaged")
    eventually(lambda: rows.count() == 1)
    rows.get_by_role("button", name="Open").click()
    related = looking.page.locator(".related")
    related.wait_for()
    assert looking.page.locator(".step.own").inner_text().startswith("Engaged")
    told = related.inner_text()
    for words in ("In the log: finished", "In the calendar", "At services and on platforms", "Impressions 321"):
        assert words in told
    assert "promise.log:1" in looking.page.locator(".log-context").inner_text()

    related.locator("li", has_text="Impressions 321").get_by_role("button", name="Open").click()
    looking.page.get_by_role("button", name="Back to the post").click()
    related.wait_for()
    related.locator("li", has_text="Outcome ok").first.get_by_role("button", name="Open").click()
    looking.page.get_by_role("button", name="Back to the post").wait_for()
    own = looking.page.locator(".log-line.own")
    eventually(lambda: "Generated post 1/3 for topic: Read widely" in own.inner_text())

"""Log and calendar together say what became of a post."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.outcomes.collector import OutcomesCollector
from collectors.outcomes.join import combined
from collectors.source import Source
from metricstore.point import Point, nanoseconds
from tests.collectors.outcomes.remembering import RevisedMemoryStore

ZONE = ZoneInfo("Europe/Berlin")
NINE = datetime(2026, 10, 28, 9, tzinfo=ZONE)
TOPICS = ["The Future of AI in Content Creation", "AI", "AI", "Ship it\nnow"]


class Site:
    """A store with batches and calendars, and the collector that joins them."""

    def __init__(self) -> None:
        self.store = RevisedMemoryStore()
        self.collector = OutcomesCollector(Source(Path("/nowhere"), "Europe/Berlin"))
        self.checkpoint: dict[str, Any] = {}

    def batch(
        self, name: str, outcomes: str, *, at: datetime = NINE, platform: str = "linkedin", end: str = "completed",
        topics: list[str] | None = TOPICS,
    ) -> None:  # fmt: skip
        """One letter a post: (o)k, (f)ailed, (p)artial, (u)nknown, as the log says."""
        words = {"o": "ok", "f": "failed", "p": "partial", "u": "unknown"}
        size = len(outcomes)
        fields: dict[str, Any] = {"batch_id": name, "requested": size, "outcome": end, "finished": size}
        if end == "completed":
            fields["duration_seconds"] = 60.0
        self.store.write([Point("batch", nanoseconds(at), {"platform": platform}, fields)])
        for position, letter in enumerate(outcomes, 1):
            said: dict[str, Any] = {
                "outcome": words[letter], "log_outcome": words[letter], "outcome_reason": "said_by_log",
                "position": position, "batch_size": size, "batch_id": name,
            }  # fmt: skip
            if topics is not None:
                said["topic"] = topics[position - 1][:30]
            moment = nanoseconds(at + timedelta(seconds=position))
            self.store.write([Point("generation", moment, {"platform": platform}, said)])

    def calendar(
        self, revision: str, states: str, *, day: datetime = NINE, seen: datetime | None = None,
        platform: str = "linkedin", size: int | None = None, topics: list[str] = TOPICS,
        held: str | None = None,
    ) -> None:  # fmt: skip
        """One letter an item: (o)k, (f)ailed, (p)artial, (i)ncomplete, (n)ull, (e)mpty, or - for one that was there before.
        The file still holds the positions `held`; all, when that is None."""
        words = {"o": "ok", "f": "failed", "p": "partial", "i": "incomplete", "n": "null", "e": "empty"}
        midnight = day.replace(hour=0)
        for position, letter in enumerate(states, 1):
            if letter == "-":
                continue
            time = nanoseconds(midnight + timedelta(days=position - 1)) + sum(map(ord, revision)) * 1000 + position
            fields: dict[str, Any] = {
                "revision": revision, "position": position, "calendar_size": size or len(states),
                "topic": topics[position - 1], "content_state": words[letter], "method": "batch",
                "file": f"{platform}.json", "presence": "current" if held is None or str(position) in held else "replaced",
                "first_seen": (seen or day + timedelta(minutes=5)).isoformat(),
            }  # fmt: skip
            self.store.write([Point("post", time, {"platform": platform}, fields)])

    def run(self) -> int:
        """Points written by one run."""
        written = 0
        for batch in self.collector.collect(self.checkpoint, self.store):  # type: ignore[arg-type]
            assert not self.store.write(batch.points).rejected
            self.checkpoint = json.loads(json.dumps(batch.checkpoint))
            written += len(batch.points)
        return written

    def outcomes(self, batch: str | None = None, name: str = "outcome") -> list[str]:
        return [row.get(name, "") for row in self.store.rows("generation") if batch in (None, row["batch_id"])]


@pytest.fixture
def site() -> Site:
    return Site()


def test_the_calendar_reveals_what_the_log_can_not(site: Site) -> None:
    site.batch("a", "ooou")
    site.calendar("r1", "ofno")
    site.run()
    assert site.outcomes() == ["ok", "failed", "unknown", "ok"]
    assert site.outcomes(name="outcome_reason") == ["said_by_log", "failure_text", "null_content", "content_ok"]
    assert site.outcomes(name="log_outcome") == ["ok", "ok", "ok", "unknown"]


def test_the_same_error_on_the_same_day_counts_for_the_later_batch_too(site: Site) -> None:
    site.batch("a", "ooo")
    site.calendar("r1", "ofn", held="23")
    site.run()
    site.batch("b", "ooo", at=NINE + timedelta(hours=1), topics=[TOPICS[0], TOPICS[1], "Another"])
    site.calendar("r2", "o--", seen=NINE + timedelta(hours=2), size=2)
    site.run()
    assert site.outcomes("b") == ["ok", "ok", "ok"], "of two posts only: another calendar"
    site.calendar("r3", "o-o", seen=NINE + timedelta(hours=3), topics=[TOPICS[0], "", "Another"])
    site.run()
    assert site.outcomes("b") == ["ok", "failed", "ok"]
    assert site.outcomes("a") == ["ok", "failed", "unknown"]


@pytest.mark.parametrize("first_seen", [None, "yesterday", "2026-10-28T09:05:00"])
def test_an_item_of_which_nobody_knows_since_when_it_is_there_joins_nothing(site: Site, first_seen: str | None) -> None:
    site.batch("a", "ou")
    site.calendar("r1", "fo")
    fields: dict[str, Any] = {"revision": "r2", "position": 1, "calendar_size": 2, "content_state": "failed"}
    fields |= {"first_seen": first_seen} if first_seen else {}
    site.store.write([Point("post", nanoseconds(NINE), {"platform": "linkedin"}, fields)])
    site.run()
    assert site.outcomes() == ["failed", "ok"]


def test_a_thread_with_an_empty_tweet_is_neither_success_nor_failure(site: Site) -> None:
    site.batch("a", "oop", platform="twitter", topics=TOPICS[:3])
    site.calendar("r1", "iii", platform="twitter", topics=TOPICS[:3])
    site.run()
    assert site.outcomes() == ["unknown", "unknown", "partial"]
    assert site.outcomes(name="outcome_reason")[:2] == ["empty_content", "empty_content"]


def test_running_again_writes_nothing(site: Site) -> None:
    site.batch("a", "oooo")
    site.calendar("r1", "ofno")
    assert site.run() == 4
    assert site.run() == 0
    site.checkpoint, site.collector = {}, OutcomesCollector(Source(Path("/nowhere"), "Europe/Berlin"))
    assert site.run() == 0


def test_what_the_log_collector_wrote_over_is_put_right(site: Site) -> None:
    site.batch("a", "oooo")
    site.calendar("r1", "ofne")
    site.run()
    before = site.store.rows("generation")
    site.batch("a", "oooo")
    assert site.outcomes() == ["ok"] * 4
    site.run()
    assert site.store.rows("generation") == before


def test_of_two_batches_alike_the_last_before_the_calendar_was_seen_wrote_it(site: Site) -> None:
    site.batch("a", "oooo")
    site.batch("b", "oooo", at=NINE + timedelta(hours=1))
    site.batch("c", "oooo", at=NINE + timedelta(hours=3))
    site.calendar("r1", "ffff", seen=NINE + timedelta(hours=2))
    site.run()
    assert site.outcomes("a") == ["ok"] * 4
    assert site.outcomes("b") == ["failed"] * 4
    assert site.outcomes("c") == ["ok"] * 4


def test_a_calendar_stays_with_its_batch(site: Site) -> None:
    site.batch("a", "oooo")
    site.calendar("r1", "ofoo", seen=NINE + timedelta(hours=9))
    site.run()
    site.batch("b", "oooo", at=NINE + timedelta(hours=1))
    site.run()
    assert site.outcomes("a") == ["ok", "failed", "ok", "ok"]
    site.calendar("r2", "ooof", seen=NINE + timedelta(hours=9))
    site.run()
    assert site.outcomes("a") == ["ok", "failed", "ok", "ok"]
    assert site.outcomes("b") == ["ok", "ok", "ok", "failed"]


def test_an_edit_by_hand_afterwards_does_not_undo_a_failure(site: Site) -> None:
    site.batch("a", "oooo")
    site.calendar("r1", "ofoo")
    site.run()
    site.calendar("r1", "oooo")
    site.run()
    assert site.outcomes() == ["ok", "failed", "ok", "ok"]


@pytest.mark.parametrize("why", ["size", "topic", "day", "abandoned", "few", "other platform"])
def test_a_calendar_that_does_not_fit_says_nothing(site: Site, why: str) -> None:
    site.batch("a", "oooo", end="abandoned" if why == "abandoned" else "completed")
    site.calendar(
        "r1",
        "---f" if why == "few" else "ffff",
        size=5 if why == "size" else 4,
        topics=["Something else", *TOPICS[1:]] if why == "topic" else TOPICS,
        day=NINE + timedelta(days=1 if why == "day" else 0),
        platform="instagram" if why == "other platform" else "linkedin",
    )
    site.run()
    assert site.outcomes() == ["ok"] * 4


def test_while_a_batch_alike_is_running_its_calendar_is_given_to_no_other(site: Site) -> None:
    site.batch("a", "oooo")
    site.batch("b", "oooo", at=NINE + timedelta(minutes=1), end="running")
    site.calendar("r1", "ffff")
    site.run()
    assert site.outcomes() == ["ok"] * 8
    site.batch("b", "oooo", at=NINE + timedelta(minutes=1))
    site.run()
    assert site.outcomes("b") == ["failed"] * 4
    assert site.outcomes("a") == ["ok"] * 4


def test_threads_may_carry_the_dates_of_their_posts(site: Site) -> None:
    site.batch("a", "oopo", platform="twitter")
    site.calendar("r1", "opof", platform="twitter", day=NINE - timedelta(days=3), seen=NINE + timedelta(hours=1))
    site.run()
    assert site.outcomes() == ["ok", "partial", "partial", "failed"]


def test_a_generator_that_logs_no_topics_gets_them_from_the_calendar(site: Site) -> None:
    site.batch("a", "oooo", platform="twitter", topics=None)
    site.calendar("r1", "ooof", platform="twitter")
    site.run()
    assert site.outcomes() == ["ok", "ok", "ok", "failed"]
    assert site.outcomes(name="topic") == TOPICS


def test_nothing_stored_is_nothing_to_do(site: Site) -> None:
    assert site.run() == 0
    site.calendar("r1", "oooo")
    assert site.run() == 0


@pytest.mark.parametrize(
    ("log", "content", "reason", "expected"),
    [
        ("ok", "ok", "content_ok", ("ok", None)),
        ("unknown", "ok", "content_ok", ("ok", "content_ok")),
        ("ok", "failed", "failure_text", ("failed", "failure_text")),
        ("failed", "ok", "content_ok", ("failed", None)),
        ("partial", "failed", "failure_text", ("failed", None)),
        ("ok", "unknown", "null_content", ("unknown", "null_content")),
        ("failed", "unknown", "null_content", ("failed", None)),
        ("unknown", "", "", ("unknown", None)),
    ],
)
def test_a_failure_seen_by_either_is_a_failure(
    log: str, content: str, reason: str, expected: tuple[str, str | None]
) -> None:
    assert combined(log, content, reason) == expected

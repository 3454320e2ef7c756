"""A generated world with late rows, and random states of it to look at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collectors.social.post import SocialPost
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 75
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
SWITCHES = ("2026-03-08", "2026-03-29", "2026-04-05")
"""Days on which the clock is changed in New York, Berlin and on Lord Howe Island."""
PLATFORMS = ("linkedin", "twitter", "instagram")
OUTCOMES = ("ok", "ok", "ok", "failed", "partial", "unknown")


def points(seed: int) -> tuple[list[Point], list[Point]]:
    """(what arrives first, what arrives late: older rows, and some rows anew with other values)."""
    chance = random.Random(seed)
    found = list(_generations(chance)) + list(_calls(chance)) + list(_retries(chance)) + list(_posts(chance))
    late = [point for point in found if chance.random() < 0.1]
    chosen = {id(point) for point in late}
    early = [point for point in found if id(point) not in chosen]
    corrected = [
        Point(
            one.measurement, one.time, one.tags, {**one.fields, "duration_seconds": round(chance.uniform(0.1, 90), 3)}
        )
        for one in early
        if one.measurement == "generation" and chance.random() < 0.05
    ]
    return early, late + corrected


def _moment(chance: random.Random, number: int) -> int:
    seconds = chance.uniform(0, DAYS * 86_400)
    return nanoseconds(FIRST + timedelta(milliseconds=round(seconds * 1000))) + number % 1_000_000


def _generations(chance: random.Random) -> Iterator[Point]:
    for number in range(2500):
        yield Point(
            "generation", _moment(chance, number), {"platform": chance.choice(PLATFORMS)},
            {"outcome": chance.choice(OUTCOMES), "duration_seconds": round(chance.lognormvariate(1.5, 0.7), 3),
             "topic": f"Topic {number % 9}", "position": number},
        )  # fmt: skip


def _calls(chance: random.Random) -> Iterator[Point]:
    for number in range(1500):
        fields = {"model": chance.choice(("glm-4.5-air", "glm-4.5-flash")), "input_tokens": chance.randint(1, 2000),
                  "output_tokens": chance.randint(1, 900), "platform": chance.choice(PLATFORMS)}  # fmt: skip
        if chance.random() < 0.9:
            fields["cost_nano_usd"] = chance.randint(0, 3_000_000)
        tags = {"source": "app", "provider": "zai", "outcome": chance.choice(("ok", "ok", "error"))}
        yield Point("gen_ai_request", _moment(chance, number), tags, fields)


def _retries(chance: random.Random) -> Iterator[Point]:
    for number in range(1200):
        yield Point("ai_retry", _moment(chance, number), {},
                    {"wait_seconds": round(chance.uniform(0.01, 8), 6), "platform": chance.choice(PLATFORMS)})  # fmt: skip


def _posts(chance: random.Random) -> Iterator[Point]:
    """On channels all over the world, and on one whose zone nobody tells."""
    for number in range(1500):
        moment, channel = _moment(chance, number), chance.choice((*ZONES, ""))
        status = chance.choice(("sent", "sent", "sent", "failed", "withdrawn"))
        post = SocialPost(
            "buffer",
            chance.choice(PLATFORMS),
            f"post {number}",
            channel or "somewhere",
            status,
            sent=moment,
            timezone=channel,
        )
        assert post.point is not None
        yield post.point


@dataclass(frozen=True)
class State:
    """What somebody looks at: a metric, and the words of the address."""

    metric: str
    words: dict[str, str]

    @property
    def selection(self) -> Selection:
        return Selection.from_params(self.words)


def states(seed: int, count: int, metrics: tuple[str, ...]) -> list[State]:
    """Ranges around the days of clock changes, zones, windows, filters: whatever people click together."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        begin = datetime.fromisoformat(chance.choice(SWITCHES)) - timedelta(hours=chance.randint(0, 200))
        length = timedelta(hours=chance.choice((1, 5, 26, 24 * 7, 24 * 31)) + chance.randint(0, 30))
        words = {"start": begin.isoformat(), "stop": (begin + length).isoformat(), "tz": chance.choice(ZONES),
                 "every": chance.choice(("1h", "6h", "1d", "1w", "1mo", "auto"))}  # fmt: skip
        if chance.random() < 0.5:
            words["platform"] = chance.choice(("linkedin", "twitter,instagram", "!linkedin"))
        if chance.random() < 0.4:
            words["outcome"] = chance.choice(("ok", "!ok", "ok,failed", "error"))
        if metrics[number % len(metrics)] == "service_posts" and chance.random() < 0.7:
            words["channel_weekday"] = chance.choice(("sun", "mon,tue", "!sun", '""'))
            words["channel_hour"] = chance.choice(("02", "01,02,03", "!02", '""'))
        found.append(State(metrics[number % len(metrics)], words))
    return found

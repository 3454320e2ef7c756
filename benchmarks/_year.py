"""A year of data behind every chart of the Overview, for the `web_*` benchmarks; the same on each run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from metricstore.catalogue import measurement
from metricstore.point import Point

SHARES = {"generation": 0.35, "post": 0.1, "scheduling_attempt": 0.15, "log_record": 0.35, "engagement": 0.05}
"""Of the points, how many are of each measurement."""
_BEGIN = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 10**9
_PLATFORMS = ("linkedin", "twitter", "instagram")
_TOPICS = tuple(f"Topic {number}: what changes this year" for number in range(40))


def points(count: int) -> Iterator[Point]:
    """`count` points over 2025, of all measurements of the Overview."""
    random = np.random.default_rng(7)
    for name, share in SHARES.items():
        size = round(count * share)
        times = _BEGIN + np.sort(random.integers(0, 365 * 86_400 * 10**6, size)) * 1_000 + np.arange(size) % 1_000
        columns = _columns(name, size, random)
        tags = [key for key in measurement(name).tag_names if key in columns]
        fields = [key for key in columns if key not in tags]
        rows = zip(times.tolist(), *(columns[key].tolist() for key in (*tags, *fields)), strict=True)
        for when, *row in rows:
            values = row[len(tags) :]
            yield Point(name, when, dict(zip(tags, row, strict=False)), dict(zip(fields, values, strict=True)))


def _columns(name: str, size: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    platform = random.choice(_PLATFORMS, size, p=(0.5, 0.35, 0.15))
    topic = random.choice(_TOPICS, size)
    if name == "generation":
        outcome = random.choice(("ok", "failed", "partial", "unknown"), size, p=(0.9, 0.06, 0.02, 0.02))
        return {"platform": platform, "outcome": outcome, "topic": topic,
                "duration_seconds": random.lognormal(1.5, 0.6, size)}  # fmt: skip
    if name == "post":
        status = random.choice(("draft", "scheduled", "posted", "failed"), size, p=(0.2, 0.3, 0.45, 0.05))
        return {"platform": platform, "status": status, "topic": topic,
                "characters": random.integers(200, 3_000, size)}  # fmt: skip
    if name == "scheduling_attempt":
        return {"platform": platform, "outcome": random.choice(("ok", "failed"), size, p=(0.95, 0.05)), "topic": topic}
    if name == "log_record":
        level = random.choice(("INFO", "WARNING", "ERROR"), size, p=(0.9, 0.07, 0.03))
        event = random.choice(("http_request", "post_generated", "scheduling_error", "other"), size)
        return {"level": level, "event": event, "message": topic, "line": np.arange(1, size + 1)}
    counts = {key: random.integers(0, most, size) for key, most in
              (("impressions", 5_000), ("likes", 200), ("comments", 30), ("shares", 20))}  # fmt: skip
    counts["engagements"] = counts["likes"] + counts["comments"] + counts["shares"]
    return {"platform": platform, "provenance": np.full(size, "imported"), "grain": np.full(size, "post"),
            "topic": topic, **counts, "exposures": counts["impressions"]}  # fmt: skip


def fill(folder: Path, count: int) -> None:
    """The application's own store in `folder`, written by the application's own writer."""
    from metricstore.duck import DuckStore

    store, left = DuckStore(folder / "metrics.duckdb"), points(count)
    while batch := list(islice(left, 50_000)):
        rejected = store.write(batch).rejected
        if rejected:
            raise RuntimeError(f"{len(rejected)} points were refused: {rejected[0]}")
    store.close()

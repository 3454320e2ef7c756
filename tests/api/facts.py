"""A small, known world to ask about: three days of March 2026, the clock going forward in Berlin on the 29th."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from metricstore.point import Point, nanoseconds

BEGIN = datetime(2026, 3, 28, 0, 0, tzinfo=UTC)
RANGE = {"start": "2026-03-28T00:00:00+00:00", "stop": "2026-03-31T00:00:00+00:00"}


def at(hours: float, digits: int = 0) -> int:
    return nanoseconds(BEGIN + timedelta(hours=hours)) + digits


def generations() -> list[Point]:
    """Six: four LinkedIn (one failed), two X (one unknown), none on the third day."""
    told = [
        (1, "linkedin", "ok", 2.0), (2, "linkedin", "failed", 8.0), (3, "twitter", "ok", 4.0),
        (25, "linkedin", "ok", 3.0), (26, "linkedin", "ok", 5.0), (27, "twitter", "unknown", None),
    ]  # fmt: skip
    return [
        Point(
            "generation",
            at(hour, digits=index),
            {"platform": platform},
            {"outcome": outcome, "log_outcome": outcome, "topic": f"Topic {index}", "position": index}
            | ({} if seconds is None else {"duration_seconds": seconds}),
        )
        for index, (hour, platform, outcome, seconds) in enumerate(told)
    ]


def log_records(count: int = 25) -> list[Point]:
    """One a minute from the begin; every fifth an error; texts with commas, quotes and other scripts."""
    texts = ('a, "quoted" line', "zwölf Überschriften 🚀", "line one\nline two", "plain", "' OR 1=1 --")
    return [
        Point(
            "log_record",
            at(index / 60, digits=index),
            {"level": "ERROR" if index % 5 == 0 else "INFO", "event": "other"},
            {"message": texts[index % 5], "file": "app.log", "line": index + 1, "lines": 1},
        )
        for index in range(count)
    ]


def posts(now: datetime) -> list[Point]:
    """One published a week ago, two to be published in ten days."""
    days = ((-7, "linkedin"), (10, "linkedin"), (10.5, "instagram"))
    return [
        Point("post", nanoseconds(now + timedelta(days=day)), {"platform": platform},
              {"status": "draft", "topic": "Launch", "characters": 100})
        for day, platform in days
    ]  # fmt: skip


def runs() -> list[Point]:
    now = datetime.now(UTC)
    return [
        Point("collector_run", nanoseconds(now - timedelta(minutes=age)), {"collector": name, "outcome": outcome},
              {"records": records, "points": records, "rejected": 0, "duration_seconds": 0.5, "attempts": 1, "bytes": 9}
              | ({"error": "no such file"} if outcome == "failed" else {}))
        for age, name, outcome, records in ((9, "app_log", "ok", 7), (3, "app_log", "failed", 0), (5, "calendars", "ok", 3))
    ]  # fmt: skip

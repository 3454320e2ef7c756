"""One bad record in a file costs itself alone: no run fails, and every other record is stored as without it."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from collectors.ai_usage.collector import AiUsageCollector
from collectors.app_log.collector import AppLogCollector
from collectors.base import Batch, DeadLetter
from collectors.calendars.collector import CalendarsCollector
from collectors.engagement.collector import EngagementCollector
from collectors.scheduler_state.collector import SchedulerStateCollector
from collectors.source import Source
from metricstore.point import Point
from tests.collectors.memory import MemoryStore
from tests.fuzz.hostile import INPUTS, chance, spoiled, written

BAD_PER_RUN = 10
GOOD = 6
MODIFIED = 1_795_000_000
Record = Any


@dataclass(frozen=True)
class FileKind:
    """A file of the observed project: where it is, its `number`th good record, and how records are written to it."""

    name: str
    collector: Callable[[Source], Any]
    path: str
    record: Callable[[int], Record]
    write: Callable[[Path, list[Record]], None]
    volatile: tuple[str, ...] = (
        "first_seen",
        "revision",
        "revision_time",
        "held_by",
        "line",
        "file",
        "position",
        "calendar_size",
    )
    """Fields that speak of the whole file or of a record's place in it."""


def _post(number: int) -> Record:
    return {"post_number": number, "topic": f"Topic {number}", "platform": "linkedin", "prompt_type": "story",
            "content": f"Text {number} #tag", "publish_date": f"2026-{1 + number % 12:02}-{1 + number % 28:02}", "status": "draft"}  # fmt: skip


def _thread(number: int) -> Record:
    return {"thread_number": number, "topic": f"Thread {number}", "platform": "twitter", "tweets": [f"One {number}", "Two"],
            "publish_date": f"2026-{1 + number % 12:02}-{1 + number % 28:02}", "scheduled_time": "09:00:00", "status": "draft"}  # fmt: skip


def _queued(number: int) -> Record:
    name = f"outputs/content_{number}_1793646000"
    return {"id": name, "platform": "linkedin", "content": "text", "scheduled_time": f"2026-10-{1 + number % 28:02}T09:00:00",
            "profile_id": "p", "retry_count": 0, "status": "pending", "post_metadata": _post(number)}  # fmt: skip


def _call(number: int) -> Record:
    return {"time": f"2026-10-05T07:{number // 60 % 60:02}:{number % 60:02}Z", "provider": "zai", "model": "glm-4.5-air", "outcome": "ok",
            "duration_seconds": 6.5, "request_id": f"request-{number}",
            "usage": {"prompt_tokens": 412, "completion_tokens": 655, "prompt_tokens_details": {"cached_tokens": 128}}}  # fmt: skip


def _figures(number: int) -> Record:
    return {"Date": f"2026-{1 + number % 12:02}-{1 + number % 28:02}", "Platform": "linkedin", "Post_Number": number, "Topic": f"T{number}",
            "Views": 100 + number, "Likes": 5, "Comments": 1, "Shares": 0, "Engagement_Rate": "6.00%"}  # fmt: skip


def _tweet(number: int) -> Record:
    return {"Tweet id": str(1978123456789012011 + number), "Tweet permalink": f"https://x.example/i/{1978123456789012011 + number}",
            "Tweet text": f"Text {number}", "time": f"2026-10-{1 + number % 28:02} 10:00 +0000", "impressions": 1000 + number,
            "engagements": 15, "engagement rate": 0.015, "retweets": 2, "replies": 3, "likes": 10}  # fmt: skip


_EVENTS = (
    "Generated post {n}/9 for topic: Topic {n}...",
    'HTTP Request: POST https://api.z.ai/api/paas/v4/chat/completions "HTTP/1.1 200 OK"',
    "Starting batch content generation for 9 LinkedIn posts.",
    "Retrying request to /chat/completions in 0.49 seconds",
    "Successfully generated 9 LinkedIn posts.",
    "Scheduling results: [{{'post_number': {n}, 'topic': 'T', 'status': 'scheduled', 'response': {{'success': True}}}}]",
    "Something nobody knows {n}",
)


def _line(number: int) -> Record:
    """In the order of time: those of 1,000 and more stand right after the good record their thousands name."""
    message = _EVENTS[number % len(_EVENTS)].format(n=number % 9 + 1)
    second, millisecond = (number // 1_000 - 1, 500 + number % 1_000) if number >= 1_000 else (number, 0)
    return [f"2026-10-14 09:00:{second:02},{millisecond:03}", "INFO", message]


def _write_json(path: Path, records: list[Record]) -> None:
    path.write_text(written(records), encoding="utf-8", errors="surrogatepass")


def _write_state(path: Path, records: list[Record]) -> None:
    queued = {_key(record) or f"bad-{number}": record for number, record in enumerate(records)}
    path.write_text(written({"scheduled_posts": queued, "post_history": [], "last_post_times": {}}))


def _key(record: Record) -> str:
    found = record.get("id") if isinstance(record, dict) else None
    return found if isinstance(found, str) and found.startswith("outputs/") else ""


def _write_lines(path: Path, records: list[Record]) -> None:
    path.write_text("".join(written(record) + "\n" for record in records))


def _write_csv(path: Path, records: list[Record]) -> None:
    names = list(_header(records))
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(names)
    for record in records:
        cells = [_cell(record.get(name, "")) for name in names] if isinstance(record, dict) else [_cell(record)]
        table.writerow(cells)
    path.write_text(text.getvalue(), encoding="utf-8", errors="replace", newline="")


def _header(records: list[Record]) -> dict[str, Any]:
    found: dict[str, Any] = records[0]
    return found


def _cell(value: Any) -> str:
    return value if isinstance(value, str) and not value.startswith("@@") else written(value)[:6_000]


def _write_database(path: Path, records: list[Record]) -> None:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, date TEXT, platform TEXT, post_number INTEGER, topic TEXT,"
            " views INTEGER, likes INTEGER, comments INTEGER, shares INTEGER, engagement_rate REAL, created_at TIMESTAMP)"
        )
        names = ("date", "platform", "post_number", "topic", "views", "likes", "comments", "shares")
        for record in records:
            lower = (
                {str(name).lower(): value for name, value in record.items()}
                if isinstance(record, dict)
                else {"date": record}
            )
            values = [_plain(lower.get(name)) for name in names]
            connection.execute(f"INSERT INTO metrics ({','.join(names)}) VALUES ({','.join('?' * len(names))})", values)
    connection.close()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value
    return (value if isinstance(value, str) else written(value)[:6_000]).encode("utf-8", "replace").decode()


def _write_log(path: Path, records: list[Record]) -> None:
    lines = []
    for record in records:
        parts = record if isinstance(record, list) else [record]
        lines.append(" - ".join(_cell(part) for part in parts))
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", errors="replace", newline="")


KINDS = (
    FileKind("linkedin calendar", CalendarsCollector, "outputs/content_calendar.json", _post, _write_json),
    FileKind("thread calendar", CalendarsCollector, "outputs/twitter_calendar.json", _thread, _write_json),
    FileKind("scheduler state", SchedulerStateCollector, "outputs/scheduler_state.json", _queued, _write_state),
    FileKind("ai usage", AiUsageCollector, "outputs/ai_usage.ndjson", _call, _write_lines),
    FileKind("metrics csv", EngagementCollector, "outputs/metrics.csv", _figures, _write_csv),
    FileKind("metrics database", EngagementCollector, "outputs/metrics.db", _figures, _write_database),
    FileKind("export", EngagementCollector, "tweets.csv", _tweet, _write_csv),
    FileKind(
        "log",
        AppLogCollector,
        "app.log",
        _line,
        _write_log,
        ("line", "offset", "message", "lines", "stray_lines", "file"),
    ),
)


class Stored:
    """What a run wrote, and what it set aside."""

    def __init__(self, kind: FileKind, root: Path) -> None:
        self.store, self.letters = MemoryStore(), list[DeadLetter]()
        checkpoint: Any = {}
        collector = kind.collector(Source(root, "UTC"))
        for _ in range(2):  # what a first run left for later is read by the second
            batch: Batch
            for batch in collector.collect(checkpoint, self.store):  # type: ignore[arg-type]
                self.store.delete(batch.deleted)
                self.store.write(batch.points)
                self.letters += batch.dead_letters
                checkpoint = json.loads(json.dumps(batch.checkpoint))
        self.points = {key: _kept(point, kind) for key, point in self.store.points.items()}


def _kept(point: Point, kind: FileKind) -> dict[str, Any]:
    return {name: value for name, value in point.fields.items() if name not in kind.volatile}


def _mixed(kind: FileKind, random: Random) -> tuple[list[Record], list[str]]:
    """Good records in their order, after each some bad ones of numbers of their own."""
    after = sorted(random.randrange(GOOD) for _ in range(BAD_PER_RUN))
    bad = [spoiled(kind.record(1_000 * (place + 1) + 7 * number), random) for number, place in enumerate(after)]
    records = []
    for number in range(GOOD):
        records.append(kind.record(number))
        records += [one for one, place in zip(bad, after, strict=True) if place == number]
    return records, [written(one)[:300] for one in bad]


def _lay(kind: FileKind, path: Path, records: list[Record]) -> None:
    """Written long ago, always at the same moment."""
    kind.write(path, records)
    os.utime(path, (MODIFIED, MODIFIED))


def _of_good(kind: FileKind, found: dict[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """A log's events mean what those around them let them mean: of it only the records themselves are compared."""
    return {
        key: fields
        for key, fields in found.items()
        if key[0] != "queue_snapshot" and (kind.name != "log" or key[0] == "log_record")
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_bad_record_in_a_file_costs_itself_alone(kind: FileKind, tmp_path: Path) -> None:
    random, path = chance(kind.name), tmp_path / kind.path
    path.parent.mkdir(exist_ok=True)
    _lay(kind, path, [kind.record(number) for number in range(GOOD)])
    clean = _of_good(kind, Stored(kind, tmp_path).points)
    assert len(clean) >= GOOD - 2, clean
    for turn in range(max(1, INPUTS // 14 // BAD_PER_RUN)):
        records, bad = _mixed(kind, random)
        _lay(kind, path, records)
        by_one_of = "by one of\n" + "\n".join(bad)
        try:
            found = Stored(kind, tmp_path).points
        except Exception as failure:
            raise AssertionError(f"turn {turn}: {failure!r} {by_one_of}") from failure
        lost = {key: (fields, found.get(key)) for key, fields in clean.items() if found.get(key) != fields}
        assert not lost, f"turn {turn}: {lost} {by_one_of}"

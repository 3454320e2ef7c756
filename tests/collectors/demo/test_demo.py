"""The demo: believable, the same by seed, and read by the real collectors like any project folder."""

from __future__ import annotations

import filecmp
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.demo import TIMEZONE, Demo, Live, catch_up, write_history
from collectors.registry import collectors_for
from collectors.runner import Runner
from collectors.source import Source
from tests.collectors.runner.troubles import TroubledStore, eventually

NOW = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
HEADER = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - (INFO|WARNING|ERROR) - ", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "source"
    write_history(root, seed=3, days=60, now=NOW)
    return root


@pytest.fixture(scope="module")
def collected(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> TroubledStore:
    store = TroubledStore()
    runner = Runner(collectors_for(Source(folder, TIMEZONE)), store, tmp_path_factory.mktemp("data"))  # type: ignore[arg-type]
    store.revision = lambda name: str(len(store.points))  # type: ignore[attr-defined]
    for report in runner.run_once():
        assert (report.outcome, report.rejected, report.error) == ("ok", 0, None), report
    return store


def files_of(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_the_same_seed_tells_the_same_story(folder: Path, tmp_path: Path) -> None:
    write_history(tmp_path / "again", seed=3, days=60, now=NOW)
    names = files_of(folder)
    assert files_of(tmp_path / "again") == names
    _, different, wrong = filecmp.cmpfiles(folder, tmp_path / "again", names, shallow=False)
    assert (different, wrong) == ([], [])
    write_history(tmp_path / "other", seed=4, days=60, now=NOW)
    assert (tmp_path / "other" / "app.log").read_bytes() != (folder / "app.log").read_bytes()


def test_the_log_is_in_order_and_ends_before_now(folder: Path) -> None:
    text = (folder / "app.log").read_text()
    times = [match[0][:23] for match in HEADER.finditer(text)]
    assert times == sorted(times)
    assert times[0] >= "2026-09-21"
    assert times[-1] <= "2026-11-20 17:40:00,000"


def test_collectors_recognise_every_record_of_it(folder: Path, collected: TroubledStore) -> None:
    records = collected.rows("log_record")
    assert len(records) == len(HEADER.findall((folder / "app.log").read_text()))
    assert [row["message"] for row in records if row["event"] == "other"] == []


def test_collected_counts_are_those_of_the_files(folder: Path, collected: TroubledStore) -> None:
    text = (folder / "app.log").read_text()
    assert len(collected.rows("generation")) == len(re.findall(r" - Generated (?:post|thread) \d+/\d+ for topic", text))
    assert len(collected.rows("ai_request")) == text.count("HTTP Request: POST")
    assert len(collected.rows("ai_retry")) == text.count("Retrying request to")
    items = [item for path in (folder / "outputs").glob("*calendar*.json") for item in json.loads(path.read_text())]
    assert len(collected.rows("post")) == len(items)
    assert Counter(row["platform"] for row in collected.rows("post")) == Counter(item["platform"] for item in items)


def test_failures_of_the_log_and_of_calendars_agree(collected: TroubledStore) -> None:
    posts = collected.rows("generation")
    assert {row["outcome"] for row in posts} >= {"ok", "failed"}
    finished = [row for row in posts if row.get("content_outcome")]
    assert len(finished) > 0.9 * len(posts), "nearly every post is found in a calendar"
    assert all(row["log_outcome"] == row["content_outcome"] for row in finished if row["content_outcome"] != "unknown")


def test_weekdays_hours_platforms_and_topics_differ(collected: TroubledStore) -> None:
    days = Counter(datetime.fromtimestamp(row["time"] / 1e9, UTC).weekday() for row in collected.rows("generation"))
    assert min(days[day] for day in range(5)) > max(days[5], days[6])
    assert {row["platform"] for row in collected.rows("post")} == {"linkedin", "twitter", "instagram"}
    assert {row["platform"] for row in collected.rows("engagement")} == {"linkedin", "twitter", "instagram"}
    assert len({row["topic"] for row in collected.rows("post")}) > 20
    assert {row["status"] for row in collected.rows("post")} >= {"draft", "scheduled", "completed", "published"}


def test_it_goes_on_where_it_ended(tmp_path: Path) -> None:
    write_history(tmp_path / "whole", seed=3, days=20, now=NOW)
    write_history(tmp_path / "parts", seed=3, days=15, now=NOW - timedelta(days=5))
    catch_up(tmp_path / "parts", now=NOW)
    whole, parts = ((tmp_path / name / "app.log").read_text() for name in ("whole", "parts"))
    assert parts.splitlines()[-1] == whole.splitlines()[-1]
    times = [match[0][:23] for match in HEADER.finditer(parts)]
    assert times == sorted(times)
    assert any(time.startswith("2026-11-18") for time in times)
    catch_up(tmp_path / "parts", now=NOW)
    assert (tmp_path / "parts" / "app.log").read_text() == parts


def test_live_activity_reaches_log_and_calendars(tmp_path: Path) -> None:
    write_history(tmp_path / "source", seed=3, days=3)
    before = (tmp_path / "source" / "app.log").read_text()
    Live(tmp_path / "source", threading.Event(), speed=1000.0).run(cycles=3)
    after = (tmp_path / "source" / "app.log").read_text()
    assert after.startswith(before)
    new = after[len(before) :]
    assert new.count("Starting batch content generation") == 3
    assert "HTTP Request: POST" in new
    json.loads((tmp_path / "source" / "outputs" / "content_calendar.json").read_text())
    assert len(HEADER.findall(new)) > 20


def test_nothing_happens_while_nobody_watches(tmp_path: Path) -> None:
    write_history(tmp_path / "source", seed=3, days=3)
    log = tmp_path / "source" / "app.log"
    looks: list[int] = []

    def watched() -> bool:
        looks.append(log.stat().st_size)
        return len(looks) >= 20

    Live(tmp_path / "source", threading.Event(), speed=1000.0, watched=watched).run(cycles=2)
    assert len(set(looks[:20])) == 1
    assert log.read_text()[looks[0] :].count("Starting batch content generation") == 1, "when somebody looked again"


def test_live_activity_ends_at_once_when_stopped(tmp_path: Path) -> None:
    demo = Demo(tmp_path, seed=3, days=3)
    demo.start()
    assert demo.wait_ready(60)
    log = demo.folder / "app.log"
    size = log.stat().st_size
    assert eventually(lambda: log.stat().st_size > size)
    demo.stop()
    size = log.stat().st_size
    assert demo.source.log_path() == log
    again = Demo(tmp_path, seed=3, days=3)
    again.prepare()
    assert log.stat().st_size >= size, "a second start goes on with the same story"


def test_the_command_writes_a_folder_and_refuses_to_overwrite_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "collectors.demo", "--seed", "3", "--days", "2", "--out", str(tmp_path / "new")]
    assert subprocess.run(command, check=False).returncode == 0
    assert {"app.log", "outputs", "topics.json"} <= {path.name for path in (tmp_path / "new").iterdir()}
    again = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (again.returncode, again.stderr) == (1, f"{tmp_path / 'new'} exists already\n")

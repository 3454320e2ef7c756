"""Calendars as they are on disk: half-written, vanished, odd, copied; and the project's recorded ones."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from collectors.calendars.collector import CalendarsCollector
from collectors.source import Source
from tests.collectors.memory import Crash, Driver, MemoryStore

ZONE = "America/New_York"
LONG_AGO = 1_760_000_000
FAILED = "Error: Could not generate content for prompt: Topic. Details: Connection error."


def item(number: int = 1, content: Any = "Text", **other: Any) -> dict[str, Any]:
    return {
        "post_number": number, "topic": f"Topic {number}", "platform": "linkedin", "prompt_type": "professional_post",
        "content": content, "publish_date": "2025-10-27", "status": "draft", **other,
    }  # fmt: skip


class Project:
    """An observed project's folder with a collector on it."""

    def __init__(self, root: Path, **source: Any) -> None:
        self.root = root
        (root / "outputs").mkdir(parents=True)
        self.store = MemoryStore()
        self.source = Source(root, ZONE, **source)
        self.driver = Driver(CalendarsCollector(self.source), self.store)
        self.clock = LONG_AGO

    def put(self, content: Any, name: str = "content_calendar.json") -> Path:
        path = self.root / "outputs" / name
        data = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
        path.write_bytes(data)
        self.clock += 60
        os.utime(path, (self.clock, self.clock))
        return path

    def presences(self) -> Counter[str]:
        return Counter(post["presence"] for post in self.store.rows("post"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def test_a_cut_calendar_never_loses_or_invents_posts(project: Project) -> None:
    before = [item(1), item(2, "Zweiter – ü 🚀"), item(3, None)]
    after = json.dumps([item(1), item(2, "other text"), item(4)], indent=1, ensure_ascii=False).encode()
    project.put(before)
    project.driver.run()
    known = dict(project.store.points)
    for cut in range(len(after)):
        project.put(after[:cut])
        project.driver.run()
        assert project.store.points == known
    project.put(after)
    project.driver.run()
    assert len(project.store.rows("post")) in (4, 5)


def test_an_empty_file_says_nothing_but_an_empty_list_does(project: Project) -> None:
    project.put([item()])
    project.driver.run()
    project.put(b"")
    project.driver.run()
    assert project.presences() == {"current": 1}
    project.put([])
    project.driver.run()
    assert project.presences() == {"replaced": 1}


def test_a_file_that_stays_broken_is_reported_once(project: Project) -> None:
    project.put(b'[\n {"topic": "x",\n')
    for _ in range(3):
        project.driver.run()
    [letter] = project.driver.letters.values()
    assert (letter.file, letter.reason[:16]) == ("outputs/content_calendar.json", "no complete JSON")


def test_a_calendar_of_many_batches_is_there_whole_and_goes_on_where_it_was_cut(project: Project) -> None:
    written = Project(project.root.parent / "twin")
    for one in (project, written):
        one.put([item(number, publish_date=f"2025-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}") for number in range(1, 1201)])  # fmt: skip
    assert written.driver.run() == 2400
    with pytest.raises(Crash):
        project.driver.run(keep_points=1700)
    assert project.driver.checkpoint == {}, "nothing is dealt with before all is stored"
    project.driver.run()
    assert set(project.store.points) == set(written.store.points)
    assert project.driver.run() == 0


def test_a_calendar_that_vanishes_and_returns_changes_nothing(project: Project) -> None:
    path = project.put([item(1), item(2)])
    project.driver.run()
    known = dict(project.store.points)
    hidden = path.rename(path.with_suffix(".away"))
    project.driver.run()
    hidden.rename(path)
    project.driver.run()
    assert project.store.points == known


def test_a_calendar_not_changed_writes_nothing(project: Project) -> None:
    path = project.put([item(1), item(2)])
    assert project.driver.run() == 4
    assert project.driver.run() == 0
    os.utime(path, (LONG_AGO + 999, LONG_AGO + 999))
    assert project.driver.run() == 0


def test_only_the_changed_item_is_written_again(project: Project) -> None:
    project.put([item(1), item(2), item(3)])
    project.driver.run()
    project.put([item(1), item(2), item(3, status="scheduled")])
    assert project.driver.run() == 2


def test_a_forgotten_checkpoint_doubles_nothing(project: Project) -> None:
    project.put([item(1), item(2)])
    project.driver.run()
    project.put([item(1, status="completed"), item(2)])
    project.driver.run()
    known = dict(project.store.points)
    project.driver.checkpoint = {}
    assert project.driver.run() == 0
    assert project.store.points == known


def test_equal_items_in_one_calendar_are_as_many_posts(project: Project) -> None:
    project.put([item(1, topic="AI"), item(1, topic="AI"), item(1, topic="AI")])
    project.driver.run()
    assert len(project.store.rows("post")) == 3


def test_a_replaced_post_that_returns_is_the_same_post(project: Project) -> None:
    project.put([item(1)])
    project.driver.run()
    project.put([item(7, "other")])
    project.driver.run()
    project.put([item(1)])
    project.driver.run()
    assert project.presences() == {"current": 1, "replaced": 1}
    path = [row["to_status"] for row in project.store.rows("post_transition") if row["topic"] == "Topic 1"]
    assert path == ["draft", "replaced", "draft"]


def test_an_edit_of_a_lone_item_is_believed_when_it_says_so(project: Project) -> None:
    project.put([item(1, "first")])
    project.driver.run()
    project.put([item(1, "second", updated_at="2025-10-28T10:00:00")])
    project.driver.run()
    [post] = project.store.rows("post")
    assert post["content"] == "second"


def test_an_edit_to_nothing_leaves_no_old_numbers_behind(project: Project) -> None:
    project.put([item(1, "one #tag 🚀"), item(2)])
    project.driver.run()
    project.put([item(1, None), item(2)])
    project.driver.run()
    post = next(row for row in project.store.rows("post") if row["topic"] == "Topic 1")
    assert (post["content_state"], post["characters"], post["hashtags"], post["emoji"]) == ("null", 0, 0, 0)


@pytest.mark.parametrize(
    ("tweets", "state"),
    [
        (["good", "good"], "ok"), (["good", None, "good"], "incomplete"), (["good", " \n"], "incomplete"),
        ([None, ""], "empty"), ([None, None], "null"), (["good", FAILED, None], "partial"), ([FAILED, None], "partial"),
        ([FAILED, FAILED], "failed"), ([], "empty"),
    ],
)  # fmt: skip
def test_a_thread_failed_in_part_only_where_a_tweet_says_so(project: Project, tweets: list[Any], state: str) -> None:
    project.put([item(1, tweets, platform="twitter")], "twitter_calendar.json")
    project.driver.run()
    [post] = project.store.rows("post")
    assert post["content_state"] == state
    assert ("characters" in post) == (state in ("ok", "partial", "incomplete"))


def test_a_moved_post_leaves_its_old_day(project: Project) -> None:
    project.put([item(1)])
    project.driver.run()
    [before] = project.store.rows("post")
    project.put([item(1, publish_date="2025-12-24")])
    project.driver.run()
    [after] = project.store.rows("post")
    assert after["post_id"] == before["post_id"]
    assert after["time"] > before["time"]
    assert after["first_seen"] == before["first_seen"]


def test_the_cache_of_the_fast_generator_makes_new_posts_each_day(project: Project) -> None:
    for day in ("2025-11-02", "2025-11-03"):
        project.put([item(1, publish_date=day, generation_method="fast_parallel")], "fast_linkedin_calendar.json")
        project.driver.run()
    assert project.presences() == {"current": 1, "replaced": 1}


def test_the_edited_calendar_decides_over_its_copies(project: Project) -> None:
    project.put([item(1)], "todays_posts.json")
    project.put([item(1, status="completed")])
    project.driver.run()
    project.put([item(1, status="generated")], "todays_posts.json")
    project.driver.run()
    [post] = project.store.rows("post")
    assert (post["status"], post["file"]) == ("completed", "outputs/content_calendar.json")


def test_a_half_written_calendar_is_not_overruled_by_its_copies(project: Project) -> None:
    project.put([item(1, status="completed")])
    project.put([item(1)], "todays_posts.json")
    project.driver.run()
    project.put(b"[")
    project.put([item(1, status="generated"), item(2)], "todays_posts.json")
    project.driver.run()
    assert [post["status"] for post in project.store.rows("post") if post["topic"] == "Topic 1"] == ["completed"]


def test_other_files_are_a_warning_and_a_dead_letter_only_if_they_were_named(tmp_path: Path) -> None:
    silent = Project(tmp_path / "a")
    silent.put({"total": 3}, "my_calendar_settings.json")
    silent.driver.run()
    assert not silent.driver.letters
    assert "outputs/my_calendar_settings.json yields no posts" in silent.driver.checkpoint["warnings"][0]
    named = Project(tmp_path / "b", calendars=(tmp_path / "b" / "outputs" / "config.json",))
    named.put({"total": 3}, "config.json")
    named.driver.run()
    assert "and no items in it" in next(iter(named.driver.letters.values())).reason


def test_posts_of_other_encodings_and_with_a_byte_order_mark_are_read(project: Project) -> None:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        project.put(json.dumps([item(1, f"Über {encoding}")], ensure_ascii=False).encode(encoding))
        project.driver.run()
    assert {post["content"] for post in project.store.rows("post")} == {"Über utf-8-sig", "Über utf-16", "Über cp1252"}


def test_secrets_in_failure_texts_are_masked(project: Project) -> None:
    project.put(
        [item(1, "Error: Could not generate content for prompt: x. Details: https://h/?access_token=abcdef123")]
    )
    project.driver.run()
    [post] = project.store.rows("post")
    assert "abcdef123" not in post["content"]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "America/Sao_Paulo"])
def test_the_recorded_calendars_are_counted_as_the_truth_says(shared_data: Path, tmp_path: Path, zone: str) -> None:
    recorded = shared_data / "recorded" / "dev"
    truth = {run["step"]: run for run in json.loads((recorded / "truth.json").read_text())["runs"]}
    project = Project(tmp_path / "project")
    project.driver = Driver(CalendarsCollector(Source(project.root, zone)), project.store)
    made: Counter[str] = Counter()
    for step in sorted((recorded / "steps").iterdir()):
        for path in sorted((step / "outputs").glob("*calendar*.json")) if (step / "outputs").is_dir() else ():
            project.put(path.read_bytes(), path.name)
            project.driver.run()
            assert project.driver.run() == 0
        about = truth[int(step.name[:2])]
        if "main.py" in about.get("command", "") and about.get("generation", {}).get("batch_completed"):
            made[about["generation"]["platform"]] += about["generation"]["posts_finished"]
    posts = project.store.rows("post")
    batches = Counter(post["platform"] for post in posts if post["method"] == "batch")
    cp1252 = truth[30]["generation"]["posts_finished"]
    assert batches == {"linkedin": made["linkedin"] - cp1252, "twitter": made["twitter"]}
    assert Counter(post["method"] for post in posts) - Counter(batch=len(posts)) == {"manual": 1, "fast_parallel": 8}
    states = Counter(post["content_state"] for post in posts)
    assert (states["failed"] + states["partial"], states["null"]) == (6, 1)


def test_the_real_calendars_of_the_project_are_followed(shared_data: Path, project: Project) -> None:
    for revision in ("e818bea", "d73c08c", "8db1536", "242dbdf"):
        path = shared_data / "upstream" / f"content_calendar.{revision}.json"
        project.put(path.read_bytes())
        project.driver.run()
    assert project.presences() == {"replaced": 20, "current": 6}
    statuses = Counter(post["status"] for post in project.store.rows("post") if post["presence"] == "current")
    assert statuses == {"draft": 3, "scheduled": 1, "completed": 1, "deleted": 1}
    completed = [row for row in project.store.rows("post_transition") if row["to_status"] == "completed"]
    assert [row["from_status"] for row in completed] == ["scheduled"]


def test_the_demo_shape_and_its_copies_are_ten_posts(shared_data: Path, project: Project) -> None:
    for path in sorted((shared_data / "recorded" / "demo-shape").glob("*.json")):
        shutil.copyfile(path, project.root / "outputs" / path.name)
    project.driver.run()
    posts = project.store.rows("post")
    assert Counter(post["status"] for post in posts) == {"published": 4, "generated": 6}
    assert not project.driver.letters

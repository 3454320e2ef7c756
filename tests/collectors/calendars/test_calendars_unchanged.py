"""Calendars that did not change are left alone, and looked into as soon as somebody asks for what they hold."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.calendars.test_calendars_files import Project, item

COPY = "todays_posts.json"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def swapped(path: Path, old: str, new: str) -> None:
    """Change a file so that neither its size nor its time tell."""
    assert len(old) == len(new)
    before = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def topics(project: Project) -> dict[Any, Any]:
    """The file each post is read from, by topic."""
    return {post["topic"]: post["file"] for post in project.store.rows("post") if post["presence"] == "current"}


def test_what_has_not_changed_is_not_looked_into_again(project: Project) -> None:
    project.put([item(1)])
    copy = project.put([item(2)], COPY)
    project.driver.run()
    swapped(copy, "Topic 2", "Topic X")
    project.put([item(1, status="completed")])
    assert project.driver.run() == 2
    assert topics(project) == {"Topic 1": "outputs/content_calendar.json", "Topic 2": f"outputs/{COPY}"}


def test_a_post_that_leaves_one_calendar_is_found_in_another_that_has_not_changed(project: Project) -> None:
    project.put([item(1), item(2)])
    project.put([item(2, status="generated"), item(3)], COPY)
    project.driver.run()
    project.put([item(1)])
    project.driver.run()
    assert topics(project)["Topic 2"] == f"outputs/{COPY}"
    assert [post["status"] for post in project.store.rows("post") if post["topic"] == "Topic 2"] == ["generated"]
    known = dict(project.store.points)
    project.driver.checkpoint = {}
    assert project.driver.run() == 0, "the same as when everything is looked into"
    assert project.store.points == known


def test_a_calendar_that_changed_unseen_is_read_anew_when_it_is_asked(project: Project) -> None:
    project.put([item(1), item(2)])
    copy = project.put([item(2), item(3)], COPY)
    project.driver.run()
    swapped(copy, "Topic 2", "Topic X")
    project.put([item(1)])
    project.driver.run()
    assert topics(project).keys() == {"Topic 1", "Topic 3", "Topic X"}


def test_after_a_run_that_did_not_end_everything_is_compared(project: Project) -> None:
    project.put([item(1)])
    project.put([item(2)], COPY)
    project.driver.run()
    project.put([item(1, status="completed")])
    broken = project.driver.collector.collect(json.loads(json.dumps(project.driver.checkpoint)), project.store)
    next(broken)
    broken.close()
    [lost] = [point for point in project.store.of("post") if point.fields["topic"] == "Topic 2"]
    project.store.delete([lost])
    project.driver.run()
    assert topics(project).keys() == {"Topic 1", "Topic 2"}


def test_another_file_in_place_of_a_calendar_leaves_its_posts_as_they_were(project: Project) -> None:
    project.put([item(1)])
    project.put([item(2)], COPY)
    project.driver.run()
    project.put({"no": "calendar"}, COPY)
    project.driver.run()
    project.put([item(1, status="completed")])
    project.driver.run()
    assert topics(project) == {"Topic 1": "outputs/content_calendar.json", "Topic 2": f"outputs/{COPY}"}

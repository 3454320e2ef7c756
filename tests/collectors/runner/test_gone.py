"""A source that was read before and is gone makes runs fail, says what to do, and costs nothing when it comes back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.ai_usage.collector import AiUsageCollector
from collectors.app_log.collector import AppLogCollector
from collectors.calendars.collector import CalendarsCollector
from collectors.engagement.collector import EngagementCollector
from collectors.runner import Runner
from collectors.runner import gone as runner_gone
from collectors.runner.report import RunReport
from collectors.scheduler_state.collector import SchedulerStateCollector
from collectors.source import Source
from tests.collectors.runner.troubles import TroubledStore

LONG_AGO = 1_760_000_000
LOG = "2025-10-27 09:00:0{},000 - INFO - Starting LinkedIn post generation.\n"
EXPORT = "Date,Impressions,Likes,Post text\n2025-10-14,1234,5,A\n"
CALL = {"time": "2025-10-05T07:00:01Z", "provider": "zai", "model": "m", "input_tokens": 1, "output_tokens": 1}
QUEUE = {"queue": [], "history": []}
FILES = ("app_log", "calendars", "scheduler_state", "engagement", "ai_usage")


def item(number: int) -> dict[str, Any]:
    return {
        "post_number": number, "topic": f"Topic {number}", "platform": "linkedin", "content": "Text",
        "publish_date": "2025-10-27", "status": "draft",
    }  # fmt: skip


class Project:
    """A project's folder with a runner over it."""

    def __init__(self, place: Path, **source: Any) -> None:
        self.root, self.data, self.away = place / "project", place / "data", place / "away"
        self.store = TroubledStore()
        self._source = source
        self.put("app.log", LOG.format(1))
        self.put("outputs/content_calendar.json", json.dumps([item(1), item(2)]))
        self.put("exports/linkedin.csv", EXPORT)
        self.put("outputs/ai_usage.ndjson", json.dumps(CALL) + "\n")

    def put(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    def run(self) -> dict[str, RunReport]:
        """By a new runner each time, as `dashapp collect --once` does."""
        source = Source(self.root, "UTC", **self._source)
        makes = (
            AppLogCollector,
            CalendarsCollector,
            SchedulerStateCollector,
            EngagementCollector,
            AiUsageCollector,
        )
        runner = Runner([make(source) for make in makes], self.store, self.data)  # type: ignore[arg-type]
        return {report.name: report for report in runner.run_once()}

    def checkpoints(self) -> dict[str, str]:
        found = (self.data / "checkpoints").glob("*/*.json")
        return {path.stem: path.read_text() for path in found if not path.stem.startswith("missed-")}

    def stored(self) -> set[Any]:
        return {key for key, point in self.store.points.items() if point.measurement != "collector_run"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def outcomes(reports: dict[str, RunReport]) -> dict[str, str]:
    return {name: report.outcome for name, report in reports.items()}


def test_a_source_that_never_was_there_is_no_failure(tmp_path: Path) -> None:
    project = Project(tmp_path)
    shutil.rmtree(project.root)
    for _ in range(2):
        assert set(outcomes(project.run()).values()) == {"ok"}


def taken_away(project: Project) -> None:
    project.root.rename(project.away)


def link_left_dangling(project: Project) -> None:
    project.root.rename(project.away)
    project.root.symlink_to(project.away.with_name("nowhere"))


def disk_not_mounted(project: Project) -> None:
    project.root.rename(project.away)
    project.root.mkdir()


@pytest.mark.parametrize("vanish", [taken_away, link_left_dangling, disk_not_mounted])
def test_without_the_projects_folder_all_that_was_read_fails_and_goes_on_when_it_returns(
    project: Project, vanish: Callable[[Project], None]
) -> None:
    assert set(outcomes(project.run()).values()) == {"ok"}
    kept, stored = project.checkpoints(), dict(project.store.points)
    vanish(project)
    for _ in range(2):
        reports = project.run()
        assert outcomes(reports) == {name: "ok" if name == "scheduler_state" else "failed" for name in FILES}
        for name in ("app_log", "calendars", "engagement", "ai_usage"):
            error = reports[name].error or ""
            assert error.startswith(f"{project.root} is ") and "it was there when this was last read (20" in error
            assert error.endswith("UTC); mount it again or set DASHAPP_SOURCE_DIR")
            assert reports[name].point().fields["error"] == error
    assert project.checkpoints() == kept
    assert project.stored() == {key for key, point in stored.items() if point.measurement != "collector_run"}
    assert {post["presence"] for post in project.store.rows("post")} == {"current"}

    if project.root.is_symlink():
        project.root.unlink()
    elif project.root.exists():
        project.root.rmdir()
    project.away.rename(project.root)
    with (project.root / "app.log").open("a") as log:
        log.write(LOG.format(2))
    reports = project.run()
    assert set(outcomes(reports).values()) == {"ok"} and not any(report.error for report in reports.values())
    assert reports["calendars"].points == reports["engagement"].points == reports["ai_usage"].points == 0
    assert [row["line"] for row in project.store.rows("log_record")] == [1, 2]
    assert not list(project.data.rglob("missed-*"))


def test_a_folder_that_may_not_be_read_is_as_good_as_gone(project: Project) -> None:
    project.run()
    project.root.chmod(0)
    try:
        if os.access(project.root, os.R_OK):
            pytest.skip("root may read everything")
        reports = project.run()
    finally:
        project.root.chmod(0o755)
    assert [reports[name].outcome for name in ("app_log", "calendars", "engagement")] == ["failed"] * 3
    assert f"{project.root} can't be read (Permission denied)" in (reports["app_log"].error or "")
    assert set(outcomes(project.run()).values()) == {"ok"}


@pytest.mark.parametrize(
    ("folder", "hit"), [("outputs", {"calendars", "ai_usage"}), ("exports", {"engagement"})], ids=["outputs", "exports"]
)
def test_a_folder_inside_fails_those_who_read_from_it(project: Project, folder: str, hit: set[str]) -> None:
    project.run()
    (project.root / folder).rename(project.away)
    reports = project.run()
    assert {name for name, report in reports.items() if report.outcome == "failed"} == hit
    for name in hit:
        error = reports[name].error or ""
        assert error.startswith(f"{project.root / folder} is gone: ")
        assert error.endswith(f"put it back, or forget it: dashapp collect {name} --once --since -1d")
    project.away.rename(project.root / folder)
    assert set(outcomes(project.run()).values()) == {"ok"}


def test_what_is_left_is_read_before_the_run_fails(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "one.log", tmp_path / "b" / "two.log"
    project = Project(tmp_path, logs=(first, second))
    for path in (first, second):
        path.parent.mkdir()
        path.write_text(LOG.format(1))
    project.run()
    shutil.rmtree(first.parent)
    with second.open("a") as log:
        log.write(LOG.format(2))
    report = project.run()["app_log"]
    assert report.outcome == "failed" and (report.error or "").startswith(f"{first.parent} is gone")
    assert sorted((row["file"], row["line"]) for row in project.store.rows("log_record"))[-1] == (str(second), 2)


def later(monkeypatch: pytest.MonkeyPatch, after: timedelta) -> None:
    class Clock:
        now = runner_gone.time.time() + after.total_seconds()
        time = staticmethod(lambda: Clock.now)

    monkeypatch.setattr(runner_gone, "time", Clock)


def test_a_log_that_is_away_is_a_warning_first_and_a_failure_when_it_stays_away(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run()
    log = project.root / "app.log"
    log.unlink()
    report = project.run()["app_log"]
    assert report.outcome == "ok"
    [warning] = report.warnings
    assert warning.startswith(f"{log} is gone: it was there when this was last read")
    later(monkeypatch, timedelta(minutes=7))
    report = project.run()["app_log"]
    assert (report.outcome, report.error, report.warnings) == ("failed", warning, ())
    project.put("app.log", LOG.format(1))
    report = project.run()["app_log"]
    assert (report.outcome, report.warnings) == ("ok", ())


def test_a_rotated_log_may_wait_for_its_next_record(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.run()
    (project.root / "app.log").rename(project.root / "app.log.1")
    report = project.run()["app_log"]
    assert (report.outcome, report.warnings) == ("ok", ())
    later(monkeypatch, timedelta(days=2))
    report = project.run()["app_log"]
    assert report.outcome == "ok" and len(report.warnings) == 1
    project.put("app.log", LOG.format(2))
    assert project.run()["app_log"].warnings == ()
    assert len(project.store.rows("log_record")) == 2


def test_calendars_and_exports_may_be_put_away_but_for_the_last_calendar(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.put("outputs/twitter_calendar.json", json.dumps([item(3)]))
    project.run()
    (project.root / "outputs" / "twitter_calendar.json").unlink()
    (project.root / "exports" / "linkedin.csv").unlink()
    reports = project.run()
    assert [(reports[name].outcome, reports[name].warnings) for name in ("calendars", "engagement")] == [("ok", ())] * 2
    (project.root / "outputs" / "content_calendar.json").unlink()
    assert "outputs/" in project.run()["calendars"].warnings[0]
    later(monkeypatch, timedelta(minutes=7))
    assert project.run()["calendars"].outcome == "failed"


def test_reading_everything_again_forgets_a_file_but_not_a_project_that_is_away(project: Project) -> None:
    project.run()
    shutil.rmtree(project.root / "exports")
    since = datetime(2025, 1, 1, tzinfo=UTC)
    runner = Runner([EngagementCollector(Source(project.root, "UTC"))], project.store, project.data)  # type: ignore[arg-type]
    assert [runner.run_once()[0].outcome, runner.run_once(since=since)[0].outcome] == ["failed", "ok"]
    assert runner.run_once()[0].outcome == "ok"
    kept = project.checkpoints()["calendars"]
    shutil.rmtree(project.root)
    runner = Runner([CalendarsCollector(Source(project.root, "UTC"))], project.store, project.data)  # type: ignore[arg-type]
    assert runner.run_once(since=since)[0].outcome == "failed"
    assert project.checkpoints()["calendars"] == kept

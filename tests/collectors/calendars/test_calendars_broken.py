"""A calendar that can't be read is a run that failed, with file, line and reason; all others are read all the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from collectors.calendars.collector import CalendarsCollector
from collectors.runner import Runner
from collectors.runner.report import RunReport
from collectors.source import Source
from tests.collectors.calendars.test_calendars_files import Project, item
from tests.collectors.runner.troubles import TroubledStore

CUT = b'[\n {"topic": "x",\n'


class Ran(Project):
    """With a runner of its own for each run."""

    def run(self) -> RunReport:
        source = Source(self.root, "UTC", calendars=self.source.calendars)
        self.store = self.store if isinstance(self.store, TroubledStore) else TroubledStore()
        runner = Runner([CalendarsCollector(source)], self.store, self.root.parent / "data")  # type: ignore[arg-type]
        return runner.run_once()[0]


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    return Ran(tmp_path / "project")


def test_all_broken_calendars_are_named_and_the_others_are_stored(ran: Ran) -> None:
    ran.put([item(1), item(2)])
    ran.put([item(3)], "twitter_calendar.json")
    assert ran.run().outcome == "ok"
    ran.put(CUT)
    ran.put(b'[{"topic": "y"}\n\n\n x]', "a_calendar.json")
    ran.put([item(3), item(4)], "twitter_calendar.json")
    for report in (ran.run(), ran.run()):
        assert report.outcome == "failed"
        first, second = (report.error or "").split("; ")
        assert first.startswith("outputs/a_calendar.json, line 4: no complete JSON: ")
        assert second.startswith("outputs/content_calendar.json, line 3: no complete JSON: ")
        assert report.point().fields["error"] == report.error
        assert len(report.warnings) == 2
    assert ran.presences() == {"current": 4}, "what was in the broken one stays, the neighbours are read"
    ran.put([item(1), item(2, status="scheduled")])
    assert "content_calendar" not in (ran.run().error or "")
    (ran.root / "outputs" / "a_calendar.json").unlink()
    report = ran.run()
    assert (report.outcome, report.error, report.warnings) == ("ok", None, ())
    assert ran.presences() == {"current": 4}


def test_a_calendar_that_is_being_written_is_no_failure(ran: Ran) -> None:
    ran.put([item(1)])
    ran.run()
    path = ran.put(CUT)
    os.utime(path)
    assert ran.run().outcome == "ok"


def test_one_bad_item_is_no_failure(ran: Ran) -> None:
    ran.put([item(number) for number in range(20)] + [{"topic": "no date", "platform": "linkedin"}])
    report = ran.run()
    assert (report.outcome, report.rejected) == ("ok", 1)


def test_a_calendar_that_holds_no_items_any_more_is_a_failure_and_another_file_a_warning(ran: Ran) -> None:
    ran.put([item(1)], "own_calendar.json")
    ran.put({"total": 3}, "my_calendar_settings.json")
    report = ran.run()
    assert (report.outcome, len(report.warnings)) == ("ok", 1)
    ran.put({"total": 3}, "own_calendar.json")
    for report in (ran.run(), ran.run()):
        assert report.outcome == "failed"
        assert (report.error or "").startswith("outputs/own_calendar.json, line 1: holds ")
    assert ran.presences() == {"current": 1}


def test_a_named_file_that_is_no_calendar_is_a_failure(tmp_path: Path) -> None:
    ran = Ran(tmp_path / "project", calendars=(tmp_path / "project" / "outputs" / "config.json",))
    ran.put(json.dumps({"total": 3}).encode(), "config.json")
    assert (ran.run().error or "").startswith("outputs/config.json, line 1: ")


def test_a_calendar_that_may_not_be_read_is_a_failure(ran: Ran) -> None:
    path = ran.put([item(1)])
    ran.run()
    ran.put([item(1), item(2)])
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    assert ran.run().error == "outputs/content_calendar.json: Permission denied"

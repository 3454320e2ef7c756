"""What an older version stored at midnight of the source's zone becomes a date: once, whole, whatever breaks in between."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.calendars.collector import CalendarsCollector
from collectors.engagement.collector import EngagementCollector
from collectors.journey.collector import JourneyCollector
from collectors.recall import Known, recall
from collectors.source import Source
from collectors.time_kinds import date_of
from metricstore.point import Point, nanoseconds
from metricstore.store import Store
from tests.collectors.memory import Crash, Driver

ZONES = ("Europe/Berlin", "UTC", "Pacific/Auckland")
SECOND = 1_000_000_000
NOW = nanoseconds(datetime(2026, 11, 20, tzinfo=UTC))
NAMES = ("post", "engagement", "post_journey")


def item(number: int, day: str, **more: Any) -> dict[str, Any]:
    return {"post_number": number, "topic": f"Topic {number}", "platform": "linkedin", "content": f"Text {number}",
            "publish_date": day, "status": "draft", **more}  # fmt: skip


class Project:
    """A folder and the collectors of what has dates."""

    def __init__(self, root: Path, store: Store, zone: str) -> None:
        self.root, self.store, self.zone = root, store, ZoneInfo(zone)
        (root / "outputs").mkdir(parents=True)
        self.source = source = Source(root, zone)
        self.drivers = [Driver(collector, store) for collector in (
            CalendarsCollector(source), EngagementCollector(source), JourneyCollector(source, lambda: NOW))]  # fmt: skip

    def calendar(self, *items: dict[str, Any]) -> None:
        (self.root / "outputs" / "content_calendar.json").write_text(json.dumps(items))

    def export(self, name: str, *days: str) -> None:
        lines = [f"{day},linkedin,{number},Topic,{100 + number},5,1,0,6.0%" for number, day in enumerate(days, 1)]
        head = "Date,Platform,Post_Number,Topic,Views,Likes,Comments,Shares,Engagement_Rate"
        (self.root / name).write_text("\n".join([head, *lines]) + "\n")

    def run(self) -> None:
        self.drivers[2].collector = JourneyCollector(self.source, lambda: NOW)  # which looks at all of them at first
        for driver in self.drivers:
            driver.run()

    def rows(self, name: str) -> list[Known]:
        return recall(self.store, name)

    def grow_old(self) -> None:
        """Store and checkpoints as the version before left them."""
        for name in NAMES:
            rows = self.rows(name)
            self.store.delete([row.point for row in rows])
            self.store.write([self._old(row) for row in rows])
        calendars, engagement, journey = self.drivers
        calendars.checkpoint.pop("version")
        engagement.checkpoint["rules"] = 2
        journey.checkpoint.pop("version")
        calendars.collector, engagement.collector = CalendarsCollector(self.source), EngagementCollector(self.source)

    def _old(self, row: Known) -> Point:
        day = date_of(row)
        tags = {name: value for name, value in row.point.tags.items() if name != "time_kind"}
        fields = {name: value for name, value in row.values.items() if name not in row.point.tags}
        moment = row.time
        if day is not None:
            moment = nanoseconds(datetime.combine(day, time(), tzinfo=self.zone)) + row.time % SECOND
        return Point(row.measurement, moment, tags, fields)


def told(rows: list[Known]) -> list[Any]:
    volatile = {"first_seen"}
    return sorted((row.time, sorted((name, str(value)) for name, value in row.values.items() if name not in volatile)) for row in rows)  # fmt: skip


@pytest.fixture(params=ZONES)
def project(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Project:
    """A calendar that was replaced by another, an export that is gone, one that is there; all collected."""
    project = Project(tmp_path / "source", store, request.param)
    project.calendar(item(1, "2026-10-24"), item(2, "2026-10-25"), item(3, "2026-10-26", scheduled_time="09:30"))
    project.export("gone.csv", "2026-10-24", "2026-10-25")
    project.run()
    (project.root / "gone.csv").unlink()
    project.calendar(*(item(number, f"2026-11-{number:02d}", topic=f"New {number}", content=f"New {number}") for number in range(1, 8)))  # fmt: skip
    project.export("outputs/metrics.csv", "2026-11-01", "2026-11-02")
    project.run()
    return project


def test_points_of_an_older_version_become_dates_and_none_is_lost_or_doubled(project: Project) -> None:
    wanted = {name: told(project.rows(name)) for name in NAMES}
    assert Counter(row.text("time_kind") for row in project.rows("post")) == {"date": 9, "instant": 1}
    assert {row.text("time_kind") for row in project.rows("engagement")} == {"date"}
    project.grow_old()
    assert {row.text("time_kind") for name in NAMES for row in project.rows(name)} == {""}
    project.run()
    for name in NAMES:
        assert told(project.rows(name)) == wanted[name], name
    assert [driver.run() for driver in project.drivers] == [0, 0, 0]


@pytest.mark.parametrize("project", ["Europe/Berlin"], indirect=True)
def test_an_upgrade_that_is_broken_off_goes_on_and_ends_the_same(project: Project) -> None:
    wanted = {name: told(project.rows(name)) for name in NAMES}
    for keep in (0, 3):
        project.grow_old()
        for driver in project.drivers[:2]:
            with pytest.raises(Crash):
                driver.run(keep_points=keep)
        project.run()
        project.run()
        for name in NAMES:
            assert told(project.rows(name)) == wanted[name], (name, keep)


def test_an_item_whose_time_of_day_appears_or_goes_moves(store: Store, tmp_path: Path) -> None:
    project = Project(tmp_path / "source", store, "Europe/Berlin")
    others = [item(number, f"2026-11-{number:02d}") for number in range(2, 6)]
    seen = []
    for more in ({}, {"scheduled_time": "09:30"}, {"scheduled_time": "00:00"}, {}):
        project.calendar(item(1, "2026-11-10", **more), *others)
        project.drivers[0].run()
        rows = {row.text("post_id"): row for row in project.rows("post")}
        assert len(rows) == len(project.rows("post")) == 5
        (own,) = (row for row in rows.values() if row.text("topic") == "Topic 1")
        seen.append((own.text("post_id"), own.text("time_kind"), own.time // SECOND))
    berlin = [int(datetime(2026, 11, 10, *clock, tzinfo=project.zone).timestamp()) for clock in ((9, 30), (0, 0))]
    stored = int(datetime(2026, 11, 10, tzinfo=UTC).timestamp())
    assert [one[1:] for one in seen] == [
        ("date", stored),
        ("instant", berlin[0]),
        ("instant", berlin[1]),
        ("date", stored),
    ]
    assert len({one[0] for one in seen}) == 1, "it stays the same post"


def test_an_export_row_with_a_time_and_a_zone_is_an_instant(store: Store, tmp_path: Path) -> None:
    project = Project(tmp_path / "source", store, "Europe/Berlin")
    project.export("outputs/metrics.csv", "2026-11-10", "2026-11-10T23:30:00-05:00", "2026-11-10 08:15")
    project.drivers[1].run()
    found = {row.values["post_number"]: row for row in project.rows("engagement")}
    assert {number: date_of(row) for number, row in found.items()} == {
        1: date(2026, 11, 10),
        2: None,
        3: date(2026, 11, 10),
    }
    assert found[2].time // SECOND == int(datetime(2026, 11, 11, 4, 30, tzinfo=UTC).timestamp())

"""Networks by one name whoever spells it; posts stored by another name before move, nothing doubled, nothing lost."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from collectors.calendars.collector import CalendarsCollector
from collectors.source import Source
from metricstore.point import Point
from tests.collectors.memory import Crash, Driver, MemoryStore

SPELLED = [
    "IG",
    "Instagram Reels",
    "linkedin_page",
    "LinkedIn",
    "x (Twitter)",
    "Facebook Page",
    "LinkedIn & X",
    "Newsletter",
]
EARLIER = {
    "IG": "ig", "Instagram Reels": "instagram reels", "linkedin_page": "linkedin_page", "LinkedIn": "linkedin",
    "x (Twitter)": "x (twitter)", "Facebook Page": "facebook page", "LinkedIn & X": "linkedin & x", "Newsletter": "newsletter",
}  # fmt: skip
"""What the version before stored for each."""


class Site:
    """A calendar with an item for each spelling, and one that was replaced; collected."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "outputs").mkdir(exist_ok=True)
        self.store = MemoryStore()
        self.driver = self.fresh_driver()

    def fresh_driver(self) -> Driver:
        return Driver(CalendarsCollector(Source(self.root, "UTC")), self.store)

    def put(self, spelled: list[str], moment: int) -> None:
        items = [
            {"post_number": place, "topic": name, "content": "c", "platform": name, "publish_date": f"2026-10-{place:02d}",
             "status": "draft"}
            for place, name in enumerate(spelled, 1)
        ]  # fmt: skip
        path = self.root / "outputs" / "content_calendar.json"
        path.write_text(json.dumps(items))
        os.utime(path, (moment, moment))

    def as_before(self) -> None:
        """Store and checkpoint as the version before left them."""
        points = list(self.store.points.values())
        self.store.points.clear()
        for point in points:
            tags = {"platform": EARLIER[str(point.fields["topic"])]}
            self.store.write([Point(point.measurement, point.time, tags, point.fields)])
        self.driver.checkpoint = {"files": self.driver.checkpoint["files"]}

    def counted(self, name: str) -> Counter[str]:
        return Counter(str(row["platform"]) for row in self.store.rows(name))

    @property
    def facts(self) -> Any:
        return sorted(
            (p.measurement, p.time, tuple(sorted(p.tags.items())), str(p.fields["post_id"])) for p in self.store.points.values()
        )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = Site(tmp_path)
    found.put([*SPELLED[:-1], "IG", SPELLED[-1]], 1_790_000_000)
    found.driver.run()
    found.put([*SPELLED[:-1], SPELLED[-1]], 1_790_000_060)
    found.driver.run()
    return found


def test_what_names_no_network_or_two_stays_as_written_and_is_listed_with_its_items(site: Site) -> None:
    assert site.counted("post")["LinkedIn & X"] == 1
    listed = " ".join(site.driver.checkpoint["warnings"])
    assert "1 item is for the platform 'LinkedIn & X', which names 2 networks (linkedin, twitter)" in listed
    assert "for the platform 'Newsletter', which isn't the name of a network known here" in listed
    assert [problem.text for problem in site.driver.collector.validate()] == site.driver.checkpoint["warnings"]


@pytest.mark.parametrize("killed_after", [None, 1, 4, 9, 14, 18, 21, 25])
def test_posts_stored_under_a_made_up_network_move_and_nothing_is_doubled_or_lost(
    site: Site, killed_after: int | None
) -> None:
    wanted = site.facts
    statuses = Counter(row["presence"] for row in site.store.rows("post"))
    assert statuses["replaced"] >= 1
    site.as_before()
    assert site.counted("post")["ig"] and site.counted("post_transition")["x (twitter)"]
    before = dict(site.driver.checkpoint)
    if killed_after is not None:
        try:
            site.driver.run(keep_points=killed_after)
        except Crash:
            site.driver = site.fresh_driver()
            site.driver.checkpoint = before
    site.driver.run()
    assert site.facts == wanted
    assert Counter(row["presence"] for row in site.store.rows("post")) == statuses
    assert site.driver.run() == 0


def test_copies_that_were_taken_for_two_networks_become_one_post(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.put(["IG"], 1_790_000_000)
    copy = json.loads((tmp_path / "outputs" / "content_calendar.json").read_text())
    (tmp_path / "outputs" / "fast_calendar.json").write_text(json.dumps([{**copy[0], "platform": "instagram"}]))
    site.driver.run()
    wanted = site.facts
    assert len(wanted) == 2
    for point in list(site.store.points.values()):
        twin = {**point.fields, "post_id": "twin", "held_by": "outputs/content_calendar.json@1"}
        fields = {name: value for name, value in twin.items() if name in point.fields}
        site.store.write([Point(point.measurement, point.time - 1, {"platform": "ig"}, fields)])
    site.driver.checkpoint = {"files": site.driver.checkpoint["files"]}
    site.driver.run()
    assert [row["presence"] for row in site.store.rows("post")] == ["current"]
    assert len(site.store.rows("post_transition")) == 1


def test_two_spellings_of_an_unknown_network_keep_their_posts_apart_from_their_edits(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.put(["Blog", "BLOG"], 1_790_000_000)
    site.driver.run()
    assert site.counted("post") == {"Blog": 1, "BLOG": 1}
    site.put(["blog", "BLOG"], 1_790_000_060)
    site.driver.run()
    assert sum(site.counted("post").values()) >= 2

"""When posts are delivered: each cell is an hour on the channels' own clocks, and a click leads to just its posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from collectors.social.post import SocialPost
from metricstore.point import Point, nanoseconds
from tests.browser.conftest import serve, visiting_again
from tests.browser.visit import Site, Visit, eventually

RANGE = "start=2026-03-01&stop=2026-04-01"
MONDAY = datetime(2026, 3, 2, 9)
"""On each channel's own clock."""
CHANNELS = {"Asia/Kolkata": 12, "America/New_York": 11, "": 3}
"""Posts of that Monday's hour by the channel's time zone."""


def posts() -> list[Point]:
    def post(zone: str, number: int, local: datetime, status: str = "sent") -> Point:
        moment = nanoseconds(local.replace(tzinfo=ZoneInfo(zone or "UTC")))
        name = f"{zone}{local:%H}{number}{status}"
        found = SocialPost("buffer", "linkedin", name, zone, status, sent=moment, timezone=zone).point
        assert found is not None
        return found

    hour = [post(zone, number, MONDAY + timedelta(minutes=number))
            for zone, count in CHANNELS.items() for number in range(count)]  # fmt: skip
    later = [post("Asia/Kolkata", number, MONDAY + timedelta(hours=5)) for number in range(2)]
    return [*hour, *later, post("Asia/Kolkata", 0, MONDAY, "withdrawn")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for site in serve(Path(tmp_path_factory.mktemp("world")), timezone="Europe/Berlin"):
        site.store.write(posts())
        yield site


@pytest.fixture
def visit(chromium: Browser, world: Site, kept: list[Page]) -> Iterator[Visit]:
    with visiting_again(kept, chromium, world) as found:
        yield found


def words(visit: Visit) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(visit.words()).items() if key not in ("start", "stop")}


def click(visit: Visit, weekday: int, hour: int) -> None:
    area = visit.panel("delivery_hours").locator(".nsewdrag")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    area.click(position={"x": box["width"] * (hour + 0.5) / 24, "y": box["height"] * (weekday + 0.5) / 7}, force=True)


def test_a_cell_leads_to_just_the_posts_of_that_hour_on_their_channels_clocks(visit: Visit) -> None:
    visit.open(f"/delivery?{RANGE}")
    visit.drawn()
    panel = visit.panel("delivery_hours")
    expect(panel).to_contain_text("time zone of 3 of 28 posts; they are in no cell")
    click(visit, 0, 9)
    eventually(lambda: words(visit) == {"channel_weekday": "mon", "channel_hour": "09"})
    eventually(lambda: visit.tile("service_sent") == "23")
    chips = visit.page.locator(".chips")
    expect(chips).to_contain_text("Channel weekday: Mon")
    expect(chips).to_contain_text("Channel hour: 09")
    visit.drawn()
    expect(panel).not_to_contain_text("in no cell")
    click(visit, 0, 9)
    eventually(lambda: words(visit) == {})
    visit.page.click("[data-mark=records]")
    eventually(lambda: words(visit).get("_records") == "delivery_hours")
    expect(visit.page.locator(".drawer .pager-text")).to_contain_text("of 23")


def test_the_hours_stay_what_they_are_in_another_zone(visit: Visit) -> None:
    cells = "[...document.querySelectorAll('[data-chart=delivery_hours] .js-plotly-plot')].map((plot) => plot.data.map((one) => one.text))"
    seen = []
    for zone in ("UTC", "Asia/Tokyo"):
        visit.open(f"/delivery?start=2026-03-01T00:00Z&stop=2026-04-01T00:00Z&tz={zone}")
        visit.drawn()
        seen.append(visit.page.evaluate(cells))
    assert seen[0] == seen[1]
    assert seen[0][0][0][0][9] == "23"

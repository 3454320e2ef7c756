"""A calendar of posts: dragging over days sets the page's range to them, a click leads to a day's records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from metricstore.point import Point, nanoseconds
from tests.browser.conftest import serve, walking
from tests.browser.visit import Site, Visit, Walk, eventually

CHART = "delivery_calendar"
MONTH = "/delivery?start=2026-10-12&stop=2026-11-09"
YEAR = "/delivery?start=2026-01-01&stop=2027-01-01"
# On the wall clock of Berlin, where Sunday 25 October 2026 has 25 hours.
SENT = (
    "2026-10-23T12:00+02:00", "2026-10-24T12:00+02:00", "2026-10-24T23:59:59+02:00",
    "2026-10-25T00:00+02:00", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T23:59:59+01:00",
    "2026-10-26T00:00+01:00", "2026-10-28T09:00+01:00",
)  # fmt: skip


def posts() -> list[Point]:
    return [
        Point("social_post", nanoseconds(datetime.fromisoformat(moment)) + place,
              {"source": "buffer", "platform": "linkedin" if place % 2 else "twitter"},
              {"service_post_id": str(place), "status": "failed" if place == 1 else "sent"})
        for place, moment in enumerate(SENT)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for site in serve(Path(tmp_path_factory.mktemp("berlin")), timezone="Europe/Berlin"):
        site.store.write(posts())
        yield site


@pytest.fixture(scope="module")
def walk(chromium: Browser, berlin: Site, kept: list[Page]) -> Iterator[Walk]:
    with walking(kept, chromium, berlin) as found:
        yield found


@pytest.fixture
def calendar(walk: Walk) -> Iterator[Visit]:
    with walk() as found:
        yield found


def words(visit: Visit) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(visit.words()).items()}


def cell(visit: Visit, day: str) -> tuple[float, float]:
    """The middle of a day's cell in the window."""
    visit.panel(CHART).scroll_into_view_if_needed()
    found: Any = visit.page.evaluate(
        """([chart, day]) => {
            const plot = document.querySelector(`[data-chart=${chart}] .js-plotly-plot`);
            const grid = board.calendar(plot);
            const place = Math.round((Date.parse(day) - Date.parse(grid.first)) / 86400000);
            const [week, weekday] = [Math.floor(place / 7), place % 7];
            const [column, row] = grid.width
                ? [week % grid.width, Math.floor(week / grid.width) * 8 + 1 + weekday] : [weekday, week];
            const box = plot.querySelector(".nsewdrag").getBoundingClientRect();
            const { xaxis, yaxis } = plot._fullLayout;
            return [box.left + xaxis.d2p(column), box.top + yaxis.d2p(row)];
        }""",
        [CHART, day],
    )
    return found[0], found[1]


def drag(visit: Visit, first: str, last: str) -> None:
    mouse = visit.page.mouse
    (left, top), (right, bottom) = cell(visit, first), cell(visit, last)
    mouse.move(left - 4, top - 3)
    mouse.down()
    mouse.move((left + right) / 2, (top + bottom) / 2, steps=4)
    mouse.move(right + 4, bottom + 3, steps=4)
    mouse.up()


def test_dragging_over_days_sets_the_range_to_them_however_long_they_are(calendar: Visit) -> None:
    calendar.open(MONTH)
    assert calendar.tile("service_sent") == "8"
    drag(calendar, "2026-10-24", "2026-10-25")
    eventually(lambda: words(calendar) == {"start": "2026-10-24", "stop": "2026-10-26"})
    eventually(lambda: calendar.tile("service_sent") == "5")
    assert calendar.tile("service_failed") == "1"
    expect(calendar.page.locator(".chips")).to_contain_text("24 Oct 2026 – 25 Oct 2026")


def test_a_double_click_and_the_back_button_lead_back(calendar: Visit) -> None:
    calendar.open(MONTH)
    before = words(calendar)
    drag(calendar, "2026-10-22", "2026-10-24")
    eventually(lambda: words(calendar) == {"start": "2026-10-22", "stop": "2026-10-25"})
    calendar.drawn()
    calendar.page.mouse.dblclick(*cell(calendar, "2026-10-23"))
    eventually(lambda: words(calendar) == before)
    drag(calendar, "2026-10-22", "2026-10-24")
    eventually(lambda: words(calendar) != before)
    calendar.page.go_back()
    eventually(lambda: words(calendar) == before)
    eventually(lambda: calendar.tile("service_sent") == "8")


def test_a_box_over_several_weeks_reaches_from_its_first_day_to_its_last(calendar: Visit) -> None:
    calendar.open(MONTH)
    drag(calendar, "2026-10-14", "2026-11-01")
    eventually(lambda: words(calendar) == {"start": "2026-10-14", "stop": "2026-11-02"})


def test_dragging_within_a_year_zooms_to_its_days(calendar: Visit) -> None:
    calendar.open(YEAR)
    drag(calendar, "2026-10-19", "2026-11-01")
    eventually(lambda: words(calendar) == {"start": "2026-10-19", "stop": "2026-11-02"})
    eventually(lambda: calendar.tile("service_sent") == "8")


def test_a_click_on_a_day_leads_to_its_own_records(calendar: Visit) -> None:
    calendar.open(MONTH)
    calendar.page.mouse.click(*cell(calendar, "2026-10-25"))
    expect(calendar.page.locator(".popover-title")).to_have_text("Sun 25 Oct 2026: 4 posts")
    calendar.page.click("[data-mark=records]")
    expect(calendar.page.locator(".drawer .pager-text")).to_contain_text("of 4")


def test_days_are_chosen_by_keyboard(calendar: Visit) -> None:
    calendar.open(MONTH)
    calendar.panel(CHART).locator(".js-plotly-plot").focus()
    press = calendar.page.keyboard.press
    for key in ("Home", "Home", "ArrowDown", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        press(key)
    expect(calendar.page.locator("#announce")).to_have_text("20 Oct 2026 – 28 Oct 2026: 9 days")
    assert calendar.page.locator(".day-cursor").count() == 9
    press("Enter")
    eventually(lambda: words(calendar) == {"start": "2026-10-20", "stop": "2026-10-29"})
    calendar.drawn()
    plot = calendar.panel(CHART).locator(".js-plotly-plot")
    eventually(lambda: plot.evaluate("plot => plot.layout.meta.calendar.begin") == "2026-10-20")
    plot.focus()
    press("Home")
    press("Home")
    press("Enter")
    expect(calendar.page.locator(".popover-title")).to_have_text("Tue 20 Oct 2026: no posts")


def test_its_table_has_a_row_for_each_day_and_platform_with_its_states(calendar: Visit) -> None:
    calendar.open(MONTH + "&platform=linkedin")
    panel = calendar.panel(CHART)
    panel.locator("summary").click()
    panel.get_by_role("button", name="Show as table").click()
    row = panel.locator(".panel-table tbody tr", has_text="2026-10-24")
    expect(row.locator("td")).to_have_text(["2026-10-24", "LinkedIn", "1", "0", "1", "0", "0", "0"])
    eventually(lambda: panel.locator(".panel-table tbody tr").count() == 28)


def test_what_cells_have_no_room_for_is_left_out_on_a_phone(calendar: Visit) -> None:
    visit = calendar
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.open(MONTH)
    shown = visit.page.evaluate(
        f"document.querySelector('[data-chart={CHART}] .js-plotly-plot').data.filter((t) => t.visible !== false).map((t) => t.name)"
    )
    assert "counts" in shown and "groups" not in shown
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390

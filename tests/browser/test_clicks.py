"""Every mark, legend entry and cell can be clicked, whatever its value is, and the whole page follows."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from layouts.value_names import name_of
from tests.browser.conftest import serve, visiting_again
from tests.browser.scene import History
from tests.browser.visit import Site, Visit, eventually

PLOT = "document.querySelector('[data-chart={}] .js-plotly-plot')"


@pytest.fixture
def own_site(own_site: Site) -> Site:
    """One whose newest post names no platform."""
    found = History()
    found.post(datetime.now(UTC), "", "Nobody said where", 77)
    own_site.store.write(found.points)
    return own_site


def words(visit: Visit) -> dict[str, str]:
    """The query string's words."""
    return {key: values[0] for key, values in parse_qs(visit.words()).items()}


def point(visit: Visit, chart: str, trace: str, place: int) -> dict[str, Any]:
    """Where a point of a trace is in the window, and its custom data."""
    visit.panel(chart).scroll_into_view_if_needed()
    found: dict[str, Any] = visit.page.evaluate(
        f"""([trace, place]) => {{
            const plot = {PLOT.format(chart)};
            const own = plot.data.find((one) => one.name === trace);
            const box = plot.querySelector(".nsewdrag").getBoundingClientRect();
            const {{ xaxis, yaxis }} = plot._fullLayout;
            return {{ x: box.left + xaxis.d2p(own.x[place]), y: box.top + yaxis.d2p(own.y[place]),
                     custom: own.customdata[place] }};
        }}""",
        [trace, place],
    )
    return found


def click_cell(visit: Visit, weekday: int, hour: int, **options: Any) -> None:
    heatmap = visit.panel("generation_hours")
    heatmap.scroll_into_view_if_needed()
    area = heatmap.locator(".nsewdrag").bounding_box()
    x, y = area["width"] * (hour + 0.5) / 24, area["height"] * (weekday + 0.5) / 7
    heatmap.locator(".nsewdrag").click(position={"x": x, "y": y}, force=True, **options)


def test_more_cells_of_the_week_are_added_with_shift(visit: Visit) -> None:
    visit.open("/generation?weekday=mon&hour=10")
    eventually(lambda: visit.tile("generations") in ("5", "10"))
    one = int(visit.tile("generations"))
    visit.page.evaluate("board.toggleAll({weekday: 'tue', hour: '10'}, true)")
    eventually(lambda: words(visit) == {"weekday": "mon,tue", "hour": "10"})
    eventually(lambda: int(visit.tile("generations")) > one)
    expect(visit.page.locator(".chips")).to_contain_text("Weekday: Mon or Tue")


def test_a_cell_leads_to_its_own_records_and_numbers(visit: Visit) -> None:
    visit.open("/generation")
    weekday = datetime.now(UTC).weekday()  # within ten days every weekday occurs
    click_cell(visit, weekday, 10)
    eventually(lambda: words(visit).get("hour") == "10")
    eventually(lambda: visit.tile("generations") in ("5", "10"))
    own = visit.tile("generations")
    visit.drawn()
    panel = visit.panel("generations_by_platform_trend")
    expect(panel.locator(".panel-remark")).not_to_contain_text("Not filtered")
    address = panel.locator('a.menu-item[href^="/api/"]').get_attribute("href")
    assert address is not None and "tz=UTC" in address
    answer = visit.page.request.get(visit.site.url + address.replace("every=auto", "every=none")).json()
    assert sum(row["value"] for row in answer["data"]) == int(own)
    click_cell(visit, weekday, 10)
    eventually(lambda: words(visit) == {})
    visit.page.click("[data-mark=records]")
    eventually(lambda: words(visit).get("hour") == "10" and words(visit).get("_records") == "generation_hours")
    expect(visit.page.locator(".drawer .pager-text")).to_contain_text(f"of {own}")


def test_the_popover_stays_at_its_mark_when_the_chart_moves(visit: Visit) -> None:
    visit.open("/generation")
    click_cell(visit, 6, 10)
    popover = visit.page.locator("#mark-popover")
    expect(popover).to_be_visible()
    visit.drawn()
    apart = _below(visit)
    visit.page.evaluate("document.documentElement.style.overflowAnchor = 'none'")
    visit.page.evaluate("document.querySelector('.page').style.paddingTop = '50px'")
    eventually(lambda: _below(visit) == apart)
    visit.page.evaluate("window.scrollTo(0, 0)")
    expect(popover).to_be_hidden()


def _below(visit: Visit) -> int:
    """How far the popover stands from the top of its chart, in pixels."""
    found: int = visit.page.evaluate(
        """() => Math.round(document.getElementById("mark-popover").getBoundingClientRect().top
           - document.querySelector("[data-chart=generation_hours]").getBoundingClientRect().top)"""
    )
    return found


def test_an_excluded_hour_is_a_chip_like_any_other(visit: Visit) -> None:
    visit.open("/?hour=!10&weekday=!sat,!sun")
    eventually(lambda: visit.tile("generations") == "0")
    expect(visit.page.locator(".chips")).to_contain_text("Hour: not 10")
    expect(visit.page.locator(".chips")).to_contain_text("Weekday: not Sat nor Sun")
    expect(visit.panel("generations_by_outcome").get_by_role("button", name="Without “Hour: not 10”")).to_be_visible()


def test_a_dotted_line_opens_the_records_of_the_time_it_is_about(visit: Visit) -> None:
    visit.open("/?start=-5d&compare=previous&every=1d")
    mark = point(visit, "generations_by_outcome", "before", 2)
    visit.page.mouse.click(mark["x"], mark["y"])
    title = visit.page.locator(".popover-title")
    expect(title).to_contain_text("before")
    expect(title).to_contain_text(mark["custom"][1][:10])
    assert "outcome" not in words(visit)
    visit.page.click("[data-mark=records]")
    eventually(lambda: words(visit).get("_at") == "~".join(mark["custom"][1:3]))
    rows = visit.page.locator(".drawer tbody tr[data-go]")
    expect(rows.first).to_be_visible(timeout=20_000)
    assert rows.count() == 5
    expect(rows.first).to_contain_text(mark["custom"][1][:10])


def test_a_dotted_line_of_a_series_filters_by_its_value(visit: Visit) -> None:
    visit.open("/generation?start=-5d&compare=previous&every=1d")
    mark = point(visit, "generation_success_trend", "LinkedIn, before", 2)
    visit.page.mouse.click(mark["x"], mark["y"])
    eventually(lambda: words(visit).get("platform") in ("linkedin", "twitter"))


def test_what_is_not_given_is_chosen_in_legend_bar_and_table(own_visit: Visit) -> None:
    visit = own_visit
    visit.open("/")
    legend = visit.panel("posts_by_publish_date").locator(".legend .traces", has_text="not given")
    legend.locator(".legendtoggle").click(force=True)
    eventually(lambda: words(visit) == {"platform": '""'})
    visit.asked_for_news()  # no control takes away what it has no option for
    assert words(visit) == {"platform": '""'}
    expect(visit.page.locator(".chips")).to_contain_text("Platform: not given")
    visit.open("/content")
    visit.page.locator("[data-table=posts] tbody").get_by_title("Filter by not given").first.click()
    eventually(lambda: words(visit) == {"platform": '""'})
    visit.open("/content?start=-30d")
    bar = visit.panel("posts_per_prompt_type").locator(".point path")
    eventually(lambda: bar.count() == 1)
    bar.first.click(force=True)
    eventually(lambda: words(visit) == {"start": "-30d", "prompt_type": '""'})
    visit.drawn()
    expect(visit.panel("posts_per_prompt_type")).to_have_class("panel is-ok")


def test_literal_signs_stay_values_in_the_explorers_menus(own_visit: Visit) -> None:
    visit = own_visit
    found = History()
    found.log(datetime.now(UTC), "Something loud", event="!important")
    visit.site.store.write(found.points)
    visit.open("/events")
    visit.page.evaluate("board.toggle('event', '!important')")
    eventually(lambda: visit.tile("log_records") == "1")
    visit.asked_for_news()
    assert visit.page.evaluate("board.words(location.search).event") == r"\\!important"
    expect(visit.page.locator(".chips")).to_contain_text("Event: !important")


@pytest.mark.parametrize("word", ["event=scheduling_error", 'event=""', "event=gone", "level=ERROR", "status=odd"])
def test_a_link_keeps_what_its_menus_do_not_offer(visit: Visit, word: str) -> None:
    column, value = word.split("=")
    visit.open(f"/events?{word}")
    shown = name_of(value.strip('"'), column)
    expect(visit.page.locator(".control", has_text=column.capitalize()).last).to_contain_text(shown)
    visit.asked_for_news()
    assert words(visit) == {column: value}


def test_utc_can_be_chosen_where_another_zone_is_the_default(
    chromium: Browser, kept: list[Page], tmp_path: Path
) -> None:
    with (
        contextmanager(serve)(tmp_path, timezone="Asia/Kolkata") as site,
        visiting_again(kept, chromium, site) as visit,
    ):
        visit.open("/generation")
        click_cell(visit, datetime.now(UTC).weekday(), 15)  # half past three in Kolkata
        eventually(lambda: words(visit).get("hour") == "15")
        eventually(lambda: int(visit.tile("generations")) in (5, 10))
        visit.open("/generation?hour=10&tz=UTC")
        assert visit.tile("generations") == "50"
        expect(visit.page.locator(".chips")).to_contain_text("UTC")
        href = visit.panel("generation_success_trend").locator('a.menu-item[href^="/api/"]').get_attribute("href")
        assert href is not None and "tz=UTC" in href
        visit.page.get_by_role("button", name="Remove filter UTC").click()
        eventually(lambda: words(visit) == {"hour": "10"})
        eventually(lambda: visit.tile("generations") == "0")

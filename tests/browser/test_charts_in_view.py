"""Charts are asked for when they come into view, and what a gone network kept from being answered is asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, Route, expect

from layouts import ids
from layouts.pages import charts_of
from tests.browser.visit import Visit, eventually

LONG, PATH = "engagement", "/engagement?start=-7d"
SHORT, SHORT_PATH = "generation", "/generation?start=-7d"


@pytest.fixture
def asked(visit: Visit) -> Iterator[list[str]]:
    """Charts in the order in which the server was asked for them."""
    found: list[str] = []

    def note(request: Request) -> None:
        if "_dash-update-component" in request.url and '"chart-answer' in (request.post_data or ""):
            found.append(json.loads(request.post_data or "")["outputs"]["id"]["chart"])

    visit.page.on("request", note)
    yield found
    visit.page.remove_listener("request", note)


def shown(page: Page) -> list[str]:
    """Charts of which a part is in the window."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.panel[data-chart]')].filter((panel) => {
            const box = panel.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight;
        }).map((panel) => panel.dataset.chart)"""
    )
    return found


def settled(page: Page, asked: list[str]) -> bool:
    """Charts near the window are drawn, and no other was asked for meanwhile."""
    before = len(asked)
    page.wait_for_timeout(300)
    return before == len(asked) > 0 and page.locator(".panel[data-busy]").count() == 0


def test_charts_far_below_are_asked_for_when_they_come_near(visit: Visit, asked: list[str]) -> None:
    page = visit.page
    page.goto(visit.site.url + PATH)
    everything = [chart.id for chart in charts_of(LONG)]
    eventually(lambda: settled(page, asked) and bool(shown(page)))
    assert set(shown(page)) <= set(asked)
    assert asked[0] == shown(page)[0]
    assert len(asked) < len(everything) / 2
    last = page.locator(".panel[data-chart]").last
    name = last.get_attribute("data-chart")
    expect(visit.panel(str(name))).to_have_class("panel is-loading")
    last.scroll_into_view_if_needed()
    expect(last).not_to_have_class("panel is-loading")
    assert name in asked


def test_tables_below_the_window_are_asked_for_when_they_come_near(visit: Visit, asked: list[str]) -> None:
    page = visit.page
    tables: list[str] = []

    def note(request: Request) -> None:
        if '"table-body' in (request.post_data or ""):
            tables.append(request.url)

    page.on("request", note)
    page.goto(visit.site.url + SHORT_PATH)
    eventually(lambda: settled(page, asked))
    assert tables == []
    table = page.locator("[data-table]").last
    table.scroll_into_view_if_needed()
    expect(table.locator("tbody .skeleton")).to_have_count(0)
    expect(table.locator("tbody tr").first).to_be_visible()
    page.remove_listener("request", note)
    assert len(tables) == 1


def test_a_chart_that_a_link_points_at_is_asked_for_first(visit: Visit, asked: list[str]) -> None:
    last = charts_of(SHORT)[-1].id
    visit.page.goto(f"{visit.site.url}{SHORT_PATH}#{last}")
    expect(visit.panel(last)).not_to_have_class("panel is-loading")
    assert asked[0] == last
    eventually(lambda: last in shown(visit.page))


def test_before_printing_all_charts_are_asked_for(visit: Visit, asked: list[str]) -> None:
    visit.page.goto(visit.site.url + SHORT_PATH)
    eventually(lambda: settled(visit.page, asked))
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(visit.page.locator(".panel.is-loading")).to_have_count(0)
    assert {chart.id for chart in charts_of(SHORT)} == set(asked)


def test_what_was_chosen_without_a_network_is_asked_when_it_is_back(visit: Visit) -> None:
    page = visit.page
    visit.open("/?start=-7d")
    tiles, panels = page.locator(".tiles"), page.locator(".panel[data-chart][data-busy]")
    before = visit.tile("generations")
    page.context.set_offline(True)
    page.evaluate("board.go({ platform: 'linkedin' })")
    expect(tiles).to_have_attribute("data-busy", "true")
    expect(page.locator(f"#{ids.BRIEFING}")).to_have_attribute("data-busy", "true")
    expect(page.locator("html")).to_have_attribute("data-unreachable", "")
    assert visit.tile("generations") == before
    assert panels.count() == page.locator(".panel[data-chart]").count()
    page.context.set_offline(False)
    expect(tiles).not_to_have_attribute("data-busy", "true")
    expect(page.locator(f"#{ids.BRIEFING}")).not_to_have_attribute("data-busy", "true")
    expect(panels).to_have_count(0)
    assert visit.tile("generations") != before
    visit.complaints.clear()  # the browser's own about the network


def test_a_page_that_was_gone_to_without_a_network_comes_when_it_is_back(visit: Visit) -> None:
    page = visit.page
    visit.open("/?start=-7d")
    page.context.set_offline(True)
    page.get_by_role("link", name="Generation", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-unreachable", "")
    page.context.set_offline(False)
    expect(visit.panel("generations_per_platform").first).to_be_visible()
    expect(page.locator('.panel[data-chart="generation_success_trend"]')).to_be_visible()
    visit.complaints.clear()


def answered(page: Page, part: str, status: int) -> list[Request]:
    """Requests for a part, each answered with `status`; until `page.unroute_all` is called."""
    found: list[Request] = []

    def handle(route: Route) -> None:
        if f'"outputs":[{{"id":{{"page":"overview","type":"{part}"}}' in (route.request.post_data or "").replace(
            " ", ""
        ):
            found.append(route.request)
            route.fulfill(status=status, body="")
        else:
            route.continue_()

    page.route("**/_dash-update-component*", handle)
    return found


def test_what_alone_stays_unanswered_is_asked_ever_less_often_and_takes_nothing_with_it(
    visit: Visit, asked: list[str]
) -> None:
    page = visit.page
    tried = answered(page, "tiles", 503)
    visit.open("/?start=-7d")
    first = len(asked)
    page.wait_for_timeout(7_000)  # the live pulse is answered three times meanwhile
    assert len(asked) == first, "charts are not asked for again"
    assert 2 <= len(tried) <= 5
    page.unroute_all(behavior="wait")
    assert float(visit.tile("generations").replace(",", "")) > 0
    visit.complaints.clear()


def test_an_error_leaves_the_mark_on_what_is_older(visit: Visit) -> None:
    page = visit.page
    visit.open("/?start=-7d")
    answered(page, "tiles", 500)
    page.evaluate("board.go({ platform: 'linkedin' })")
    expect(page.locator(f"#{ids.BRIEFING}")).to_have_attribute("aria-busy", "false")
    visit.page.wait_for_timeout(200)
    expect(page.locator(".tiles")).to_have_attribute("data-busy", "true")
    page.unroute_all(behavior="wait")
    visit.complaints.clear()

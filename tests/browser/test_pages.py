"""What people do on the pages, done in a real browser."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from playwright.sync_api import Browser, Request, expect

from layouts.pages import charts_of
from tests.browser.conftest import held, log_in, visit_site
from tests.browser.scene import History
from tests.browser.visit import Site, Visit, eventually


def test_the_filter_bar_changes_the_url_and_every_number(visit: Visit) -> None:
    visit.open()
    assert visit.tile("generations") == "50"
    visit.page.locator("#platform").click()
    visit.page.locator(".dash-dropdown-option", has_text="LinkedIn").click()
    eventually(lambda: "platform=linkedin" in visit.words())
    eventually(lambda: visit.tile("generations") == "30")
    visit.page.keyboard.press("Escape")
    visit.page.locator(".chip-remove").click()
    eventually(lambda: visit.tile("generations") == "50")
    assert visit.words() == ""


def test_a_preset_and_a_custom_range_are_in_the_link(visit: Visit) -> None:
    visit.open()
    visit.page.locator("[data-menu=range] > summary").click()
    visit.page.get_by_role("button", name="Last 7 days").click()
    eventually(lambda: visit.words() == "start=-7d")
    visit.page.locator("[data-menu=range] > summary").click()
    visit.page.fill("#range-from", "2026-01-01T00:00")
    visit.page.fill("#range-to", "2026-02-01T00:00")
    visit.page.get_by_role("button", name="Apply").click()
    eventually(lambda: visit.words() == "start=2026-01-01T00:00&stop=2026-02-01T00:00")
    visit.drawn()
    expect(visit.panel("generations_by_outcome")).to_contain_text("No finished posts and threads in this range")


def test_a_click_on_a_bar_filters_all_charts_and_a_second_click_undoes_it(visit: Visit) -> None:
    visit.open()
    bars = visit.panel("generations_per_platform").locator(".point path")
    eventually(lambda: bars.count() == 2)
    bars.last.click(force=True)
    eventually(lambda: visit.words() in ("platform=linkedin", "platform=twitter"))
    visit.drawn()
    eventually(lambda: visit.panel("posts_by_publish_date").locator(".trace.bars").count() == 1)

    def undone() -> bool:
        # A chart that is drawn anew just now takes no click: like a person, click again.
        bars.first.click(force=True)
        visit.drawn()
        return visit.words() == ""

    eventually(undone)


def test_a_legend_entry_filters_instead_of_hiding(visit: Visit) -> None:
    visit.open()
    visit.panel("generations_by_outcome").locator(".legendtoggle").first.click(force=True)
    eventually(lambda: "outcome=" in visit.words())


def test_a_cell_of_the_week_filters_the_page_by_weekday_and_hour(visit: Visit) -> None:
    visit.open("/generation?tz=UTC")
    heatmap = visit.panel("generation_hours")
    heatmap.scroll_into_view_if_needed()
    area = heatmap.locator(".nsewdrag").bounding_box()
    assert area is not None
    # Everything in the scene happened at ten o'clock.
    visit.page.mouse.click(area["x"] + area["width"] * 10.5 / 24, area["y"] + area["height"] * 0.5 / 7)
    eventually(lambda: visit.words().replace("tz=UTC&", "") in ("hour=10&weekday=mon", "hour=10&tz=UTC&weekday=mon"))
    visit.drawn()
    chips = visit.page.locator(".chips")
    expect(chips).to_contain_text("Weekday: Mon")
    expect(chips).to_contain_text("Hour: 10")
    eventually(lambda: visit.tile("generations") != "50")
    mondays = int(visit.tile("generations"))
    assert mondays in (5, 10)
    chips.get_by_role("button", name="Remove filter Weekday: Mon").click()
    eventually(lambda: visit.tile("generations") == "50")


def test_a_mistaken_filter_is_named_in_a_chip_and_the_page_goes_on(visit: Visit) -> None:
    visit.open("/generation?platfrom=linkedin&platform=&outcome=OK,faild")
    chips = visit.page.locator(".chips")
    expect(chips).to_contain_text("unknown filter 'platfrom'; did you mean 'platform'?")
    expect(chips).to_contain_text("platform: has no value")
    expect(chips).to_contain_text("'faild' isn't a known value; did you mean 'failed'?")
    expect(chips).to_contain_text("Outcome: ok")
    eventually(lambda: visit.tile("generations") == "40")
    chips.get_by_role("button", name="Remove platfrom").click()
    expect(chips).not_to_contain_text("platfrom")


def test_what_is_not_given_can_be_clicked_like_any_value(visit: Visit) -> None:
    visit.open("/generation")
    visit.page.evaluate("board.toggle('outcome_reason', '')")
    eventually(lambda: visit.tile("generations") == "40")
    expect(visit.page.locator(".chips")).to_contain_text("Reason: not given")
    visit.page.evaluate("board.toggle('outcome_reason', '')")
    eventually(lambda: visit.words() == "")


def test_a_value_that_looks_like_an_operator_is_meant_literally(visit: Visit) -> None:
    visit.open()
    for value in ("!important", "~about", ">=5", "\\back,slash", '""', "a,b"):
        visit.page.evaluate("(value) => board.toggle('topic', value)", value)
        expect(visit.page.locator(".chip")).to_contain_text(f"Topic: {value}")
        visit.page.evaluate("(value) => board.toggle('topic', value)", value)
        eventually(lambda: visit.words() == "")
        visit.drawn()


def test_a_mark_of_the_period_before_leads_to_its_own_records(visit: Visit) -> None:
    visit.open("/?start=-5d&compare=previous&every=1d")
    mark = visit.page.evaluate(
        """() => {
            const plot = document.querySelector('[data-chart=generations_by_outcome] .js-plotly-plot');
            return plot.data.at(-1).customdata.filter((one) => one[1])[2];
        }"""
    )
    assert mark[0] is None
    visit.page.evaluate("([at]) => board.go({_records: 'generations_by_outcome', _at: at})", [f"{mark[1]}~{mark[2]}"])
    expect(visit.page.locator(".drawer tbody tr[data-go]").first).to_be_visible(timeout=20_000)


def test_dragging_over_a_time_axis_sets_the_range_and_a_double_click_goes_back(visit: Visit) -> None:
    visit.open()
    visit.panel("generations_by_outcome").scroll_into_view_if_needed()
    area = visit.panel("generations_by_outcome").locator(".nsewdrag").bounding_box()
    assert area is not None
    mouse = visit.page.mouse
    mouse.move(area["x"] + area["width"] * 0.6, area["y"] + 60)
    mouse.down()
    mouse.move(area["x"] + area["width"] * 0.9, area["y"] + 62, steps=6)
    mouse.up()
    eventually(lambda: "start=20" in visit.words() and "stop=20" in visit.words())
    visit.drawn()
    visit.panel("generations_by_outcome").scroll_into_view_if_needed()  # the chips moved it down
    area = visit.panel("generations_by_outcome").locator(".nsewdrag").bounding_box()
    assert area is not None
    mouse.dblclick(area["x"] + 6, area["y"] + 20)
    eventually(lambda: visit.words() == "")


def test_from_a_mark_to_its_records_to_the_line_in_the_log(visit: Visit) -> None:
    visit.open("/?outcome=failed")
    visit.panel("generations_per_platform").locator(".point path").first.click(force=True)
    visit.page.click("[data-mark=records]")
    row = visit.page.locator(".drawer tbody tr[data-go]").first
    expect(row).to_contain_text("failed")
    row.locator("td").first.click()
    own = visit.page.locator(".log-line.own")
    expect(own).to_contain_text("Generated post 3/3")
    expect(visit.page.locator(".log-lines")).to_contain_text("500 Server Error")
    link = visit.page.url
    visit.page.goto("about:blank")
    visit.page.goto(link)
    expect(visit.page.locator(".log-line.own")).to_contain_text("Generated post 3/3")
    visit.page.keyboard.press("Escape")
    eventually(lambda: "_record" not in visit.words() and "outcome=failed" in visit.words())


def test_the_back_button_undoes_one_step_at_a_time(visit: Visit) -> None:
    visit.open("/?start=-7d")
    visit.page.locator("nav").get_by_text("Generation", exact=True).click()
    eventually(lambda: visit.page.evaluate("location.pathname + location.search") == "/generation?start=-7d")
    visit.drawn()
    visit.page.evaluate("board.go({platform: 'twitter'})")
    eventually(lambda: visit.page.locator(".chip", has_text="X").count() == 1)
    visit.page.go_back()
    eventually(lambda: visit.page.locator(".chip", has_text="Platform").count() == 0)
    # One step at a time: Dash complains in the console of a page that is left before its tables have asked.
    visit.drawn()
    visit.page.go_back()
    eventually(lambda: visit.panel("posts_by_status").count() == 1)
    assert visit.words() == "start=-7d"


def test_a_link_shows_a_colleague_the_same_view(visit: Visit) -> None:
    visit.open("/?platform=twitter&compare=previous&tz=Asia/Kolkata&utm_source=wiki")
    assert visit.tile("generations") == "20"
    chips = visit.page.locator(".chips")
    expect(chips).to_contain_text("Platform: X")
    expect(chips).to_contain_text("Asia/Kolkata")
    expect(chips).not_to_contain_text("wiki")
    expect(visit.page.locator("#zone")).to_contain_text("Asia/Kolkata")


def test_a_bad_link_says_what_is_wrong_and_offers_a_way_out(visit: Visit) -> None:
    visit.open("/?start=nonsense")
    expect(visit.page.locator(".chip.wrong")).to_contain_text("nonsense")
    visit.page.locator(".chip.wrong").get_by_role("button", name="Reset").click()
    eventually(lambda: visit.tile("generations") == "50")


def test_the_same_numbers_stand_in_a_table(visit: Visit) -> None:
    visit.open()
    panel = visit.panel("generations_per_platform")
    panel.locator(".panel-menu summary").click()
    panel.get_by_role("button", name="Show as table").click()
    expect(panel.locator("table tbody tr").first).to_have_text(re.compile("LinkedIn.*30", re.DOTALL))
    panel.locator("table").get_by_role("button", name="LinkedIn").click()
    eventually(lambda: visit.words() == "platform=linkedin")


def test_the_log_explorer_searches_sorts_and_pages_on_the_server(visit: Visit) -> None:
    visit.open("/events")
    table = visit.page.locator("[data-table=log_records]")
    expect(table.locator(".pager-text")).to_have_text("1–25 of 60")
    table.get_by_role("button", name="Next").click()
    expect(table.locator(".pager-text")).to_have_text("26–50 of 60")
    table.get_by_role("button", name="Line").click()
    expect(table.locator("tbody tr").first).to_contain_text("app.log")
    expect(table.locator("th[data-column=line]")).to_have_attribute("aria-sort", "ascending")
    visit.page.locator("input[type=search]").fill("item of day 3")
    eventually(lambda: "message=" in visit.words())
    expect(table.locator(".pager-text")).to_have_text("1–1 of 1")
    table.get_by_role("button", name="ERROR", exact=True).click()
    eventually(lambda: "level=ERROR" in visit.words())


def test_a_new_line_is_on_the_page_within_three_seconds(own_visit: Visit) -> None:
    visit = own_visit
    visit.open("/events")
    assert visit.tile("errors") == "10"
    visit.asked_for_news()
    late = History()
    late.line = 500
    late.log(datetime.now(UTC), "Error posting something new", "ERROR", "scheduling_error")
    visit.site.store.write(late.points)
    eventually(lambda: visit.tile("errors") == "11", seconds=10)
    expect(visit.page.locator("[data-table=log_records] tbody")).to_contain_text("something new")


def test_a_refresh_asks_only_for_what_changed(own_visit: Visit) -> None:
    visit = own_visit
    visit.open("/")
    visit.asked_for_news()
    asked: list[str] = []

    def note(sent: Request) -> None:
        if "update-component" in sent.url:
            asked.append(sent.post_data or "")

    visit.page.on("request", note)
    late = History()
    late.post(datetime.now(UTC), "linkedin", "Something new", 99)
    with visit.page.expect_request(lambda sent: '"chart":"posts_by_status"' in (sent.post_data or "")):
        visit.site.store.write(late.points)
    visit.asked_for_news()
    visit.page.remove_listener("request", note)
    drawn = [chart.id for chart in charts_of("overview") if any(f'"chart":"{chart.id}"' in body for body in asked)]
    assert sorted(drawn) == ["posts_by_publish_date", "posts_by_status"]


def test_a_refresh_keeps_the_hidden_legend_entries_and_the_height(own_visit: Visit) -> None:
    visit = own_visit
    visit.open("/")
    before = visit.panel("posts_by_publish_date").bounding_box()["height"]
    late = History()
    late.post(datetime.now(UTC), "twitter", "Something new", 98)
    with visit.page.expect_request(lambda sent: '"chart":"posts_by_publish_date"' in (sent.post_data or "")):
        visit.site.store.write(late.points)
    visit.drawn()
    assert visit.panel("posts_by_publish_date").bounding_box()["height"] == before


def test_an_ended_session_leads_to_the_login_and_back_to_the_same_view(visit: Visit) -> None:
    visit.open("/generation?platform=twitter")
    with held(visit.page, "**/_dash-update-component*"):  # else a question for news may lead to the login before
        visit.page.context.clear_cookies()
        visit.page.evaluate("board.go({start: '-7d'})")
    _logs_in_again(visit, "**/generation?platform=twitter&start=-7d")


def test_a_filter_chosen_while_the_login_page_is_on_its_way_is_kept(visit: Visit) -> None:
    visit.open("/generation?platform=twitter")
    visit.page.evaluate(
        "navigation.addEventListener('navigate', () => setTimeout(() => board.go({start: '-30d'})), {once: true})"
    )
    visit.page.route("**/login?*", lambda route: (time.sleep(1), route.continue_()))
    visit.page.context.clear_cookies()  # the next question for news leads to the login
    _logs_in_again(visit, "**/generation?platform=twitter&start=-30d")


def _logs_in_again(visit: Visit, view: str) -> None:
    visit.page.wait_for_selector("[name=password]")
    log_in(visit.page)
    visit.page.wait_for_url(view)
    visit.drawn()
    visit.complaints.clear()  # the browser's own about what was refused meanwhile


def test_two_viewers_never_see_each_others_filters(chromium: Browser, visit: Visit) -> None:
    ada, bob = visit, visit_site(chromium, visit.site)
    ada.open("/?platform=twitter")
    bob.open("/?platform=linkedin")
    assert (ada.tile("generations"), bob.tile("generations")) == ("20", "30")
    bob.page.context.close()


def test_the_theme_is_remembered_and_charts_follow(visit: Visit) -> None:
    visit.open()
    root = visit.page.locator("html")
    visit.page.click("#theme-button")
    visit.page.click("#theme-button")
    expect(root).to_have_attribute("data-theme", "dark")
    visit.page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    visit.drawn()


def test_the_first_load_of_the_overview_is_light(chromium: Browser, site: Site) -> None:
    page = visit_site(chromium, site).page
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(site.url)
    eventually(lambda: page.locator(".panel.is-ok").count() >= 4)
    page.evaluate("board.allCharts()")
    eventually(lambda: page.locator(".panel.is-loading").count() == 0)
    assert sum(sizes) < 1_000_000
    page.context.close()

"""A screen on a wall: pages turn by themselves, stay current, and never end at a login page without a word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, ViewportSize, expect

from dashapp.accounts import logins
from tests.browser.conftest import visit_site
from tests.browser.scene import History
from tests.browser.visit import Site, Visit, eventually

TALL: ViewportSize = {"width": 1366, "height": 6000}
"""Each page is one screen."""


def test_pages_turn_show_what_is_new_and_are_left_by_escape(own_visit: Visit) -> None:
    visit, page, own_site = own_visit, own_visit.page, own_visit.site
    page.set_viewport_size(TALL)
    page.goto(f"{own_site.url}/journey?kiosk=generation,delivery,nowhere&kiosk_every=1s&platform=linkedin,nobody")
    expect(page).to_have_url(re.compile("/generation[?]"))
    tiles = page.locator('.page-generation .tile[data-metric="generations"] .tile-value')
    expect(tiles).to_have_text("30")
    for part in (".nav", ".filters", ".user-menu", ".page-actions", ".chip-remove"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator("#kiosk-chips .chip")).to_have_text(
        re.compile('^There is no page "nowhere". Pages: overview, generation, ')
    )
    expect(page.locator("#chips .chip.wrong")).to_contain_text("'nobody' isn't a known value")
    line = page.locator("#kiosk-line")
    expect(line).to_have_text(re.compile("UTC · Platform: LinkedIn · page [12] of 2 · Esc ends$"))
    length = page.evaluate("history.length")
    expect(page).to_have_url(re.compile("/delivery[?]"))
    more = History()
    more.generation(datetime.now(UTC) - timedelta(minutes=5), "linkedin", "ok", "New", 1)
    own_site.store.write(more.points)
    expect(page).to_have_url(re.compile("/generation[?]"))
    expect(tiles).to_have_text("31")
    page.keyboard.press("Space")
    expect(line).to_contain_text("paused")
    other = {"/generation": "/delivery", "/delivery": "/generation"}[page.evaluate("window.location.pathname")]
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"{other}[?]"))
    assert page.evaluate("history.length") == length
    page.keyboard.press("Escape")
    expect(page.locator(".nav")).to_be_visible()
    assert visit.words() == "platform=linkedin,nobody"
    expect(page.locator("#kiosk-chips .chip")).to_have_count(0)


def test_a_long_page_is_turned_screen_by_screen(visit: Visit) -> None:
    page, site = visit.page, visit.site
    page.goto(f"{site.url}/generation?kiosk=generation&kiosk_every=1s")
    assert page.locator("#kiosk-chips .chip").count() == 0
    last = visit.panel("generation_hours")
    eventually(lambda: bool(last.evaluate("panel => panel.getBoundingClientRect().bottom <= window.innerHeight + 2")))
    eventually(lambda: page.evaluate("window.scrollY") == 0)
    page.get_by_role("button", name="End kiosk mode").focus()
    page.keyboard.press("Space")
    expect(page.locator(".nav")).to_be_visible()


def test_who_is_logged_out_sees_since_when_and_goes_on_once_logged_in(chromium: Browser, own_site: Site) -> None:
    visit = visit_site(chromium, own_site)
    page = visit.page
    page.goto(f"{own_site.url}/events?kiosk=events&kiosk_every=2s")
    expect(visit.panel("log_hours")).to_have_class(re.compile("is-ok"))
    expect(page.locator(".table-panel")).to_be_hidden()
    accounts = own_site.app.extensions["accounts"]
    user = accounts.find("ada")
    for one in logins.listed(accounts, user):
        logins.end_listed(accounts, user, one.id)
    notice = page.locator("#kiosk-notice")
    expect(notice).to_contain_text("Logged out on")
    expect(page).to_have_url(re.compile("/events[?]kiosk="))
    assert visit.panel("log_hours").locator(".js-plotly-plot").count() == 1
    page.evaluate("void board.renewal.now('/events')")  # a page that is on its way already is refused, too
    expect(page.locator(".kiosk-inside")).to_have_count(1)
    own_site.login = None
    other = visit_site(chromium, own_site)
    page.context.add_cookies(other.page.context.cookies())
    anew = page.frame_locator(".kiosk-inside.shown")
    expect(anew.locator('.panel[data-chart="log_hours"]')).to_have_class(re.compile("is-ok"))
    expect(anew.locator("#kiosk-notice")).to_be_hidden()
    expect(notice).to_be_hidden()
    for each in (visit, other):
        each.page.context.close()


AGED = "const plain = performance.now.bind(performance); performance.now = () => plain() + 13 * 3600 * 1000;"
"""A document whose clock says that it was loaded 13 hours ago."""


def test_a_page_is_loaded_anew_without_leaving_full_screen(chromium: Browser, site: Site) -> None:
    visit = visit_site(chromium, site, viewport=TALL)
    page = visit.page
    page.add_init_script(f"if (window === window.top) {{ {AGED} }}")
    page.goto(f"{site.url}/generation?kiosk=generation&kiosk_every=soon&platform=linkedin")
    expect(page.locator("#kiosk-chips .chip")).to_have_text(
        "kiosk_every=soon isn't a time such as 45s or 2m: each screen stays for 30 seconds"
    )
    page.evaluate("document.documentElement.requestFullscreen()")
    page.keyboard.press("ArrowRight")
    anew = page.frame_locator(".kiosk-inside.shown")
    expect(anew.locator('.panel[data-chart="generation_hours"]')).to_have_class(re.compile("is-ok"))
    expect(page.locator(".app")).to_be_hidden()
    assert page.evaluate("document.fullscreenElement === document.documentElement")
    first = page.frames[-1]
    page.keyboard.press(
        "ArrowRight"
    )  # the frame has the keys; a round later this document's clock is not yet 12 hours on
    assert page.locator(".kiosk-inside").count() == 1
    page.evaluate("board.renewal.now('/generation')")
    eventually(lambda: page.locator(".kiosk-inside.shown").count() == 1 and first.is_detached())
    page.keyboard.press("Escape")
    expect(page.locator(".nav")).to_be_visible()
    assert not page.evaluate("Boolean(document.fullscreenElement)")
    assert visit.words() == "platform=linkedin"
    visit.page.context.close()
    assert visit.complaints == []


def test_the_back_button_leaves_a_page_that_was_loaded_anew(visit: Visit) -> None:
    page, site = visit.page, visit.site
    page.set_viewport_size(TALL)
    page.goto(f"{site.url}/events?platform=linkedin")
    page.wait_for_selector(".panel.is-ok")
    page.evaluate("board.go({ kiosk: 'events' })")
    expect(page.locator(".nav")).to_be_hidden()
    page.evaluate("void board.renewal.now('/events')")
    expect(page.locator(".kiosk-inside.shown")).to_have_count(1)
    page.evaluate("void board.renewal.now('/events')")
    page.go_back()
    expect(page.locator(".nav")).to_be_visible()
    expect(page.locator(".kiosk-inside")).to_have_count(0)
    assert visit.words() == "platform=linkedin"
    page.evaluate("board.go({ kiosk: 'events' })")
    expect(page.locator(".nav")).to_be_hidden()
    page.evaluate("void board.renewal.now('/events')")
    page.go_back()
    expect(page.locator(".nav")).to_be_visible()
    expect(page.locator(".kiosk-inside")).to_have_count(0)

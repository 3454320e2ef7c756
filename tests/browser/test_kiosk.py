"""A screen on a wall: pages turn by themselves, stay current, and never end at a login page without a word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, expect

from dashapp.accounts import logins
from tests.browser.conftest import Site, eventually, visit_site
from tests.browser.scene import History

TALL = {"width": 1366, "height": 6000}
"""Each page is one screen."""


def test_pages_turn_show_what_is_new_and_are_left_by_escape(chromium: Browser, own_site: Site) -> None:
    visit = visit_site(chromium, own_site, viewport=TALL, reduced_motion="reduce")
    page = visit.page
    page.goto(f"{own_site.url}/journey?kiosk=generation,delivery,nowhere&kiosk_every=1s&platform=linkedin")
    expect(page).to_have_url(re.compile("/generation[?]"))
    tiles = page.locator('.page-generation .tile[data-metric="generations"] .tile-value')
    expect(tiles).to_have_text("30")
    for part in (".nav", ".filterbar", ".user-menu", ".page-actions"):
        expect(page.locator(part).first).to_be_hidden()
    line = page.locator("#kiosk-line")
    expect(line).to_have_text(re.compile("Platform: LinkedIn · page [12] of 2 · no page is called nowhere · Esc ends$"))
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
    assert visit.words() == "platform=linkedin"
    visit.page.context.close()
    assert visit.complaints == []


def test_a_long_page_is_turned_screen_by_screen(chromium: Browser, site: Site) -> None:
    visit = visit_site(chromium, site, viewport={"width": 1366, "height": 850}, reduced_motion="reduce")
    page = visit.page
    page.goto(f"{site.url}/generation?kiosk=generation&kiosk_every=1s")
    last = visit.panel("generation_hours")
    eventually(lambda: bool(last.evaluate("panel => panel.getBoundingClientRect().bottom <= window.innerHeight + 2")))
    eventually(lambda: page.evaluate("window.scrollY") == 0)
    page.get_by_role("button", name="End kiosk mode").focus()
    page.keyboard.press("Space")
    expect(page.locator(".nav")).to_be_visible()
    visit.page.context.close()
    assert visit.complaints == []


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
    own_site.login = None
    other = visit_site(chromium, own_site)
    page.context.add_cookies(other.page.context.cookies())
    expect(notice).to_be_hidden()
    expect(visit.panel("log_hours")).to_have_class(re.compile("is-ok"))
    for each in (visit, other):
        each.page.context.close()

"""A page on paper: all of it, light, with range and filters on top."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import visit_site
from tests.browser.visit import Site

PRINTED = """window.print = () => {
    window.dispatchEvent(new Event('beforeprint'));
    window.printed = { theme: document.documentElement.dataset.theme, head: document.querySelector('.print-head').textContent,
        waiting: document.querySelectorAll('.panel.is-loading, [data-busy]').length };
    window.printed.ink = document.querySelector('.panel.is-ok .xtick text').style.fill;
    document.documentElement.dataset.printed = 'true';
    window.dispatchEvent(new Event('afterprint'));
};"""


def test_a_page_is_printed_whole_and_light_and_says_what_it_shows(chromium: Browser, site: Site) -> None:
    visit = visit_site(chromium, site, color_scheme="dark")
    page = visit.page
    page.add_init_script(PRINTED)
    page.goto(f"{site.url}/generation?start=-7d&platform=linkedin")
    page.wait_for_selector(".panel.is-ok")
    page.get_by_role("button", name="Print or save as PDF").click()
    expect(page.locator("html")).to_have_attribute("data-printed", "true")
    printed = page.evaluate("window.printed")
    assert printed["waiting"] == 0
    assert printed["theme"] == "light"
    assert "Platform: LinkedIn" in printed["head"]
    assert printed["head"].startswith("Last 7 days")
    assert " · UTC · " in printed["head"]
    expect(page.locator("html")).not_to_have_attribute("data-theme", "light")
    expect(page.locator("html")).not_to_have_class("printing")
    visit.drawn()
    page.evaluate("delete document.documentElement.dataset.printed")
    page.keyboard.press("Control+p")
    expect(page.locator("html")).to_have_attribute("data-printed", "true")
    assert page.evaluate("document.querySelectorAll('.table-panel.is-loading, .table-panel[data-busy]').length") == 0
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_be_visible()
    for part in (".header", ".filterbar", ".page-actions"):
        expect(page.locator(part).first).to_be_hidden()
    page.context.close()
    assert visit.complaints == []

"""A browser below a path of a host: it logs in, looks at pages, clicks, comes back, and is led to the login below the path."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import log_in
from tests.browser.visit import Site, Visit, eventually
from tests.proxy.conftest import Below

pytestmark = pytest.mark.browser


def test_all_of_it_works_in_a_browser(chromium: Browser, below: Below) -> None:
    page = chromium.new_context(viewport={"width": 1366, "height": 850}, ignore_https_errors=True).new_page()
    visit = Visit(page, Site(below.store, below.app, address=below.url))
    page.on("console", lambda said: visit.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on(
        "response",
        lambda got: (
            visit.complaints.append(got.url) if not got.url.startswith((f"{below.url}/", "data:", "blob:")) else None
        ),
    )
    page.goto(f"{below.url}/content?start=-20d")
    log_in(page)
    visit.drawn()
    assert page.url == f"{below.url}/content?start=-20d"
    page.get_by_role("link", name="Generation", exact=True).click()
    eventually(lambda: page.evaluate("location.pathname") == f"{below.path}/generation")
    visit.drawn()
    expect(page.locator("nav a[aria-current=page]")).to_have_text("Generation")
    page.reload()
    visit.drawn()
    page.get_by_role("link", name="Overview", exact=True).click()
    eventually(lambda: page.evaluate("location.pathname").rstrip("/") == below.path)
    visit.drawn()
    page.reload()
    visit.drawn()
    assert visit.complaints == []
    panel = visit.panel("posts_by_status")
    panel.locator(".panel-menu > summary").click()
    panel.get_by_role("link", name="Download or embed").click()
    page.wait_for_selector("text=Back to the dashboard")
    page.get_by_role("link", name="Back to the dashboard").click()
    visit.drawn()
    page.locator(".user-menu > summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_selector("[name=password]")
    assert page.evaluate("location.pathname") == f"{below.path}/login"
    page.context.close()
    assert visit.complaints == []

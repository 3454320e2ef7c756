"""What every page keeps to, seen on a walk through all of them in one browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from layouts.pages import PAGES, charts_of
from tests.browser.conftest import visiting
from tests.browser.visit import Site, Visit, eventually

PHONE, HEIGHT = 390, 844
WIDTHS = (320, 768, 920, 1440)
LONG_STATE = "Newest record 29 Nov 2026 23:41 · read 30 Nov 2026 02:41 UTC · 3 sources late · 2 sources fail"
"""What the header may say at most."""


@pytest.fixture(scope="module")
def walk(chromium: Browser, site: Site) -> Iterator[Visit]:
    with visiting(chromium, site) as found:
        found.open()
        yield found


@pytest.fixture(scope="module")
def phone(chromium: Browser, site: Site) -> Iterator[Visit]:
    with visiting(chromium, site, viewport={"width": PHONE, "height": HEIGHT}) as found:
        found.open()
        yield found


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_every_chart_or_says_why_not(walk: Visit, page: str) -> None:
    walk.walk_to(page)
    for chart in charts_of(page):
        expect(walk.panel(chart.id)).to_have_class(re.compile("is-(ok|empty)"))
    assert walk.page.title().startswith(PAGES[page].title)


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_as_wide_as_their_window_and_no_longer_than_ten_of_a_phone(phone: Visit, page: str) -> None:
    phone.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    phone.walk_to(page)
    eventually(lambda: phone.page.evaluate(f"document.documentElement.scrollHeight <= {10 * HEIGHT}"))
    if page == "overview":
        first = "document.querySelector('.tile-value')?.getBoundingClientRect().bottom"
        eventually(lambda: phone.page.evaluate(f"({first} ?? {HEIGHT}) < {HEIGHT}"))  # the first screen has a figure
    phone.page.evaluate(f"document.getElementById('freshness-text').textContent = '{LONG_STATE}'")
    for width in WIDTHS:
        phone.page.set_viewport_size({"width": width, "height": HEIGHT})
        eventually(lambda: phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
    phone.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    expect(phone.page.locator("summary.freshness")).to_have_accessible_name(re.compile("Newest record|Read"))


def test_a_phone_shows_the_rest_of_a_page_when_it_is_asked_for(phone: Visit) -> None:
    phone.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    phone.walk_to("engagement")
    last = phone.panel(charts_of("engagement")[-1].id)
    expect(last).to_be_hidden()
    phone.page.get_by_role("button", name=re.compile("^Show [0-9]+ more charts$")).click()
    expect(last).to_be_visible()
    expect(phone.page.get_by_role("button", name=re.compile("more charts$"))).to_be_hidden()

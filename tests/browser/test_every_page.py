"""What every page keeps to, seen on a walk through all of them in one browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from layouts.pages import PAGES, charts_of
from tests.browser.conftest import Site, Visit, visiting


@pytest.fixture(scope="module")
def walk(chromium: Browser, site: Site) -> Iterator[Visit]:
    with visiting(chromium, site) as found:
        found.open()
        yield found


@pytest.fixture(scope="module")
def phone(chromium: Browser, site: Site) -> Iterator[Visit]:
    with visiting(chromium, site, viewport={"width": 360, "height": 740}) as found:
        found.open()
        yield found


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_every_chart_or_says_why_not(walk: Visit, page: str) -> None:
    walk.walk_to(page)
    for chart in charts_of(page):
        expect(walk.panel(chart.id)).to_have_class(re.compile("is-(ok|empty)"))
    assert walk.page.title().startswith(PAGES[page].title)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wider_than_a_phone(phone: Visit, page: str) -> None:
    phone.walk_to(page)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(phone.page.locator("summary.freshness")).to_have_accessible_name(re.compile("Data until|Read"))

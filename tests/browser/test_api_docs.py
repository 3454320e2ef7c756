"""The API's page: read and tried out in a browser, with nothing from anywhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from dashapp.api import ENDPOINTS
from tests.browser.conftest import Site, visit_site


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_api_is_read_and_tried_out_without_a_complaint_or_a_foreign_file(
    chromium: Browser, site: Site, theme: str
) -> None:
    visit = visit_site(chromium, site, color_scheme=theme)
    page = visit.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/api/docs")
    expect(page.locator(".opblock")).to_have_count(len(ENDPOINTS))
    values = page.locator("#operations-values-get_values_measurement_dimension")
    values.locator(".opblock-summary-control").click()
    values.get_by_role("button", name="Try it out").click()
    values.locator("tr[data-param-name=measurement] select").select_option("generation")
    values.locator("tr[data-param-name=dimension] select").select_option("platform")
    values.get_by_role("button", name="Execute").click()
    answer = values.locator(".live-responses-table .response .response-col_status").first
    expect(answer).to_contain_text("200")
    expect(values.locator(".live-responses-table")).to_contain_text("linkedin")
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {
        urlsplit(site.url).netloc
    }
    assert brightness(page.evaluate("getComputedStyle(document.body).backgroundColor")) == theme
    assert brightness(page.evaluate("getComputedStyle(document.querySelector('.opblock-tag')).color")) != theme
    assert visit.complaints == []
    page.context.close()


def brightness(color: str) -> str:
    """`rgb(20, 24, 30)` is dark."""
    parts = [float(part) for part in color.partition("(")[2].rstrip(")").split(",")[:3]]
    return "light" if sum(parts) > 3 * 127 else "dark"

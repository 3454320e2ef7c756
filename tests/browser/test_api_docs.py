"""The API's page: read and tried out in a browser, with nothing from anywhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect

from dashapp.api import ENDPOINTS
from layouts.charts import Theme
from tests.browser.visit import Visit


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_api_is_read_and_tried_out_without_a_complaint_or_a_foreign_file(visit: Visit, theme: Theme) -> None:
    page, site = visit.page, visit.site
    page.emulate_media(color_scheme=theme)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
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
    page.remove_listener("request", note)
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {
        urlsplit(site.url).netloc
    }
    assert brightness(page.evaluate("getComputedStyle(document.body).backgroundColor")) == theme
    assert brightness(page.evaluate("getComputedStyle(document.querySelector('.opblock-tag')).color")) != theme


def brightness(color: str) -> str:
    """`rgb(20, 24, 30)` is dark."""
    parts = [float(part) for part in color.partition("(")[2].rstrip(")").split(",")[:3]]
    return "light" if sum(parts) > 3 * 127 else "dark"

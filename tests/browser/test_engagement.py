"""Engagement of posts, seen and clicked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import walking
from tests.browser.visit import Site, Visit, Walk, eventually

PLOT = "document.querySelector('[data-chart={}] .js-plotly-plot')"


@pytest.fixture(scope="module")
def walk(chromium: Browser, site: Site, kept: list[Page]) -> Iterator[Walk]:
    with walking(kept, chromium, site) as found:
        yield found


@pytest.fixture
def visit(walk: Walk) -> Iterator[Visit]:
    with walk() as found:
        yield found


def test_topics_stand_with_their_interval_and_number_in_the_picture_and_in_the_table(visit: Visit) -> None:
    visit.open("/engagement?start=-21d")
    bars = visit.page.evaluate(f"(() => {{ const p = {PLOT.format('post_engagement_rate_by_topic')}.data[0];"
                               " return [p.y, p.text, p.error_x.array.map((one) => one > 0)]; })()")  # fmt: skip
    assert (
        sorted(bars[0]) == ["AI in hiring", "Data quality", "Pricing, explained"][: len(bars[0])] or len(bars[0]) == 2
    )
    assert all(re.fullmatch(r"\d+\.\d\d % · n \d+", text) for text in bars[1])
    assert all(bars[2])
    panel = visit.panel("post_engagement_rate_by_topic")
    panel.locator(".panel-menu summary").click()
    panel.get_by_text("Show as table").click()
    eventually(lambda: panel.locator("th").count() == 5)
    heads = panel.locator("th").all_inner_texts()
    assert [head.split(" (")[0].lower() for head in heads[1:]] == [
        "engagement rate", "posts with a rate", "engagement rate, low end", "engagement rate, high end",
    ]  # fmt: skip
    first = [float(text) for text in panel.locator("tbody tr").first.locator(".number").all_inner_texts()]
    assert first[2] < first[0] < first[3]


def test_a_curve_leads_to_its_post_everywhere(visit: Visit) -> None:
    visit.open("/engagement?start=-21d")
    visit.panel("post_growth_curves").scroll_into_view_if_needed()
    place = visit.page.evaluate(
        f"""(() => {{
            const plot = {PLOT.format("post_growth_curves")};
            const own = plot.data[plot.data.length - 1];
            const box = plot.querySelector(".nsewdrag").getBoundingClientRect();
            const {{ xaxis, yaxis }} = plot._fullLayout;
            const at = own.x.length - 1;
            return {{ x: box.left + xaxis.d2p(own.x[at]), y: box.top + yaxis.d2p(own.y[at]), post: own.customdata[at][0] }};
        }})()"""
    )
    visit.page.mouse.move(place["x"] - 3, place["y"])
    visit.page.mouse.click(place["x"], place["y"])
    eventually(lambda: "post=" in visit.words())
    visit.drawn()
    assert visit.page.locator(".chip", has_text="#").count() >= 1
    eventually(lambda: visit.tile("post_engagement_rate") not in ("", "–"))


def test_the_rate_has_its_formula_behind_a_word_with_and_without_a_comparison(visit: Visit) -> None:
    for words in ("start=-21d", "start=-5d&compare=previous"):
        visit.open(f"/engagement?{words}")
        tile = visit.page.locator('.tile[data-metric="post_engagement_rate"]')
        tile.locator(".tile-value").wait_for()
        tile.get_by_text("Formula").press("Enter")
        formula = tile.locator(".tile-how p")
        assert formula.inner_text() == "(reactions + comments + reposts) / impressions (else views, else reach)"
        assert formula.evaluate("(one) => one.scrollHeight <= one.clientHeight + 1"), "nothing of it is cut"

"""The snippets of the embed dialog, pasted into a real DokuWiki and a real MediaWiki: whole at any width, and fetched once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from dashapp.embeds import keeping, links
from dashapp.embeds.frame_height import frame_height
from dashapp.embeds.model import Embed, Wanted
from dashapp.embeds.showing import view
from layouts.pages import CHARTS
from metricstore.selection import Selection, settled_now
from tests.browser.visit import Site, eventually
from tests.wikis.servers import Wiki
from viewer.request_context import default_selection

pytestmark = pytest.mark.browser
WIDTHS = (320, 480, 640, 768, 920)
_WIDTHS = """[...document.querySelectorAll('.picture > [class^=on-] svg')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => one.getBoundingClientRect().width)"""
NARROWEST = 260
"""Pixels of a frame from which on it shows everything (docs/embeds.md)."""
# One of each kind of picture; their remarks are long, short and none.
KINDS = ("generations_by_outcome", "generation_success_trend", "generations_per_platform", "generation_hours", "delivery_calendar",
         "status_per_platform", "post_growth_curves", "content_problems")  # fmt: skip


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 920, "height": 1000})
    yield context.new_page()
    context.close()


def embed_of(site: Site, wiki: Wiki, name: str) -> Embed:
    wanted = Wanted("chart", name, {"start": "-20d"}, ancestors=(wiki.url,))
    return keeping.create(site.app.extensions["accounts"], wanted, None, Selection(timezone="Europe/Berlin"))


def snippet(app: Flask, site: Site, embed: Embed, name: str) -> str:
    with app.test_request_context():
        tall = frame_height(view(embed, (), app.extensions["metricstore"], {}, default_selection(), settled_now(), ()))
        return next(one.text for one in links.snippets(embed, site.url, tall) if one.name == name)


def burst(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


def test_frames_show_all_of_each_kind_of_chart_and_are_fetched_once(site: Site, wiki: Wiki, page: Page) -> None:
    embeds = [embed_of(site, wiki, name) for name in KINDS]
    wiki.write("plain", "Nothing is embedded here.")
    wiki.write(
        "frames",
        "\n\n".join(snippet(site.app, site, embed, wiki.name).replace(' loading="lazy"', "") for embed in embeds),
    )
    asked: Counter[str] = Counter()
    page.on(
        "request",
        lambda sent: asked.update([sent.url]) if "/embed/" in sent.url and "/embed/assets/" not in sent.url else None,
    )
    for skin in wiki.skins:
        asked.clear()
        _frames_are_whole(wiki, page, skin)
        assert max(asked.values()) == 1, skin


def _frames_are_whole(wiki: Wiki, page: Page, skin: str) -> None:
    page.goto(wiki.address("frames", skin))
    inside = [frame for frame in page.frames if "/embed/" in frame.url]
    assert len(inside) == len(KINDS)
    for frame in inside:
        frame.wait_for_selector(".foot")
    bursts = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        for name, frame in zip(KINDS, inside, strict=True):
            if frame.evaluate("innerWidth") < NARROWEST:  # what a skin leaves of a small window
                # One without data is a sentence. What is shown is looked at and measured at one moment: it changes with the width.
                assert all(found >= 240 for found in frame.evaluate(_WIDTHS)), (
                    skin,
                    name,
                    width,
                )  # scrolled, not shrunk
                continue
            spare = frame.evaluate("innerHeight - document.querySelector('main').getBoundingClientRect().height")
            assert 0 <= spare <= 0.55 * CHARTS[name].height, (skin, name, width, frame.evaluate("innerWidth"))
            assert "as of" in frame.locator(".foot").inner_text()
        bursts[width] = burst(page)
    page.goto(wiki.address("plain", skin))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        assert bursts[width] <= burst(page), (skin, width)  # a skin may be too wide by itself


def test_pictures_do_not_burst_the_page(site: Site, wiki: Wiki, page: Page) -> None:
    wiki.write("plain", "Nothing is embedded here.")
    wiki.write("pictures", snippet(site.app, site, embed_of(site, wiki, KINDS[0]), f"{wiki.name}, picture"))
    page.goto(wiki.address("pictures"))
    picture = page.locator("img[src*='embed'], img[src*='fetch.php']").first
    eventually(lambda: bool(picture.evaluate("one => one.complete && one.naturalWidth > 0")))
    assert picture.evaluate("one => one.naturalWidth") == 760
    bursts = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        bursts[width] = burst(page)
    page.goto(wiki.address("plain"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        assert bursts[width] <= burst(page), width

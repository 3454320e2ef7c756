"""In a real browser, on a wiki of another origin: sandboxed, without storage, with third-party cookies blocked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Frame, Page
from werkzeug.serving import make_server

from dashapp.embeds import keeping, links
from dashapp.embeds.model import Embed, Wanted
from metricstore.errors import StoreUnreachable
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection
from tests.browser.visit import Site, Visit, eventually

_LISTENER = """
addEventListener("message", (event) => document.querySelectorAll("iframe").forEach((frame) => {
  if (event.source === frame.contentWindow && event.data && event.data.type === "dashapp:height")
    frame.style.height = event.data.height + "px";
}));"""


@pytest.fixture
def wiki_url() -> Iterator[str]:
    """A wiki that shows whatever body it is asked for."""
    app = Flask("wiki")

    @app.get("/")
    def page() -> str:
        return f"<!DOCTYPE html><html lang=en><title>Wiki</title><link rel=icon href=data:,><body>{request.args['body']}</body></html>"

    server = make_server("localhost", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


class Reader:
    """Somebody who reads a wiki page with an embed in it; remembers what was loaded and what complained."""

    def __init__(self, chromium: Browser, site: Site, wiki: str, **context: Any) -> None:
        self.site, self.wiki = site, wiki
        self.context = chromium.new_context(viewport={"width": 900, "height": 900}, **context)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.loaded: dict[str, int] = {}
        self.cookies: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfinished", self._note)

    def _note(self, finished: Any) -> None:
        if finished.url.startswith(self.site.url):
            self.loaded[finished.url] = self.loaded.get(finished.url, 0) + finished.sizes()["responseBodySize"]
            self.cookies += [finished.headers["cookie"]] if "cookie" in finished.headers else []

    def embed(self, name: str = "generations_by_outcome", kind: str = "chart", **wanted: Any) -> Embed:
        words = {"start": "-30d", **wanted.pop("words", {})}
        asked = Wanted(kind, name, words, ancestors=(self.wiki,), **wanted)  # type: ignore[arg-type]
        return keeping.create(self.site.app.extensions["accounts"], asked, None, Selection(timezone="UTC"))

    def link(self, embed: Embed, kind: str = "") -> str:
        with self.site.app.test_request_context():
            return links.url(embed, self.site.url, kind=kind)

    def read(self, embed: Embed, sandbox: str | None = "allow-scripts", height: int = 150) -> Frame:
        flags = "" if sandbox is None else f'sandbox="{sandbox}"'
        frame = f'<iframe src="{escape(self.link(embed))}" width="100%" height="{height}" {flags}></iframe>'
        self.page.goto(f"{self.wiki}/?{_query(body=frame + f'<script>{_LISTENER}</script>')}")
        found: Frame = self.page.frames[-1]
        return found

    def height(self) -> int:
        return int(self.page.locator("iframe").bounding_box()["height"])  # type: ignore[index]


def _query(**words: str) -> str:
    from urllib.parse import urlencode

    return urlencode(words)


@pytest.fixture
def reader(chromium: Browser, own_site: Site, wiki_url: str) -> Iterator[Reader]:
    found = Reader(chromium, own_site, wiki_url)
    yield found
    found.context.close()


def test_a_sandboxed_frame_of_an_opaque_origin_shows_it_light_and_without_any_cookie(reader: Reader) -> None:
    # Storage throws here by itself: the origin is opaque.
    frame = reader.read(reader.embed())
    frame.wait_for_selector(".picture svg:visible")
    eventually(lambda: reader.height() > 300)
    assert frame.evaluate("(() => { try { localStorage; return 'there' } catch { return 'throws' } })()") == "throws"
    assert sum(reader.loaded.values()) < 450_000
    assert not any("plotly" in url for url in reader.loaded)
    # in the pages' own font, which waits beside the words and is kept for every other frame
    eventually(
        lambda: bool(frame.evaluate("document.fonts.check('14px Inter') && document.fonts.check('620 15px Inter')"))
    )
    fonts = {url: size for url, size in reader.loaded.items() if ".woff2" in url}
    assert len(fonts) == 2 and sum(fonts.values()) < 60_000
    assert reader.cookies == []
    assert reader.context.cookies() == []
    assert reader.complaints == []


def test_the_frame_grows_and_shrinks_with_what_is_shown(reader: Reader) -> None:
    frame = reader.read(reader.embed())
    eventually(lambda: reader.height() > 300)
    low = reader.height()
    frame.locator("summary").press("Enter")
    eventually(lambda: reader.height() > low + 50)
    assert frame.locator("table tbody tr").count() > 20
    frame.locator("summary").press("Enter")
    eventually(lambda: abs(reader.height() - low) < 4)
    assert reader.complaints == []


def test_pointing_at_a_picture_makes_it_answer(reader: Reader) -> None:
    frame = reader.read(reader.embed())
    eventually(lambda: reader.height() > 300)
    frame.locator(".picture").hover()
    frame.wait_for_selector(".picture.live .js-plotly-plot", timeout=30_000)
    frame.locator(".nsewdrag").hover()
    frame.wait_for_selector(".hoverlayer text")
    assert sum(reader.loaded.values()) < 500_000, "of which 45,000 are the font, once for all frames"
    assert reader.complaints == []


@pytest.mark.parametrize(
    ("width", "texts"), [(900, [["dates", 10], ["counts", 16], ["groups", 9]]), (390, [["days", 9], ["counts", 13]])]
)
def test_a_calendar_that_answers_says_each_day_and_its_count_once(
    reader: Reader, width: int, texts: list[list[Any]]
) -> None:
    reader.site.store.write(
        [Point("social_post", nanoseconds(datetime.now(UTC) - timedelta(days=place)), {"source": "buffer", "platform": "linkedin"},
               {"service_post_id": str(place), "status": "sent"}) for place in range(5)]
    )  # fmt: skip
    reader.page.set_viewport_size({"width": width, "height": 900})
    frame = reader.read(reader.embed("delivery_calendar", words={"start": "-14d"}), height=700)
    frame.locator(".picture").hover()
    frame.wait_for_selector(".picture.live .js-plotly-plot", timeout=30_000)
    drawn = "plot => plot.data.filter((one) => one.mode === 'text').map((one) => [one.name, one.textfont.size])"
    assert frame.locator(".js-plotly-plot").evaluate(drawn) == texts
    assert reader.complaints == []


def test_a_looker_narrows_within_what_the_embed_allows(reader: Reader) -> None:
    frame = reader.read(reader.embed(narrow=("platform",)))
    frame.wait_for_selector("select")
    frame.locator("summary").click()

    def total() -> float:
        cells: list[str] = frame.locator("tbody td:last-child").all_inner_texts()
        return sum(float(cell.replace(",", "")) for cell in cells if cell != "–")

    eventually(lambda: total() == 50)
    frame.locator("select").select_option("twitter")
    eventually(lambda: total() == 20)
    assert reader.complaints == []


def test_a_picture_is_drawn_for_the_width_it_has_and_the_theme_of_the_reader(
    chromium: Browser, own_site: Site, wiki_url: str
) -> None:
    phone = Reader(chromium, own_site, wiki_url, color_scheme="dark")
    phone.page.set_viewport_size({"width": 390, "height": 800})
    frame = phone.read(phone.embed())
    frame.wait_for_selector(".on-dark .narrow svg")
    assert frame.locator(".picture svg:visible").count() == 1
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert phone.complaints == []
    phone.context.close()


def test_without_scripts_the_picture_and_its_table_are_there(reader: Reader) -> None:
    frame = reader.read(reader.embed(), sandbox="", height=500)
    frame.wait_for_selector(".picture svg:visible")
    frame.locator("summary").click()
    assert frame.locator("tbody tr").first.is_visible()


def test_revoked_shows_a_notice_inside_the_frame(reader: Reader) -> None:
    embed = reader.embed()
    keeping.revoke(reader.site.app.extensions["accounts"], embed.id)
    frame = reader.read(embed)
    assert "No longer shared" in frame.locator("main").inner_text()


def test_a_wiki_that_is_not_named_can_not_frame_it(reader: Reader) -> None:
    embed = reader.embed()
    there, reader.wiki = reader.wiki, reader.wiki.replace("localhost", "127.0.0.1")
    assert there != reader.wiki
    frame = reader.read(embed)
    assert frame.locator(".picture").count() == 0


def test_while_the_store_is_down_the_frame_keeps_its_picture(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    embed = reader.embed()
    reader.read(embed).wait_for_selector(".picture svg:visible")

    def down(*_: object, **__: object) -> None:
        raise StoreUnreachable("connection refused")

    monkeypatch.setattr(reader.site.store, "ask_all", down)
    frame = reader.read(embed)
    frame.wait_for_selector(".picture svg:visible")
    assert "As of" in frame.locator(".older").inner_text()
    assert reader.complaints == []


def test_a_download_works_in_a_sandbox_that_allows_it(reader: Reader) -> None:
    frame = reader.read(reader.embed(download=True), sandbox="allow-scripts allow-downloads")
    eventually(lambda: reader.height() > 300)
    with reader.page.expect_download() as waiting:
        frame.locator("a[download]").click()
    assert waiting.value.suggested_filename.endswith(".csv")


def test_the_picture_stands_in_a_wiki_that_forbids_frames(reader: Reader) -> None:
    for kind in (".svg", ".png"):
        picture = f'<img src="{escape(reader.link(reader.embed(), kind))}" alt="chart">'
        reader.page.goto(f"{reader.wiki}/?{_query(body=picture)}")
        eventually(lambda: reader.page.evaluate("document.images[0].naturalWidth") > 300)
    assert reader.complaints == []


def test_from_a_chart_s_menu_to_a_snippet_that_shows_it(visit: Visit) -> None:
    visit.open("/?start=-30d&platform=linkedin")
    panel = visit.panel("generations_by_outcome")
    panel.locator("summary").click()
    panel.get_by_role("link", name="Download or embed").click()
    visit.page.wait_for_selector("text=Platform: LinkedIn")
    visit.page.get_by_role("link", name="Embed", exact=True).click()
    visit.page.fill("[name=label]", "Posts for the wiki")
    visit.page.get_by_role("button", name="Make embed").click()
    visit.page.wait_for_selector("text=Will it show?")
    frame = visit.page.frame_locator("details[open] iframe")
    frame.locator(".picture svg:visible").first.wait_for()
    assert "Posts for the wiki" in frame.locator("h1").inner_text()
    visit.page.get_by_role("link", name="Back to the dashboard").click()
    visit.drawn()

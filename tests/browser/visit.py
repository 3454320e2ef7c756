"""What tests do in a browser: a site, a visit of it, and waiting for what is expected."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, expect
from playwright.sync_api import Error as PlaywrightError
from werkzeug.serving import make_server

from layouts import ids
from layouts.pages import PAGES, charts_of
from metricstore.caching import CachedStore

PASSWORD = "correct horse battery"
PATIENCE = 30.0
"""Seconds until what is expected of a page counts as missing: two busy cores take their time."""
expect.set_options(timeout=PATIENCE * 1000)
BLANK = "/nowhere"
"""A page of the dashboard without charts, tables and figures: whatever follows it is asked for anew."""

_DRAWN = """(patience) => new Promise((done, late) => {
    board.allCharts();
    const end = performance.now() + patience;
    const look = () => {
        if (!document.querySelector('.panel.is-loading, .panel[data-busy]')) done();
        else if (performance.now() > end) late(new Error('it was not drawn in time'));
        else setTimeout(look, 30);
    };
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(look, 50)));
})"""
"""The page itself looks: asked from outside thirty times a second, browser and tests would be as busy with that as with drawing."""

_IS_OPEN = "(site) => location.origin === site && Boolean(window.board && document.querySelector('#page'))"
_FOLLOW = """(path) => {
    const link = document.createElement("a");
    link.href = path;
    link.dataset.page = "";
    document.body.append(link);
    link.click();
    link.remove();
}"""
"""A link of the dashboard's own, as those of its navigation are."""


class Door:
    """One address for all sites of a worker: what a page has fetched and compiled from there serves the next site, too."""

    def __init__(self) -> None:
        self.app: Any = None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@cache
def door() -> Door:
    return Door()


@dataclass
class Site:
    """A running application: its store, its Flask application."""

    store: CachedStore
    app: Any
    login: Any = None
    """The browser's cookies after a login, so that not every test has to log in again."""
    address: str = ""
    """Where it is not behind the door."""

    @property
    def url(self) -> str:
        """Its address. At the door it is the site from now on, whichever was before."""
        if self.address:
            return self.address
        door().app = self.app
        return door().url


@dataclass
class Visit:
    """A page in a browser, with everything its console complained about."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    walks: bool = False
    """Pages are gone to by links of the dashboard that is open, once one is: half the work of a load."""

    def listen(self) -> None:
        """Note from now on what its console complains about."""
        self.page.on("console", self._said)
        self.page.on("pageerror", self._failed)

    @contextmanager
    def listening(self) -> Iterator[None]:
        self.listen()
        yield
        self.page.remove_listener("console", self._said)
        self.page.remove_listener("pageerror", self._failed)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _failed(self, error: Exception) -> None:
        self.complaints.append(str(error))

    def open(self, path: str = "/", patience: float = PATIENCE) -> None:
        if self.walks and self.is_open():
            self.leave()
            self._follow(path)
        else:
            self.page.goto(self.site.url + path)
        self.drawn(patience)

    def is_open(self) -> bool:
        """Whether the browser shows the dashboard of the site."""
        found: bool = self.page.evaluate(_IS_OPEN, self.site.url)
        return found

    def leave(self) -> None:
        """For a page that shows nothing: whatever the next one shows has been asked for by it."""
        self._follow(BLANK)
        self.page.wait_for_selector(".page .panel", state="detached")
        self.page.wait_for_selector(".page .state")

    def _follow(self, path: str) -> None:
        self.page.evaluate(_FOLLOW, path)

    def walk_to(self, page: str) -> None:
        """By the navigation, as people do: half of the work of loading everything anew."""
        self.page.locator("nav").get_by_text(PAGES[page].title, exact=True).click()
        eventually(lambda: self.panel(charts_of(page)[0].id).count() == 1)
        self.drawn()

    def drawn(self, patience: float = PATIENCE) -> None:
        """Wait until no chart is loading or waits for an answer, those far below the window neither.

        A change of the address first reaches the charts some tasks of the browser later: until then none of them is loading.
        """
        self.page.wait_for_selector(".page .panel", timeout=30_000)
        try:
            self.page.evaluate(_DRAWN, patience * 1000)
        except PlaywrightError as error:
            if "it was not drawn" in str(error):
                raise AssertionError("it was not drawn in time") from None
            eventually(
                lambda: self.page.locator(".panel.is-loading, .panel[data-busy]").count() == 0
            )  # the page is being left

    def asked_for_news(self) -> None:
        """Wait until the page has asked once more whether there is something new, and is drawn."""
        with self.page.expect_response(lambda answer: f'"{ids.PULSE}"' in (answer.request.post_data or "")):
            pass
        self.drawn()

    def words(self) -> str:
        """The query string now. `page.url` would not move while we sleep."""
        search: str = self.page.evaluate("window.location.search")
        return search.removeprefix("?")

    def panel(self, chart: str) -> Any:
        return self.page.locator(f'.panel[data-chart="{chart}"]')

    def tile(self, metric: str) -> str:
        text: str = self.page.locator(f'.tile[data-metric="{metric}"] .tile-value').inner_text(timeout=20_000)
        return text


Walk = Callable[[], AbstractContextManager[Visit]]
"""A visit for each of several tests, see `walking`."""


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for a condition; our Content-Security-Policy forbids Playwright's own way of doing that."""
    end, pause = time.monotonic() + seconds, 0.03
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.1)  # what takes long takes the processor that asking would take

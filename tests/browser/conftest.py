"""A real application with a real store and accounts, served to a real Chromium."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, ViewportSize, expect
from playwright.sync_api import Error as PlaywrightError
from werkzeug.serving import make_server

from dashapp.factory import create_app
from dashapp.security import compression
from dashapp.settings import load_settings
from layouts import ids
from layouts.pages import PAGES, charts_of
from metricstore.bounded_cache import BoundedCache
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.memory_budget import SHARES
from metricstore.point import Point
from tests.browser.scene import history

PASSWORD = "correct horse battery"
PATIENCE = 30.0
"""Seconds until what is expected of a page counts as missing: two busy cores take their time."""
expect.set_options(timeout=PATIENCE * 1000)
DESK: ViewportSize = {"width": 1366, "height": 850}
QUIET = "/assets/icon.svg"
"""Of the site, and without scripts."""
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


@pytest.fixture(scope="session", autouse=True)
def files_compressed_once() -> Iterator[None]:
    """Each site would compress the same scripts anew, for half a second of processor."""
    files: BoundedCache[tuple[str, str], bytes] = BoundedCache(SHARES["compressed files"], len)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compression, "BoundedCache", lambda *_: files)
        yield


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    yield from serve(folder)


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A site of its own, for tests that write or break something."""
    yield from serve(tmp_path)


def serve(
    folder: Path, timezone: str = "UTC", points: Sequence[Point] | None = None, **settings: str
) -> Iterator[Site]:
    """A site on `folder`, with the scene's history unless other points are given."""
    store = CachedStore(DuckStore(folder / "metrics.duckdb"))
    store.write(history() if points is None else points)
    words = {"DASHAPP_DATA_DIR": str(folder), "DASHAPP_TIMEZONE": timezone, **settings}
    app = create_app(load_settings(words, folder), store=store)
    app.extensions["accounts"].add("ada", "analyst", PASSWORD)
    try:
        yield Site(store, app)
    finally:
        store.close()


def visit_site(chromium: Browser, site: Site, **settings: Any) -> Visit:
    """A new browser context that is logged in, on no page yet: loading one takes twice as long as in one that was used."""
    context = chromium.new_context(**{"viewport": DESK, "reduced_motion": "reduce", **settings})
    _log_in(context, site)
    page = context.new_page()
    visit = Visit(page, site)
    visit.listen()
    return visit


def _log_in(context: BrowserContext, site: Site) -> None:
    if site.login is None:
        _log_in_by_request(context, site)
        site.login = context.cookies()
    else:
        context.add_cookies(site.login)


def _log_in_by_request(context: BrowserContext, site: Site) -> None:
    """The form's request without a page."""
    form = context.request.get(f"{site.url}/login").text()
    (token,) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    fields = {"username": "ada", "password": PASSWORD, "csrf_token": token}
    answer = context.request.post(f"{site.url}/login", form=fields, max_redirects=0)
    assert answer.status == 302, answer.text()


@contextmanager
def visiting(chromium: Browser, site: Site, **settings: Any) -> Iterator[Visit]:
    """As `visit_site`; at the end the browser is closed and must not have complained."""
    found = visit_site(chromium, site, **settings)
    yield found
    found.page.context.close()
    assert found.complaints == []


def log_in(page: Page, name: str = "ada") -> None:
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")


@contextmanager
def held(page: Page, address: str) -> Iterator[None]:
    """Requests to an address wait until the block is left; those that were given up meanwhile are forgotten."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))  # Playwright cannot call a built-in method
    yield
    page.unroute(address)
    for route in waiting:
        with suppress(PlaywrightError):
            route.continue_()


@pytest.fixture(scope="session")
def kept() -> Iterator[list[Page]]:
    """The page that tests have one after the other, once there is one.

    Fetching and compiling the scripts for a new one takes as long as all the rest of most tests.
    """
    found: list[Page] = []
    yield found
    for page in found:
        page.context.close()


@contextmanager
def visiting_again(kept: list[Page], chromium: Browser, site: Site) -> Iterator[Visit]:
    """As `visiting`, in the page that the tests before had."""
    page = kept.pop() if kept else chromium.new_context(viewport=DESK, reduced_motion="reduce").new_page()
    visit = Visit(page, site)
    _log_in(page.context, site)
    with visit.listening():
        yield visit
        complaints = visit.complaints.copy()
        _put_back(visit)
    kept.append(page)
    assert complaints == []


@contextmanager
def walking(kept: list[Page], chromium: Browser, site: Site) -> Iterator[Walk]:
    """As `visiting_again`, for tests of one site that need not load the dashboard anew: those after the first go on in the one that is open.

    Not for tests that are about loading, or that leave something in the document which is not part of a page of it.
    """

    @contextmanager
    def one_test() -> Iterator[Visit]:
        _log_in(visit.page.context, site)  # a test of another site at the door may have logged it out
        visit.complaints.clear()
        yield visit
        complaints = visit.complaints.copy()
        _unhinder(visit.page)
        try:
            if visit.is_open():
                visit.drawn()  # Dash complains in the console of a page that is left before its tables have asked
                visit.leave()
        except BaseException:
            visit.page.goto(site.url + QUIET)  # the next test loads the dashboard anew
            raise
        finally:
            _forget(visit.page)
        assert complaints == []

    with visiting_again(kept, chromium, site) as visit:
        visit.walks = True
        yield one_test
        visit.complaints.clear()  # each test had its own


def _put_back(visit: Visit) -> None:
    """The browser as it was before the test: nothing asks the site any more, nothing is remembered."""
    _unhinder(visit.page)
    visit.page.goto(visit.site.url + QUIET)
    _forget(visit.page)
    visit.page.context.clear_cookies()


def _unhinder(page: Page) -> None:
    page.unroute_all(behavior="ignoreErrors")
    page.context.set_offline(False)


def _forget(page: Page) -> None:
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.set_viewport_size(DESK)
    page.emulate_media(media="screen", color_scheme="light", reduced_motion="reduce")


@pytest.fixture
def visit(chromium: Browser, site: Site, kept: list[Page]) -> Iterator[Visit]:
    """Logged in, on no page yet; fails the test when the console complained."""
    with visiting_again(kept, chromium, site) as found:
        yield found


@pytest.fixture
def own_visit(chromium: Browser, own_site: Site, kept: list[Page]) -> Iterator[Visit]:
    """The same at a site of its own."""
    with visiting_again(kept, chromium, own_site) as found:
        yield found

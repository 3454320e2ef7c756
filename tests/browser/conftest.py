"""A real application with a real store and accounts, served to a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize
from playwright.sync_api import Error as PlaywrightError

from dashapp.factory import create_app
from dashapp.security import compression
from dashapp.settings import load_settings
from metricstore.bounded_cache import BoundedCache
from metricstore.caching import CachedStore
from metricstore.duck import DuckStore
from metricstore.memory_budget import SHARES
from metricstore.point import Point
from tests.browser.scene import history
from tests.browser.visit import PASSWORD, Site, Visit, Walk

DESK: ViewportSize = {"width": 1366, "height": 850}
QUIET = "/assets/icon.svg"
"""Of the site, and without scripts."""


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

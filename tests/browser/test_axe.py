"""axe-core finds nothing on any page, in both themes, on a desk and on a phone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashapp.alerts.action_links import ActionLinks
from dashapp.embeds import keeping, links
from dashapp.embeds.model import Wanted
from layouts.pages import PAGES
from metricstore.selection import Selection
from tests.browser.conftest import log_in, serve
from tests.browser.visit import PASSWORD, Site, Visit, eventually
from tests.conftest import fail_in_ci_else_skip
from tests.web.alert_scene import AI, AlertScene

GET = Path(__file__).parents[1] / "axe" / "get.sh"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# What is inside of a plot is a picture: hidden from screen readers, which have its name, its summary and its keys. What Swagger UI draws is
# not ours to mend.
_RUN = """async () => (await axe.run({exclude: ['.main-svg', '#docs']}, {resultTypes: ['violations']})).violations.flatMap(({id, help, nodes}) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}: ${node.any.concat(node.all, node.none).map((one) => one.message).join('; ')}`))"""
_SETTLED = (
    "() => document.getAnimations().every((one) => one.playState !== 'running' || !(one instanceof CSSTransition))"
)


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script."""
    found = subprocess.run(["bash", str(GET)], capture_output=True, text=True, check=False)
    if found.returncode:
        fail_in_ci_else_skip(f"no axe-core for the tests: {found.stderr[-500:]}")
    return Path(found.stdout.strip().splitlines()[-1]).read_text()


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with an administrator, an open alert and one of each thing that account pages list."""
    for site in serve(tmp_path_factory.mktemp("axe"), DASHAPP_STATUS_PUBLIC="true"):
        accounts = site.app.extensions["accounts"]
        accounts.add("root", "admin", PASSWORD)
        AlertScene(site.app).fail()
        yield site


@pytest.fixture(scope="module")
def page(chromium: Browser, full_site: Site) -> Iterator[Page]:
    context = chromium.new_context(viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(full_site.url)
    log_in(page, "root")
    page.wait_for_selector("nav")
    yield page
    context.close()


def findings(page: Page, axe: str, drawn: Any = lambda: None) -> list[str]:
    """What axe finds on the page that is open, in both themes and at both widths. It is as wide at the end as before, and in the other theme:
    each change draws all charts anew.
    """
    page.evaluate(axe)
    found = []
    before = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    other = {"dark": "light", "light": "dark"}
    first = "dark" if before else "light"
    for theme, size in ((first, DESK), (first, PHONE), (other[first], PHONE), (other[first], DESK)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        drawn()
        eventually(lambda: page.evaluate(_SETTLED))
        found += [f"{theme} {size['width']}: {said}" for said in page.evaluate(_RUN)]
    return found


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_charts(full_site: Site, page: Page, axe: str, name: str) -> None:
    visit = Visit(page, full_site)
    visit.walk_to(name)
    assert findings(page, axe, visit.drawn) == []


@pytest.mark.parametrize("words", ["/?_records=generations_per_platform&_value=linkedin", "/nowhere"])
def test_what_opens_over_a_page(full_site: Site, page: Page, axe: str, words: str) -> None:
    page.goto(full_site.url + words)
    page.wait_for_selector(".drawer tbody tr[data-go], .page .state")
    assert findings(page, axe) == []


@pytest.mark.parametrize(
    "path",
    [
        "/account", "/account/password", "/annotations", "/admin", "/admin/users", "/admin/users/ada", "/admin/tokens", "/admin/segments",
        "/admin/segments/new", "/admin/audit", "/ai/bill", "/share/chart/generations_by_outcome", "/share/page/overview", "/embeds",
        "/embeds/new/chart/generations_by_outcome", "/alerts", "/alerts/new", "/alerts/new?metric=generations", "/alerts/rules/ai-errors/edit", AI,
        "/status", "/api/docs", "/no/such/thing/",
    ],
)  # fmt: skip
def test_pages_beside_the_charts(full_site: Site, page: Page, axe: str, path: str) -> None:
    page.goto(full_site.url + path)
    page.wait_for_selector("h1")
    assert findings(page, axe) == []


def test_a_rule_that_was_tried(full_site: Site, page: Page, axe: str) -> None:
    page.goto(f"{full_site.url}/alerts/new?metric=ai_request_error_rate")
    page.get_by_label("Title").fill("Errors")
    page.get_by_label("Limit", exact=True).fill("25")
    page.get_by_role("button", name="Try it").click()
    page.wait_for_selector("#result .course-wide svg")
    page.locator("summary").click()
    assert findings(page, axe) == []


def test_what_a_link_in_a_message_leads_to(
    full_site: Site, page: Page, axe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = full_site.app.extensions["settings"].model_copy(update={"public_url": full_site.url})
    monkeypatch.setitem(full_site.app.extensions, "settings", known)
    book, outbox = full_site.app.extensions["alerts"].rulebook.read(), full_site.app.extensions["alerts"].outbox
    links = ActionLinks(full_site.url, full_site.app.secret_key)
    message = links.signed(book.receivers["ops"], outbox.latest()[0]["message"], datetime.now(UTC))
    page.goto(message.acknowledge_link)
    page.get_by_role("button", name="Take it").wait_for()
    assert findings(page, axe) == []


def test_embeds_and_their_snippets(full_site: Site, page: Page, axe: str) -> None:
    accounts = full_site.app.extensions["accounts"]
    root = accounts.find("root")
    for kind, name in (("chart", "generations_by_outcome"), ("page", "generation")):
        wanted = Wanted(kind, name, {"start": "-30d"}, narrow=("range", "platform"), download=True)  # type: ignore[arg-type]
        embed = keeping.create(accounts, wanted, root, Selection(timezone="UTC"))
        with full_site.app.test_request_context():
            page.goto(links.url(embed, full_site.url))
        page.wait_for_selector(".foot")
        assert findings(page, axe) == []
    page.goto(f"{full_site.url}/embeds/{embed.id}")
    assert findings(page, axe) == []
    page.goto(f"{full_site.url}/embeds")
    assert findings(page, axe) == []


def test_what_strangers_see(chromium: Browser, full_site: Site, axe: str) -> None:
    page = chromium.new_context(viewport=DESK).new_page()  # type: ignore[arg-type]
    for path in ("/login", "/status", "/embed/nothing", "/alert-link/nothing"):
        page.goto(full_site.url + path)
        assert findings(page, axe) == [], path
    page.context.close()

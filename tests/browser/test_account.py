"""Tokens and annotations, made by people with a browser."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashapp.administration import ADMINISTRATION
from layouts.charts import Theme
from tests.browser.conftest import visit_site
from tests.browser.test_clicks import point
from tests.browser.visit import PASSWORD, Site, Visit, eventually

CHART = "generations_by_outcome"


def status(site: Site, token: str) -> int:
    request = urllib.request.Request(f"{site.url}/api/v1/metrics", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_token_is_made_with_the_keyboard_alone_and_revoked(own_visit: Visit) -> None:
    page = own_visit.page
    own_visit.open("/?start=-7d")
    page.locator(".user-menu summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Account & tokens").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("nightly export")
    page.keyboard.press("Enter")
    secret = page.get_by_role("textbox", name="Token “nightly export”")
    expect(secret).to_be_focused()
    token = secret.input_value()
    assert status(own_visit.site, token) == 200
    page.goto(f"{own_visit.site.url}/account")
    assert token not in page.content()
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Revoke token nightly export").press("Enter")
    page.get_by_text("The token is revoked.").wait_for()
    assert status(own_visit.site, token) == 401


def test_the_way_back_leads_to_the_view_one_came_from(own_visit: Visit) -> None:
    own_visit.open("/generation?platform=twitter")
    own_visit.page.locator(".user-menu summary").click()
    own_visit.page.get_by_role("link", name="Annotations").click()
    own_visit.page.get_by_role("link", name="Back to the dashboard").click()
    own_visit.drawn()
    assert own_visit.words() == "platform=twitter"
    assert own_visit.page.evaluate("window.location.pathname") == "/generation"


def written(visit: Visit, chart: str = CHART) -> Locator:
    """The annotations of people in a chart's picture."""
    return visit.panel(chart).locator(".annotation-text").filter(has_text="Shorter")  # type: ignore[no-any-return]


def test_a_mark_is_annotated_and_every_open_page_shows_it(chromium: Browser, own_visit: Visit) -> None:
    other = visit_site(chromium, own_visit.site)
    other.open("/generation?start=-30d")
    own_visit.open("/?start=-30d")
    found = point(own_visit, CHART, "ok", 25)
    own_visit.page.mouse.click(found["x"], found["y"] + 6)
    own_visit.page.locator("[data-mark=annotate]").click()
    own_visit.page.wait_for_selector("textarea")
    assert own_visit.page.get_by_label("From (UTC)").input_value() == found["custom"][1][:16]
    expect(own_visit.page.locator("textarea")).to_be_focused()
    own_visit.page.keyboard.type("Shorter prompt <b>")
    own_visit.page.get_by_role("button", name="Add annotation").click()
    own_visit.drawn()
    assert set(own_visit.words().split("&")) == {"outcome=ok", "start=-30d"}, "back at the same view"
    expect(written(own_visit)).to_have_text("Shorter prompt <b>")
    # beside the bands of what was not collected and of the day that is not over
    assert own_visit.panel(CHART).locator(".shapelayer path").count() == 3
    assert own_visit.panel("generations_per_platform").locator(".shapelayer path").count() == 0
    expect(written(other, "generation_success_trend")).to_have_text("Shorter prompt <b>")
    other.page.context.close()
    assert other.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(own_visit: Visit, theme: Theme) -> None:
    visit, own_site = own_visit, own_visit.site
    own_site.app.extensions["accounts"].set_role("ada", "admin", "test")
    own_site.app.extensions["accounts"].add("another.long.name.of.somebody@example.org", "viewer", PASSWORD)
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.page.emulate_media(color_scheme=theme)
    for path in ("/account", "/annotations", *(section.prefix for section in ADMINISTRATION), "/admin/segments/new",
                 "/admin/users/another.long.name.of.somebody@example.org"):  # fmt: skip
        visit.page.goto(own_site.url + path)
        for details in visit.page.locator("details").all():
            details.evaluate("box => { box.open = true; }")
        assert visit.page.evaluate("document.scrollingElement.scrollWidth") <= 360, path
        assert readable(visit.page), path


def readable(page: Page) -> bool:
    """Text and ground differ in the theme at hand: no style was forgotten."""
    found: list[str] = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    return found[0] != found[1]


def test_an_annotation_is_deleted_after_a_question(own_visit: Visit) -> None:
    page = own_visit.page
    page.goto(f"{own_visit.site.url}/annotations")
    page.get_by_label("Text").fill("A mistake")
    page.get_by_role("button", name="Add annotation").click()
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Delete annotation A mistake").click()
    eventually(lambda: bool(asked))
    assert asked == ["Delete annotation A mistake?"]
    page.reload()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete annotation A mistake").click()
    page.get_by_text("There is none.").wait_for()

"""The page "Alerts" in a real browser: a rule made by the keyboard alone, an alert taken from its message's link, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from layouts.charts import Theme
from tests.alerts.hook import hook
from tests.browser.visit import Site, Visit
from tests.web.alert_scene import AI, AlertScene


@pytest.fixture(scope="module")
def scene(site: Site) -> Iterator[AlertScene]:
    """An alert is open; at the end nothing of it is left for other tests of the site."""
    found = AlertScene(site.app)
    found.fail()
    yield found
    for name, _ in found.desk.rulebook.texts():
        found.desk.rulebook.remove(name, "test")
    found.round(found.at(3.3))


@pytest.fixture
def page(visit: Visit, scene: AlertScene) -> Page:
    return visit.page


def test_a_rule_is_made_with_the_keyboard_alone(site: Site, scene: AlertScene, page: Page) -> None:
    page.goto(f"{site.url}/alerts")
    page.get_by_role("link", name="New rule").press("Enter")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Many AI errors")
    page.keyboard.press("Tab")
    page.keyboard.type("AI request error rate")
    assert page.get_by_label("Metric").input_value() == "ai_request_error_rate"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Provider")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Limit", exact=True)).to_be_focused()
    page.keyboard.type("25")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="would have fired once")).to_be_visible()
    expect(page.locator("#result")).to_be_focused()
    assert page.locator(".course-wide svg").get_attribute("aria-labelledby")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Move the limit")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("status").filter(has_text="would never have fired")).to_be_visible()
    expect(page.get_by_label("Move the limit")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("“Many AI errors” is in force").wait_for()
    rule = scene.desk.rulebook.read().rule("many-ai-errors")
    assert rule is not None and rule.fire.value > 25 and rule.by == ("provider",)


def test_what_is_folded_is_reached_by_the_keyboard_and_fits_a_phone(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}/alerts/new?metric=ai_requests")
    more, second = page.locator("summary"), page.get_by_label("One alert also for each")
    expect(second).to_be_hidden()
    more.focus()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(second).to_be_visible()
    page.keyboard.press("Tab")
    expect(second).to_be_focused()
    page.get_by_label("Metric").select_option("generations")
    expect(second.locator("option[value=http_status]")).to_have_count(0)
    expect(page.get_by_label("Mon")).to_be_hidden()
    page.get_by_label("Fires when it").select_option("absent")
    expect(page.get_by_label("Mon")).to_be_visible()
    expect(page.get_by_label("A page when beyond")).to_be_hidden()
    page.get_by_label("Fires when it").select_option("late")
    expect(more).to_be_hidden()
    expect(page.get_by_label("Metric")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_form_shows_what_a_kind_needs(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/alerts/new?metric=ai_requests")
    expect(page.get_by_label("Compared with", exact=True)).to_be_hidden()
    page.get_by_label("Fires when it").select_option("change")
    expect(page.get_by_label("Compared with", exact=True)).to_be_visible()
    page.get_by_label("in percent").check()
    expect(page.locator(".unit")).to_have_text("%")
    page.get_by_label("Fires when it").select_option("absent")
    expect(page.get_by_label("Limit", exact=True)).to_be_hidden()
    page.get_by_label("Metric").select_option("generations")
    assert "Platform" in page.get_by_label("One alert for each").inner_text()


def test_an_alert_is_taken_and_silenced_from_its_messages_link(site: Site, scene: AlertScene, page: Page) -> None:
    link = urlsplit(scene.outbox.latest()[0]["message"].acknowledge_link)
    page.goto(f"{site.url}{link.path}?{link.query}#{link.fragment}")
    page.get_by_label("Note (may be empty)").fill("on it <b>")
    page.get_by_role("button", name="Take it").click()
    page.get_by_text("You have taken it").wait_for()
    expect(page.get_by_text("ada: on it <b>")).to_be_visible()
    page.get_by_label("Why").fill("known")
    page.get_by_label("How long").select_option("ended")
    page.get_by_role("button", name="Silence it").click()
    page.get_by_text("Silenced:").wait_for()
    page.goto(f"{site.url}/alerts")
    expect(page.get_by_text("silenced by ada: known")).to_be_visible()
    page.get_by_role("button", name="End silence").click()
    page.get_by_text("The silence is over.").wait_for()
    expect(page.get_by_text("silenced by ada")).to_have_count(0)


def test_a_rule_is_made_from_a_chart_by_the_mouse_and_its_limit_dragged(
    site: Site, scene: AlertScene, page: Page
) -> None:
    page.goto(f"{site.url}/?platform=twitter&start=-30d")
    menu = page.locator('.panel[data-chart="generations_by_outcome"] .panel-menu')
    menu.locator("summary").click()
    menu.get_by_text("Alert on this").click()
    expect(page.get_by_label("Only these records")).to_have_value("platform=twitter")
    assert page.get_by_label("Metric").input_value() == "generations"
    page.get_by_label("Title").fill("Posts on X")
    page.get_by_label("In each window of").select_option("1d")
    page.get_by_label("Limit", exact=True).fill("0")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("status").filter(has_text="would have fired")).to_be_visible()
    grip = page.locator(".course-wide .course-grip.movable")
    grip.scroll_into_view_if_needed()
    line = grip.evaluate("one => { const { x, y, width } = one.getBoundingClientRect(); return [x + width / 2, y]; }")
    top = page.locator(".course-wide svg").bounding_box()["y"]  # type: ignore[index]
    page.mouse.move(*line)
    page.mouse.down()
    page.mouse.move(line[0], top + 40, steps=3)
    page.mouse.move(line[0], top, steps=3)
    expect(page.locator(".course-wide .course-limit-text")).not_to_have_text("limit > 0")
    page.mouse.up()
    expect(page.get_by_role("status").filter(has_text="would never have fired")).to_be_visible()
    limit = float(page.get_by_label("Limit", exact=True).input_value())
    page.get_by_role("button", name="Save the rule").click()
    page.get_by_text("“Posts on X” is in force").wait_for()
    rule = scene.desk.rulebook.read().rule("posts-on-x")
    assert rule is not None and rule.fire.value == limit > 0 and rule.where == {"platform": ("twitter",)}


def test_a_charts_menu_leads_to_the_form_by_keyboard(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/?start=-30d")
    menu = page.locator('.panel[data-chart="generations_by_outcome"] .panel-menu')
    menu.locator("summary").focus()
    expect(menu.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    wanted = menu.get_by_text("Alert on this")
    expect(wanted).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title")).to_be_focused()
    assert page.get_by_label("Metric").input_value() == "generations"


def test_a_receiver_is_tested_and_a_rule_silenced_with_the_keyboard_alone(
    site: Site, scene: AlertScene, page: Page
) -> None:
    received: list[str] = []
    with hook(received) as port:
        receiver = f'[[receiver]]\nname = "tried"\nkind = "webhook"\nurl = "http://127.0.0.1:{port}/hook"\n'
        scene.desk.rulebook.apply(receiver, "conf/tried.toml", "test")
        page.goto(f"{site.url}/alerts")
        page.get_by_role("button", name="Send test to tried").press("Enter")
        expect(page.get_by_role("status").filter(has_text="taken – ")).to_be_visible()
    assert len(received) == 1
    page.goto(site.url + AI)
    page.get_by_label("Why").focus()
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.type("known by keyboard")
    for name in ("How long", "For"):
        page.keyboard.press("Tab")
        expect(page.get_by_label(name, exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_be_focused()
    expect(page.locator("#preview")).to_contain_text("Not notified")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Silence it")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_text("Silenced:").wait_for()
    (made,) = [one for one in scene.desk.silences.current(scene.at(6)) if one.reason == "known by keyboard"]
    scene.desk.silences.end(made.id, "test", scene.at(6))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_everything_and_every_field_has_a_name(
    site: Site, scene: AlertScene, page: Page, theme: Theme
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme=theme)
    for path in ("/alerts", "/alerts/ai-errors/1?labels=b", "/alerts/new?metric=ai_request_error_rate"):
        page.goto(site.url + path)
        if "new" in path:
            page.get_by_label("Title").fill("Errors")
            page.get_by_label("Limit", exact=True).fill("25")
            page.get_by_role("button", name="Try it").click()
            page.locator("#result").wait_for()
            expect(page.locator(".course-narrow svg")).to_be_visible()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390, path
        assert page.evaluate(_NAMELESS) == [], path


_NAMELESS = """[...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a")]
  .filter((one) => !(one.labels && one.labels.length) && !one.getAttribute("aria-label") && !one.textContent.trim())
  .map((one) => one.outerHTML)"""

"""The Overview's first screen in a real browser: words that lead to their proof, goals, and what changed."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from metricstore.goal import Goal
from tests.browser.visit import Visit, eventually


def test_the_verdict_leads_to_its_proof_with_the_filters_of_the_page(visit: Visit) -> None:
    visit.open("/?platform=linkedin")
    verdict = visit.page.locator(".verdict")
    expect(verdict).to_contain_text("30 posts made in the last 30 days")
    failed = verdict.get_by_role("link", name=re.compile("failed"))
    expect(failed).to_have_count(1)
    failed.click()
    eventually(lambda: visit.page.evaluate("location.pathname") == "/generation")
    assert visit.words() == "outcome=failed,partial&platform=linkedin"
    visit.drawn()
    eventually(lambda: visit.tile("generations") == "10")


def test_the_control_says_what_figures_are_compared_with_and_switches_it_off(visit: Visit) -> None:
    visit.open("/")
    page, compare = visit.page, visit.page.locator("#compare")
    note = page.locator('.tile[data-metric="generations"] .tile-note').first
    expect(compare).to_have_text("Same weekdays before (figures)")
    expect(note).to_contain_text(re.compile("same weekdays before: |nothing to compare with"))
    compare.click()
    page.locator(".dash-dropdown-option", has_text=re.compile("^Off$")).click()
    eventually(lambda: visit.words() == "compare=off")
    expect(note).not_to_contain_text("weekdays")
    visit.walk_to("generation")
    expect(compare).to_have_text("Off")
    page.get_by_role("button", name="Reset").first.click()
    eventually(lambda: visit.words() == "")
    expect(compare).to_have_text("Off")
    page.go_back()
    page.go_back()
    page.go_back()
    eventually(lambda: visit.words() == "" and page.evaluate("location.pathname") == "/")
    expect(compare).to_have_text("Same weekdays before (figures)")


def test_what_changed_opens_and_closes_by_keyboard(visit: Visit) -> None:
    visit.open("/?start=-2d")
    button = visit.page.get_by_role("button", name="What changed: Posts generated")
    button.focus()
    expect(button).to_be_focused()
    visit.page.keyboard.press("Enter")
    eventually(lambda: visit.words() == "_change=generations&start=-2d")
    drawer = visit.page.locator(".drawer")
    expect(drawer).to_contain_text("What changed: Posts generated")
    expect(drawer.locator(".change-sentence")).to_contain_text(" posts → ")
    visit.page.keyboard.press("Escape")
    eventually(lambda: visit.words() == "start=-2d")


def test_a_goal_judges_the_page_as_soon_as_it_is_set(own_visit: Visit) -> None:
    visit = own_visit
    visit.open("/")
    expect(visit.page.locator(".briefing")).to_contain_text("No goal is set for this view")
    app = visit.site.app
    author = app.extensions["accounts"].find("ada")
    app.extensions["goals"].add(Goal("generations", "at least", 5000, "month"), author)
    tile = visit.page.locator('.tile[data-metric="generations"]')
    expect(tile).to_contain_text("of 5,000 posts this month")
    expect(visit.page.locator(".verdict")).to_contain_text("Posts generated: ")
    expect(visit.page.locator(".verdict")).to_contain_text("behind pace")


def test_a_range_is_typed_as_people_write_it_and_nonsense_changes_nothing(visit: Visit) -> None:
    page = visit.page
    visit.open("/?tz=Europe/Berlin")
    for typed, words in (
        ("10.11.2026", "start=2026-11-10&stop=2026-11-11"), ("3.11. – 10.11.2026", "start=2026-11-03&stop=2026-11-11"),
        ("2026-11-10 08:00 to now", "start=2026-11-10T08:00"), ("last 14 days", "start=-14d"), ("-7d", "start=-7d"),
    ):  # fmt: skip
        page.locator("[data-menu=range] > summary").click()
        page.fill("#range-typed", typed)
        page.keyboard.press("Enter")
        eventually(lambda words=words: visit.words().removesuffix("&tz=Europe/Berlin") == words)  # type: ignore[misc]
    for typed, said in (("soon", "is not understood"), ("10.11.2026 to 3.11.2026", "ends before it begins"),
                        ("31.2.2026", "there is no 31.2.2026")):  # fmt: skip
        page.locator("[data-menu=range] > summary").click()
        page.fill("#range-typed", typed)
        page.keyboard.press("Enter")
        expect(page.locator("#range-error")).to_contain_text(re.compile(said, re.IGNORECASE))
        assert visit.words() == "start=-7d&tz=Europe/Berlin"
        page.keyboard.press("Escape")

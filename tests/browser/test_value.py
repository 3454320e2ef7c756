"""Modelled numbers follow the assumptions of the page, which are part of its address."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visit import Visit, eventually


def test_a_changed_assumption_changes_the_numbers_the_address_and_nothing_else(visit: Visit) -> None:
    visit.open("/value?start=-30d")
    field = visit.page.locator('[data-assume="manual_minutes"] input')
    eventually(lambda: field.count() == 1 and field.input_value() == "45")
    assert visit.tile("time_saved") == "–", "nobody has set what it assumes"
    expect(visit.panel("time_saved_trend")).to_contain_text("numbers that are not set yet: Writing by hand, Checking")
    visit.page.get_by_role("button", name="Use these numbers").click()
    eventually(
        lambda: visit.tile("time_saved") == "≤ 23.3"
    )  # 40 posts without failure as far as the log says, 35 minutes each
    field.fill("70")
    field.press("Tab")
    eventually(lambda: "manual_minutes:70" in visit.words())
    eventually(lambda: visit.tile("time_saved") == "≤ 40.0")
    visit.open("/value?start=-30d&assume=manual_minutes:25,review_minutes:10")
    eventually(lambda: visit.page.locator('[data-assume="manual_minutes"] input').input_value() == "25")
    assert visit.tile("time_saved") == "≤ 10.0"
    visit.page.get_by_role("button", name="Undo my changes").click()
    eventually(lambda: visit.tile("time_saved") == "–")
    assert "assume" not in visit.words()

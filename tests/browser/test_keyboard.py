"""Charts walked by keyboard: mark by mark, said as they are reached; Enter filters, R opens the records."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from playwright.sync_api import expect

from tests.browser.visit import Visit, eventually


def focused(visit: Visit, chart: str) -> Any:
    plot = visit.panel(chart).locator(".js-plotly-plot")
    eventually(lambda: plot.get_attribute("aria-describedby") is not None)
    plot.focus()
    expect(plot).to_be_focused()
    return plot


def press(visit: Visit, *keys: str) -> None:
    for key in keys:
        visit.page.keyboard.press(key)


def said(visit: Visit) -> Any:
    return expect(visit.page.locator("#announce"))


def test_bars_are_walked_filtered_by_and_opened(visit: Visit) -> None:
    visit.open("/?start=-20d")
    plot = focused(visit, "generations_per_platform")
    summary = visit.page.locator("#panel-summary-generations_per_platform")
    expect(summary).to_have_text("LinkedIn 30 posts, X 20 posts.")
    press(visit, "ArrowRight")
    said(visit).to_have_text("LinkedIn: 30 posts, 1 of 2")
    assert plot.locator(".mark-cursor").count() == 1
    press(visit, "ArrowDown")
    said(visit).to_have_text("X: 20 posts, 2 of 2")
    press(visit, "Home", "Enter")
    eventually(lambda: "platform=linkedin" in visit.words())
    visit.drawn()
    expect(plot).to_be_focused()
    press(visit, "r")
    eventually(lambda: "_records=generations_per_platform" in visit.words() and "_value=linkedin" in visit.words())
    expect(visit.page.locator(".drawer tbody tr[data-go]").first).to_contain_text("LinkedIn")
    press(visit, "Escape")
    eventually(lambda: "_records" not in visit.words())
    expect(plot).to_be_focused()


def test_lines_are_walked_from_the_newest_window_and_between_series(visit: Visit) -> None:
    visit.open("/generation?start=-20d&every=1d&tz=UTC")
    focused(visit, "generation_success_trend")
    press(visit, "ArrowLeft")
    said(visit).to_have_text(re.compile(r"^X, \d+ \w{3} \d{4}: 100\.0 %, 10 of 10$"))
    press(visit, "ArrowDown")
    said(visit).to_have_text(re.compile(r"^LinkedIn, \d+ \w{3} \d{4}: 66\.7 %, 10 of 10$"))
    press(visit, "Home", "ArrowRight")
    said(visit).to_have_text(re.compile(r"^LinkedIn, .*, 2 of 10$"))
    press(visit, "R")
    expect(visit.page.locator(".drawer tbody tr[data-go]").first).to_contain_text("LinkedIn")
    assert re.search(r"_at=[^&]+(~|%7E)", visit.words())


def test_cells_are_walked_in_both_ways_and_their_menu_is_reached_and_left_by_keyboard(visit: Visit) -> None:
    visit.open("/generation?tz=UTC")
    plot = focused(visit, "generation_hours")
    press(visit, "ArrowRight")
    said(visit).to_have_text(re.compile(r"^Mon 00:00 · \d+ posts, 1 of \d+$"))
    press(visit, "ArrowDown")
    said(visit).to_have_text(re.compile(r"^Tue 00:00"))
    press(visit, "Space")
    expect(visit.page.locator("[data-mark=records]")).to_be_focused()
    press(visit, "Escape")
    expect(plot).to_be_focused()
    press(visit, "Home", "Enter")
    eventually(lambda: "weekday=tue" in visit.words() and "hour=00" in visit.words())


def test_the_buttons_over_a_picture_are_no_tab_stops(visit: Visit) -> None:
    visit.open()
    inside = visit.page.locator(".panel.is-ok .js-plotly-plot :is(a, button, [tabindex])")
    assert inside.count() > 0
    assert inside.evaluate_all("found => found.filter((one) => one.tabIndex >= 0).length") == 0


_STOP = """() => {
    const at = document.activeElement;
    if (at === document.body) return null;
    const [box, style] = [at.getBoundingClientRect(), getComputedStyle(at)];
    return { name: `${at.tagName} ${at.className} ${at.innerText.slice(0, 30)}`, top: box.top + scrollY, inView: box.bottom > 0 && box.top < innerHeight,
             outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
}"""


def stops(visit: Visit, most: int = 200) -> list[dict[str, Any]]:
    """Where Tab goes from the beginning of the page to its end."""
    visit.page.evaluate(
        "() => { document.activeElement.blur(); window.scrollTo(0, 0); window.getSelection().removeAllRanges(); }"
    )
    found: list[dict[str, Any]] = []
    for _ in range(most):
        visit.page.keyboard.press("Tab")
        stop = visit.page.evaluate(_STOP)
        if stop is None:
            return found
        found.append(stop)
    raise AssertionError(f"no end: {found[-3:]}")


def test_tab_goes_through_a_page_from_top_to_bottom_and_is_always_seen(visit: Visit) -> None:
    visit.open("/?start=-20d")
    for width in (1366, 390):
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.drawn()
        found = stops(visit)
        assert len(found) > 30
        assert [one["name"] for one in found if not (one["outlined"] and one["inView"])] == []
        if width == 390:  # one below the other
            ways = [(one["name"], other["name"]) for one, other in pairwise(found) if other["top"] < one["top"] - 60]
            assert ways == []


def test_rows_are_walked_by_arrow_keys_and_have_one_tab_stop_each(visit: Visit) -> None:
    visit.open("/events?start=-20d")
    rows = visit.page.locator("[data-table] tbody tr[data-go]")
    visit.page.locator("[data-table]").first.scroll_into_view_if_needed()
    eventually(lambda: rows.count() > 2)
    assert (
        rows.first.locator("button[tabindex='-1'], button:not([tabindex])").count()
        == rows.first.locator("button").count()
        > 1
    )
    assert rows.first.locator("button:not([tabindex])").all_inner_texts() == ["Open"]
    rows.first.get_by_text("Open", exact=True).focus()
    at = lambda: visit.page.evaluate(  # noqa: E731
        "() => [document.activeElement.closest('tr').rowIndex, document.activeElement.innerText]"
    )
    row, _ = at()
    press(visit, "ArrowLeft")
    assert at()[0] == row
    assert at()[1] not in ("Open", "")
    press(visit, "ArrowDown", "ArrowDown", "ArrowUp")
    assert at()[0] == row + 1
    press(visit, "End", "ArrowRight", "ArrowRight")
    assert at() == [row + 1, "Open"]
    press(visit, "Home")
    chosen = visit.page.evaluate("() => [document.activeElement.dataset.filter, document.activeElement.dataset.value]")
    press(visit, "Enter")
    eventually(lambda: f"{chosen[0]}={chosen[1]}" in visit.words())

"""A text of a source that looks like markup is seen as it was written, and chosen by a click."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from metricstore.point import Point, nanoseconds
from tests.browser.visit import Visit, eventually

HOSTILE = '<a href="https://e.io">R&amp;D</a>'


def test_it_is_no_link_in_legend_axis_hover_or_popover_and_a_click_filters_by_it(own_visit: Visit) -> None:
    visit = own_visit
    day = nanoseconds(datetime.now(UTC) - timedelta(days=2))
    fields = {"status": HOSTILE, "content_state": "ok", "topic": HOSTILE, "post_id": "1"}
    visit.site.store.write([Point("post", day + place, {"platform": "linkedin"}, fields) for place in range(40)])
    visit.open("/content")
    for chart, place in (("calendar_by_status", ".legendtext"), ("posts_per_topic", ".ytick text")):
        panel = visit.panel(chart)
        panel.scroll_into_view_if_needed()
        texts = panel.locator(place)
        eventually(lambda texts=texts: any("e.io" in text for text in texts.all_text_contents()))
        assert panel.locator("svg a").count() == 0
    panel = visit.panel("posts_per_topic")

    def pointed() -> tuple[float, float]:
        """Where the bar is now, with the pointer on it: the chart may still move."""
        bar = panel.locator(".barlayer .point").last.bounding_box()
        place = bar["x"] + 5, bar["y"] + bar["height"] / 2
        visit.page.mouse.move(place[0] + 1, place[1])
        visit.page.mouse.move(*place)
        return place

    eventually(lambda: pointed() and "e.io" in "".join(panel.locator(".hoverlayer").all_text_contents()))
    assert panel.locator(".hoverlayer a").count() == 0
    visit.page.mouse.click(*pointed())
    eventually(lambda: parse_qs(visit.words()).get("topic") == [HOSTILE])
    assert HOSTILE in visit.page.locator(".popover-title").inner_text()


def test_an_address_that_is_not_one_of_the_web_is_no_link(visit: Visit) -> None:
    visit.open("/value")
    put_up = "(href) => window.board.element({ type: 'A', props: { href } }).props.href ?? null"
    for hostile in (
        "javascript:alert(1)",
        " JaVaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:x",
        "http://[x",
    ):
        assert visit.page.evaluate(put_up, hostile) is None, hostile
    for fine in ("/share/page/value", "?tz=UTC", "#x", "https://example.com/a?b=c", "mailto:ops@example.com", "post"):
        assert visit.page.evaluate(put_up, fine) == fine

"""Long names beside bars leave room for the bars, on a desk and on a phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from metricstore.point import Point, nanoseconds
from tests.browser.visit import Visit, eventually

LONG = "Why small teams that publish every single day outgrow the larger ones that plan for quarters"
WHOLE_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.mark.parametrize("width", [360, 1366])
def test_long_names_leave_half_of_the_picture_to_the_cells(own_visit: Visit, width: int) -> None:
    visit = own_visit
    day = nanoseconds(datetime.now(UTC) - timedelta(days=2))
    for place, (platform, status) in enumerate(((WHOLE_WORD[:64], LONG), ("linkedin", WHOLE_WORD))):
        fields = {"status": status, "content_state": "ok", "post_id": str(place)}
        visit.site.store.write([Point("post", day + place, {"platform": platform}, fields)])
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.open("/content")
    panel = visit.panel("status_per_platform")
    eventually(lambda: panel.locator(".ytick").count() >= 2)
    size = panel.locator(".js-plotly-plot").evaluate("plot => plot._fullLayout._size")
    whole = panel.locator(".js-plotly-plot").evaluate("plot => [plot._fullLayout.width, plot._fullLayout.height]")
    assert size["w"] / whole[0] > 0.5
    assert size["h"] / whole[1] > 0.4
    cell = panel.locator(".js-plotly-plot").evaluate("plot => plot.data[0].hovertext.flat().join()")
    assert LONG in cell and WHOLE_WORD in cell


@pytest.mark.parametrize("width", [360, 1366])
def test_long_topics_leave_most_of_the_picture_to_the_bars(own_visit: Visit, width: int) -> None:
    visit = own_visit
    day = nanoseconds(datetime.now(UTC) - timedelta(days=2))
    for place, topic in enumerate((LONG, WHOLE_WORD)):
        fields = {"topic": topic, "status": "draft", "content_state": "ok", "post_id": str(place)}
        visit.site.store.write([Point("post", day + place, {"platform": "linkedin"}, fields)])
    visit.page.set_viewport_size({"width": width, "height": 800})
    visit.open("/content")
    for more in visit.page.get_by_role("button", name="more charts").all():  # on a phone
        more.click()
    panel = visit.panel("posts_per_topic")
    eventually(lambda: panel.locator(".ytick").count() >= 5)
    share = "plot => plot._fullLayout._size.w / plot._fullLayout.width"
    eventually(lambda: panel.locator(".js-plotly-plot").evaluate(share) > 0.55)
    shown = panel.locator(".ytick text").all_text_contents()
    assert LONG not in shown and any(text.startswith("Why small") for text in shown)
    for size in (340, 560):  # the panel alone, as when its neighbour goes
        panel.evaluate("(panel, size) => { panel.style.width = size + 'px'; }", size)
        drawn = f"plot => Math.abs(plot._fullLayout.width - {size}) < 60"
        eventually(lambda drawn=drawn: panel.locator(".js-plotly-plot").evaluate(drawn))  # type: ignore[misc]
        eventually(lambda: panel.locator(".js-plotly-plot").evaluate(share) > 0.55)
    panel.locator(".panel-menu > summary").click()
    panel.get_by_role("button", name="Show as table").click()
    expect(panel.locator("table")).to_contain_text(LONG)
    visit.page.set_viewport_size({"width": 700, "height": 800})
    eventually(lambda: panel.locator(".js-plotly-plot").evaluate(share) > 0.55)


DRAW = """async (names) => {
    const panel = document.querySelector('.panel[data-chart="posts_per_topic"]');
    const bars = { type: "bar", orientation: "h", y: names, x: names.map(() => 1) };
    const yaxis = { type: "category", automargin: true, tickvals: names, ticktext: names };
    panel.style.display = "none";
    await board.draw(panel.querySelector(".panel-graph"), { data: [bars], layout: { autosize: true, margin: { l: 8, r: 8 }, yaxis } });
    panel.style.display = "";
}"""


def test_a_picture_that_is_drawn_while_its_place_is_hidden_fits_once_it_is_seen(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 800})
    visit.open("/content")
    for more in visit.page.get_by_role("button", name="more charts").all():
        more.click()
    visit.page.evaluate(DRAW, [LONG, WHOLE_WORD])
    plot = visit.panel("posts_per_topic").locator(".js-plotly-plot")
    eventually(lambda: plot.evaluate("plot => plot._fullLayout._size.w / plot._fullLayout.width") > 0.55)


def test_names_break_behind_their_signs_and_a_zoomed_axis_of_times_gets_ticks_by_the_figures_own_units_and_steps(
    visit: Visit,
) -> None:
    visit.open("/generation")
    wrap = "([most, lines]) => board.wrapped('gpt-4o-mini-2024-07-18', most, lines)"
    assert visit.page.evaluate(wrap, [14, 2]) == "gpt-4o-mini-<br>2024-07-18"
    assert visit.page.evaluate(wrap, [14, 1]) == "gpt-4o-…-07-18"
    plot = visit.panel("generation_duration_trend").locator(".js-plotly-plot")
    eventually(lambda: bool(plot.evaluate("plot => plot.layout.meta.units.length === 3")))
    for low, high, texts in (
        (0, 1, ["0", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "1 s"]),
        (0, 14_400, ["0", "1 h", "2 h", "3 h", "4 h"]),
    ):
        plot.evaluate("(plot, range) => { window.Plotly.relayout(plot, { 'yaxis.range': range }); }", [low, high])
        eventually(lambda wanted=texts: plot.evaluate("plot => plot.layout.yaxis.ticktext") == wanted)  # type: ignore[misc]

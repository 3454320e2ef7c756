"""What makes a first screen quick: questions that do not wait for code, and a page that looks at itself once, not once for each of its parts."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Request, Route, expect

from layouts.tile_values import tiles_of
from tests.browser.visit import Visit, eventually


def test_the_first_questions_are_asked_once_and_before_dash_is_there(visit: Visit) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        name = request.url.rpartition("/")[2].partition("?")[0]
        if name == "_dash-update-component":
            asked.append(json.loads(request.post_data or "{}")["output"])
        elif name.startswith(("_dash-", "dash_renderer")):
            asked.append(name)

    visit.page.on("request", note)
    visit.open("/generation?start=-7d")
    first = ("_dash-layout", "_dash-dependencies", "page.children")
    assert [asked.count(name) for name in first] == [1, 1, 1]
    visit.walk_to("overview")
    assert asked.count("page.children") == 2


def test_an_early_question_that_was_lost_is_asked_again(visit: Visit) -> None:
    lost: list[str] = []

    def lose(route: object) -> None:
        lost.append("layout")
        route.abort() if len(lost) == 1 else route.continue_()  # type: ignore[attr-defined]

    visit.page.route("**/_dash-layout", lose)
    visit.open("/generation?start=-7d")
    assert len(lost) == 2
    visit.complaints.clear()  # the browser's own word on the lost one


def test_components_look_once_however_many_reports_one_step_makes(visit: Visit) -> None:
    visit.open("/generation?start=-7d")
    looks = """async () => {
        const store = window.dash_stores[0];
        let looks = 0;
        const leave = store.subscribe(() => { looks += 1; });
        for (let step = 0; step < 5; step += 1) store.dispatch({ type: "RESET_COMPONENT_STATE", payload: { itempath: ["nowhere"] } });
        await Promise.resolve();
        leave();
        return looks;
    }"""
    eventually(lambda: visit.page.evaluate(looks) == 1)


def test_a_table_that_is_put_in_place_a_moment_later_is_asked_for_all_the_same(visit: Visit) -> None:
    """As a drawer's is: what it shall show is known before its panel is there."""
    visit.open("/delivery")
    visit.drawn()
    wanted = lambda request: "table-body" in (request.post_data or "") and "failed_posts" in (request.post_data or "")  # noqa: E731
    with visit.page.expect_request(wanted, timeout=20_000):
        visit.page.evaluate(
            """() => {
              const panel = document.querySelector('.panel[data-table="failed_posts"]');
              const [parent, following] = [panel.parentElement, panel.nextSibling];
              panel.remove();
              window.board.askTable(panel);
              window.setTimeout(() => {
                parent.insertBefore(panel, following);
                panel.scrollIntoView();
              }, 500);
            }"""
        )
    assert visit.complaints == []


def test_header_filters_and_frame_are_there_while_all_scripts_and_styles_are_on_their_way(visit: Visit) -> None:
    chromium = visit.page.context.browser
    assert chromium is not None
    held: list[Route] = []
    page = chromium.new_context(storage_state=visit.page.context.storage_state()).new_page()
    try:
        page.route(
            "**/*", lambda route: route.continue_() if route.request.resource_type == "document" else held.append(route)
        )
        page.goto(f"{visit.site.url}/delivery?start=-7d", wait_until="commit")
        frame = page.locator(".app-skeleton")
        for text in ("Scheduling & delivery", "Platform", "Time zone", "Delivery rate"):
            expect(frame.get_by_text(text, exact=True).last).to_be_visible()
        assert frame.locator(".tile-skeleton").count() == len(tiles_of("delivery"))
        assert frame.evaluate("(part) => getComputedStyle(part.querySelector('.tile')).display") == "flex"
    finally:
        for route in held:
            route.abort()
        page.context.close()
    visit.open("/delivery?start=-7d")
    expect(visit.page.locator(".app-skeleton")).to_have_count(0)


def test_without_scripts_a_page_says_what_it_needs(visit: Visit) -> None:
    """Chromium keeps the element closed even when its scripts are switched off from outside."""
    told = visit.page.request.get(f"{visit.site.url}/value").text()
    assert (
        "<noscript><style>.app-skeleton { display: none; }</style><p>The dashboard needs JavaScript, which is" in told
    )


def near_and_loading(visit: Visit) -> int:
    found: int = visit.page.evaluate(
        "[...document.querySelectorAll('.panel.is-loading')].filter((panel) => panel.getBoundingClientRect().top < innerHeight).length"
    )
    return found


_SHIFTS = """() => { if ("shifts" in window) return; window.shifts = []; new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.shifts.push([one.value, ...one.sources.map(({ node, previousRect, currentRect }) =>
        `${node?.className || node?.nodeName} ${previousRect.y}+${previousRect.height} to ${currentRect.y}+${currentRect.height}`)]);
}).observe({ type: 'layout-shift', buffered: true }); }"""


@pytest.mark.parametrize(
    ("path", "width", "most"),
    [
        ("/generation?start=-7d", 1366, 0.1),
        ("/engagement?start=-7d&platform=linkedin", 1366, 0.1),
        ("/", 1366, 0.05),
        ("/", 390, 0.05),
        ("/ai", 390, 0.05),
    ],
)
def test_what_stands_stays_where_it_is_while_answers_come(visit: Visit, path: str, width: int, most: float) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.page.add_init_script(f"({_SHIFTS})()")
    visit.open(path)
    expect(visit.page.locator(".tile-skeleton, .verdict.waiting")).to_have_count(0)
    drawn = visit.page.locator(".panel.is-ok, .panel.is-empty")
    eventually(lambda: drawn.count() > 0 and near_and_loading(visit) == 0)
    shifts = visit.page.evaluate("window.shifts")
    assert sum(value for value, *_ in shifts) < most, shifts

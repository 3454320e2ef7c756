"""What makes a first screen quick: questions that do not wait for code, and a page that looks at itself once, not once for each of its parts."""

from __future__ import annotations

import json

from playwright.sync_api import Request

from tests.browser.conftest import Visit, eventually


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

"""What a phone shows whole, what an empty chart takes, and the ways through long pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from layouts.pages import PAGES
from metricstore.point import Point, nanoseconds
from tests.browser.conftest import serve, visiting
from tests.browser.scene import history
from tests.browser.visit import Site, Visit, eventually

PHONE = {"width": 390, "height": 844}
LONG_TOPIC = "Why small teams that publish every single day outgrow the larger ones"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Posts that wait and were sent late, with a long topic, beside the scene's history."""
    found = history()
    for place in range(14):
        at = NOW + timedelta(days=5 - place, minutes=place)
        status = "sent" if at < NOW else "scheduled"
        fields = {"service_post_id": str(place), "status": status, "lateness": "1-5 min" if place % 2 else "up to 1 min", "late_seconds": 30.0,
                  "due": at.isoformat(), "channel_weekday": "mon", "channel_hour": f"{place:02}"}  # fmt: skip
        found.append(Point("social_post", nanoseconds(at), {"source": "buffer", "platform": "linkedin"}, fields))
        way = {
            "post_id": str(place),
            "topic": LONG_TOPIC,
            "step": "sent",
            "state": "stuck",
            "waiting": "over 7 days",
            "sources": "calendar + log",
        }
        found.append(Point("post_journey", nanoseconds(at), {"platform": "linkedin", "time_kind": "instant"}, way))
    yield from serve(tmp_path_factory.mktemp("posts"), points=found)


@pytest.fixture(scope="module")
def open_phone(chromium: Browser, posts: Site) -> Iterator[Visit]:
    """All tests of this file are about `posts`: a page that stays open must not meet another site behind the door."""
    with visiting(chromium, posts, viewport=PHONE) as found:
        found.walks = True
        yield found


@pytest.fixture
def phone(open_phone: Visit) -> Visit:
    open_phone.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return open_phone


def plot(visit: Visit, chart: str, script: str) -> object:
    return visit.panel(chart).locator(".js-plotly-plot").evaluate(script)


@pytest.mark.parametrize(
    ("page", "table"), [("journey", "stuck_posts"), ("content", "posts"), ("engagement", "post_figures")]
)
def test_no_value_of_a_card_is_cut_on_a_phone(phone: Visit, page: str, table: str) -> None:
    phone.open(PAGES[page].path)
    cards = phone.page.locator(f'.panel[data-table="{table}"]')
    expect(cards.locator("tbody .tag").first).to_be_visible()
    beyond = """panel => [...panel.querySelectorAll("tbody td > *, tbody td.number")].filter((one) => one.getBoundingClientRect().right
        > panel.getBoundingClientRect().right).map((one) => one.textContent)"""
    assert cards.evaluate(beyond) == []


def test_dates_and_counts_of_a_calendar_do_not_cover_each_other_on_a_phone(phone: Visit) -> None:
    phone.open("/delivery?start=-14d")
    shown = "plot => plot.data.filter((t) => t.mode === 'text' && t.visible !== false).map((t) => [t.name, t.textfont.size])"
    assert plot(phone, "delivery_calendar", shown) == [["days", 9], ["counts", 13]]
    phone.page.set_viewport_size({"width": 1000, "height": 844})
    eventually(lambda: plot(phone, "delivery_calendar", shown) == [["dates", 10], ["counts", 16], ["groups", 9]])


FITTED = """(width) => {
    const place = { clientWidth: width, clientHeight: 300 };
    const x = [...Array(24).keys()];
    const cells = (text) => ({ type: "heatmap", x, z: [x], text: [x.map(() => text)], texttemplate: "%{text}" });
    const bars = { type: "bar", text: ["5.76 % · n 28"], meta: { values: ["5.76 %"], inside: ["n 28"] } };
    const said = (data) => board.fitted({ data, layout: {} }, place).data;
    const again = said(said([cells("36"), cells("1")]));
    return [said([cells("1")])[0].texttemplate, ...again.map((one) => one.texttemplate), said([bars])[0].text[0]];
}"""


def test_words_stand_in_marks_that_have_room_for_them_and_in_all_of_a_picture_or_none(phone: Visit) -> None:
    phone.open("/engagement")
    assert phone.page.evaluate(FITTED, 340) == ["%{text}", "", "", "5.76 %"]
    assert phone.page.evaluate(FITTED, 1300) == ["%{text}", "%{text}", "%{text}", "5.76 % · n 28"]


DRAWN_HIDDEN = """async () => {
    const place = document.createElement("div");
    Object.assign(place.style, { position: "absolute", height: "300px", display: "none" });
    document.body.append(place);
    const x = [...Array(24).keys()];
    const cells = { type: "heatmap", x, z: [x], text: [x.map(() => "36")], texttemplate: "%{text}" };
    const bars = { type: "bar", x: ["a"], y: [1], text: ["5.76 % · n 28"], meta: { values: ["5.76 %"], inside: ["n 28"] } };
    await board.draw(place, { data: [cells, bars], layout: {} });
    const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
    const said = [];
    for (const width of [340, 1300]) {
        Object.assign(place.style, { display: "block", width: width + "px" });
        for (let turn = 0; turn < 60 && place._fullLayout.width !== width; turn += 1) await wait(50);
        await wait(300);
        said.push([place.data[0].texttemplate, place.data[1].text[0]]);
    }
    place.remove();
    return said;
}"""


def test_what_was_drawn_out_of_sight_has_its_words_again_where_there_is_room(phone: Visit) -> None:
    phone.open("/engagement")
    assert phone.page.evaluate(DRAWN_HIDDEN) == [["", "5.76 %"], ["%{text}", "5.76 % · n 28"]]


@pytest.mark.parametrize(("address", "chart"), [("/delivery", "send_lateness_spread"), ("/journey", "waiting_in_step")])
def test_names_below_columns_lie_on_a_phone_too(phone: Visit, address: str, chart: str) -> None:
    phone.open(address)
    turned = "plot => [...plot.querySelectorAll('.xtick text')].filter((one) => /rotate\\((?!0)/.test(one.getAttribute('transform') || '')).length"
    names = "plot => plot.querySelectorAll('.xtick text').length"
    assert plot(phone, chart, names) != 0
    assert plot(phone, chart, turned) == 0


def test_an_empty_chart_is_as_high_as_its_words_and_what_is_read_stays_in_place(chromium: Browser, posts: Site) -> None:
    with visiting(chromium, posts, viewport={"width": 1440, "height": 900}) as visit:
        visit.open("/data-health")
        low = visit.panel("alert_events_by_event")  # other tests leave the use of the dashboard
        expect(low.locator(".state-text")).to_contain_text("Nothing collected yet: ")
        assert low.bounding_box()["height"] < 200
        above = "document.querySelector('[data-table=\"collector_runs\"]').scrollIntoView(); window.scrollY"
        visit.open("/data-health")
        place = visit.page.evaluate(above)
        visit.drawn()
        assert abs(visit.page.evaluate("window.scrollY") - place) < 5 or visit.page.evaluate(
            "Math.abs(document.querySelector('[data-table=\"collector_runs\"]').getBoundingClientRect().top) < 160"
        )


def test_the_parts_of_a_long_page_are_one_key_away(phone: Visit) -> None:
    phone.page.set_viewport_size({"width": 1440, "height": 900})
    phone.open("/engagement")
    link = phone.page.get_by_role("navigation", name="On this page").get_by_role("button", name="Imported figures")
    link.press("Enter")
    expect(phone.panel("impressions_trend")).to_be_focused()
    eventually(lambda: phone.panel("impressions_trend").bounding_box()["y"] < 300)
    for name, page in PAGES.items():
        assert len(page.sections) in (0, *range(4, 9)), name


def test_filters_stand_in_one_line_on_a_desk(phone: Visit) -> None:
    phone.page.set_viewport_size({"width": 1440, "height": 900})
    phone.open("/")
    heights = phone.page.locator(".filters > *:visible").evaluate_all(
        "all => all.map((one) => Math.round(one.getBoundingClientRect().bottom))"
    )
    assert max(heights) - min(heights) < 8

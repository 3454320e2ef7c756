"""Every picture can be read alone: values or an axis, a unit, everything inside, no two series that look the same."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

import pytest

from layouts.charts import Chart, ChartData, Theme
from layouts.charts.figure import Figure
from layouts.charts.marks import is_empty
from layouts.charts.palette import colours
from layouts.pages import CHARTS
from layouts.pictures import Heading, letters, picture
from layouts.pictures.drawing import look
from metricstore.duck import DuckStore
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection, settled_now
from questions.charts import ask
from tests.browser.scene import history

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"\d")


@pytest.fixture(scope="module")
def store() -> DuckStore:
    """The scene, and seventeen collectors that ran."""
    found, now = DuckStore(None), settled_now()
    found.write(history(now))
    fields = {"duration_seconds": 0.5, "records": 5, "points": 5, "rejected": 0}
    found.write(
        Point("collector_run", nanoseconds(now) - number * 10**12, {"collector": f"collector {number}", "outcome": "ok"}, {**fields, "points": number + 1})
        for number in range(17)
    )  # fmt: skip
    return found


def drawn(store: DuckStore, chart: Chart, theme: Theme) -> tuple[Figure, str] | None:
    selection, now = Selection(start="-21d", timezone="Europe/Berlin"), settled_now()
    answers = ask(store, chart, selection, now)
    if all(is_empty(answer) for answer in answers.values()):
        return None
    figure = chart.draw(
        ChartData(answers[""], {key: one for key, one in answers.items() if key}, selection, theme, now=now)
    )
    return figure, answers[""].metric.unit


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_picture_has_values_or_an_axis_a_unit_and_nothing_outside(store: DuckStore, theme: Theme) -> None:
    seen = 0
    for chart in CHARTS.values():
        found = drawn(store, chart, theme)
        if found is None:
            continue
        figure, unit = found
        if not len(figure.data[0]["x"]):
            continue  # says in words that it knows nothing
        heading = Heading(chart.title, unit, ("A remark that is far too long for one line, " * 5,), "as of now")
        svg = ElementTree.fromstring(
            picture(figure, 460, int(300 + heading.height(460)), theme, title=chart.title, heading=heading)
        )
        texts = ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]
        body = [text for text in texts if not text.startswith(chart.title)]
        assert any(NUMBER.search(text) for text in body), chart.id
        assert unit in " ".join(texts), chart.id
        assert sum("far too long" in text for text in texts) >= 2, "remarks are in full"
        for text in svg.iter(f"{SVG}text"):
            if "transform" not in text.attrib and text.get("text-anchor") is None:
                end = float(text.get("x", 0)) + letters.width(
                    "".join(text.itertext()), float(text.get("font-size", 12))
                )
                assert end <= 460 * 1.06, (chart.id, "".join(text.itertext()))
            if "transform" not in text.attrib and text.get("text-anchor") == "middle":
                reach = letters.width("".join(text.itertext()), float(text.get("font-size", 12))) / 2
                middle = float(text.get("x", 0))
                assert middle - reach >= -24 and middle + reach <= 484, (chart.id, "".join(text.itertext()))
        seen += 1
    assert seen > 15


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_two_series_look_the_same_and_more_than_eight_are_the_largest_and_the_rest(
    store: DuckStore, theme: Theme
) -> None:
    for chart in CHARTS.values():
        found = drawn(store, chart, theme)
        if found is None or not found[0].layout.get("showlegend"):
            continue
        looks = Counter(
            look(trace) for trace in found[0].data if trace["type"] != "heatmap" and trace.get("mode") != "text"
        )
        assert max(looks.values(), default=1) == 1, (chart.id, looks)
        if chart.id.startswith("collect"):
            assert len(found[0].data) <= 8
    written = drawn(store, CHARTS["collected_points_by_collector"], theme)
    assert written is not None
    names = [trace["name"] for trace in written[0].data]
    assert len(names) == 8
    assert names[-1].startswith("the other ")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "values",
    [
        ["published", "posted", "completed", "ok", "sent"],
        ["500", "503", "429"],
        ["a", "b", "c", "d", "e", "f", "g", "running", "failed"],
    ],
)
def test_each_value_has_a_colour_of_its_own(values: list[str], theme: Theme) -> None:
    assert len(set(colours(values, theme).values())) == len(values)


def test_bars_with_intervals_say_their_value_and_how_many_stand_behind_it(store: DuckStore) -> None:
    found = drawn(store, CHARTS["engagement_by_length_step"], "light")
    assert found is not None
    svg = picture(found[0], 460, 320, "light", title="t", heading=Heading("t", "%"))
    assert re.search(r">\d+\.\d+ %<", svg)
    assert re.search(r">n \d+<", svg)

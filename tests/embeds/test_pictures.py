"""Every chart as a picture: well-formed, to scale, safe with any text, the same in PNG."""

from __future__ import annotations

import struct
from xml.etree import ElementTree

import pandas as pd
import pytest

from layouts.charts import ChartData, Theme
from layouts.charts.figure import Figure
from layouts.charts.marks import is_empty
from layouts.pages import CHARTS
from layouts.pictures import Heading, message, picture
from layouts.pictures.axes import Linear, Times, reach
from layouts.pictures.raster import png
from metricstore.duck import DuckStore
from metricstore.selection import Selection, settled_now
from questions.charts import ask
from tests.browser.scene import history

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def store() -> DuckStore:
    found = DuckStore(None)
    found.write(history())
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [300, 900])
def test_every_chart_with_data_is_drawn_inside_its_borders(store: DuckStore, theme: Theme, width: int) -> None:
    selection, now = Selection(start="-21d", timezone="Europe/Berlin", compare="previous"), settled_now()
    drawn = 0
    for chart in CHARTS.values():
        answers = ask(store, chart, selection, now)
        if all(is_empty(answer) for answer in answers.values()):
            continue
        also = {key: answer for key, answer in answers.items() if key}
        figure = chart.draw(ChartData(answers[""], also, selection, theme))
        svg = ElementTree.fromstring(
            picture(
                figure, width, 320, theme, title=chart.title, heading=Heading(chart.title, "posts", ("a", "b"), "c")
            )
        )
        assert svg.get("viewBox") == f"0 0 {width} 320"
        for shape in svg.iter(f"{SVG}rect"):
            x, y = float(shape.get("x", 0)), float(shape.get("y", 0))
            assert x >= -1, chart.id
            assert y >= -1, chart.id
            assert x + float(shape.get("width", 0)) <= width + 1, chart.id
            assert y + float(shape.get("height", 0)) <= 321, chart.id
        drawn += 1
    assert drawn > 15


@pytest.mark.parametrize("width", [300, 900])
def test_names_however_long_leave_room_for_the_cells_and_are_whole_under_a_pointer(width: int) -> None:
    name, figure = "Donaudampfschifffahrt" * 8, Figure()
    figure.add_heatmap(z=[[1, 2], [3, 4]], x=["draft", name], y=["X", name], colorscale=[[0, "#ffffff"], [1, "#000000"]],
                       showscale=False)  # fmt: skip
    svg = ElementTree.fromstring(picture(figure, width, 300, "light", title="t"))
    assert sum(float(cell.get("width", 0)) for cell in svg.iter(f"{SVG}rect")) > width  # two rows
    cut = [text for text in svg.iter(f"{SVG}text") if text.find(f"{SVG}title") is not None]
    assert [text.findtext(f"{SVG}title") for text in cut] == [name, name]
    assert all("…" in "".join(text.itertext()) for text in cut)
    assert [text.text for text in svg.iter(f"{SVG}text") if text.text == "X"], "a single letter has room"


def bars(values: list[float | None], name: str = "a") -> Figure:
    figure = Figure()
    times = pd.Series(pd.date_range("2026-03-27", periods=len(values), freq="D"))
    figure.add_bar(x=times, y=pd.Series(values, dtype="float64"), name=name, marker={"color": "#112233"})
    figure.update_layout(barmode="stack", showlegend=True, xaxis={"type": "date"}, yaxis={})
    return figure


def test_bars_are_as_high_as_their_values_and_a_missing_one_has_none() -> None:
    svg = ElementTree.fromstring(picture(bars([10, None, 5, 0]), 600, 300, "light", title="t"))
    (path,) = [shape for shape in svg.iter(f"{SVG}path") if shape.get("fill") == "#112233"]
    pieces = (path.get("d") or "").split("M")[1:]
    assert len(pieces) == 2
    heights = []
    for piece in pieces:
        first, _, rest = piece.partition("V")
        heights.append(float(first.split(",")[1]) - float(rest.split("h")[0]))
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)


@pytest.mark.parametrize(
    "name", ["</svg><script>alert(1)</script>", '"><a onload="x"', "a & b", "null\x00byte", "🎉 日本語" * 9]
)
def test_hostile_names_stay_text(name: str) -> None:
    drawn = picture(bars([1, 2], name), 600, 300, "dark", title=name, heading=Heading(name, name, (name,), name))
    svg = ElementTree.fromstring(drawn)
    assert not list(svg.iter(f"{SVG}script"))
    assert "onload" not in {key for element in svg.iter() for key in element.attrib}


def test_a_png_has_the_size_that_was_asked_for() -> None:
    data = png(picture(bars([1, 2, 3]), 640, 300, "light", title="t", heading=Heading("t")), 2)
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1280, 600)
    assert png(message(["Gone", "It is over."], 400, 160, "light")).startswith(b"\x89PNG")


def test_ticks_stand_on_round_numbers_and_days() -> None:
    assert [tick.text for tick in Linear(*reach([0, 37], zero=True), 0, 100).ticks(5)] == ["0", "10", "20", "30"]
    assert [tick.text for tick in Linear(0, 0.9, 0, 100).ticks(4)] == ["0.0", "0.5"]
    assert [tick.text for tick in Linear(0, 45_000, 0, 100).ticks(4)] == ["0", "20k", "40k"]
    start, stop = pd.Timestamp("2026-03-01").to_pydatetime(), pd.Timestamp("2026-09-01").to_pydatetime()
    assert [tick.text for tick in Times(start, stop, 0, 600).ticks(4)] == [
        "Mar 2026",
        "May 2026",
        "Jul 2026",
        "Sep 2026",
    ]
    near = pd.Timestamp("2026-03-02 06:00").to_pydatetime()
    assert [tick.text for tick in Times(start, near, 0, 600).ticks(4)] == ["00:00", "12:00", "00:00"]

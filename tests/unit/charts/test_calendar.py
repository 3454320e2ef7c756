"""A calendar of days: where each stands, what it says, and what is drawn where nothing is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pandas as pd
import plotly.graph_objects as go
import pytest

from layouts.charts import ChartData, Theme
from layouts.charts.days import days_of, grid_of
from layouts.charts.figure import Figure
from layouts.pages import CHARTS
from layouts.pictures import picture
from metricstore import nothing
from metricstore.annotation import Annotation
from metricstore.duck import DuckStore
from metricstore.evaluation import Answer
from metricstore.metrics import metric
from metricstore.point import Point, nanoseconds
from metricstore.selection import Selection
from metricstore.window_edges import edges
from metricstore.windows import Window
from questions.charts import as_asked, ask
from tests.grids import grid_of as rows_of

CHART = CHARTS["delivery_calendar"]
NOW = datetime(2026, 10, 28, 12, tzinfo=UTC)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def post(moment: str, number: int, status: str = "sent", platform: str = "linkedin") -> Point:
    told = {"service_post_id": str(number), "status": status}
    return Point("social_post", nanoseconds(berlin(moment)) + number, {"source": "buffer", "platform": platform}, told)


POINTS = [
    post("2026-10-25T00:00+02:00", 1), post("2026-10-25T02:30+02:00", 2), post("2026-10-25T02:30+01:00", 3, "failed"),
    post("2026-10-25T23:59+01:00", 4, "withdrawn", "twitter"), post("2026-10-26T00:00+01:00", 5),
    post("2026-10-30T09:00+01:00", 6, "scheduled"), post("2026-10-31T09:00+01:00", 7, "other", "<b>"),
]  # fmt: skip


def data(start: str, stop: str, theme: Theme = "light", **more: object) -> ChartData:
    store = DuckStore(None)
    store.write(POINTS)
    selection = Selection(start, stop, "Europe/Berlin")
    answers = ask(store, CHART, selection, NOW)
    also = {key: answer for key, answer in answers.items() if key}
    return ChartData(answers[""], also, selection, theme, now=NOW, **more)  # type: ignore[arg-type]


def drawn(found: ChartData) -> Figure:
    figure = CHART.draw(found)
    assert go.Figure(figure.to_plotly_json()).to_json(), "plotly.py knows every property"
    return figure


def words(figure: Figure, column: int, row: int) -> str:
    return str(figure.data[0]["hovertext"][row][column])


def test_a_day_of_25_hours_is_one_cell_with_all_its_posts_by_state_and_platform() -> None:
    figure = drawn(data("2026-10-19", "2026-11-02"))
    assert figure.data[0]["z"][0][6] == 4
    assert words(figure, 6, 0) == "Sun 25 Oct 2026: 4 posts\n2 sent · 1 failed · 1 withdrawn\nLinkedIn 3, X 1"
    mark = figure.data[0]["customdata"][0][6]
    assert mark == [None, "2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00"]
    assert figure.data[0]["z"][1][0] == 1, "a minute later is Monday"


def test_what_is_due_stands_ahead_and_what_is_in_no_known_state_is_called_other() -> None:
    figure = drawn(data("2026-10-19", "2026-11-02"))
    assert "1 scheduled" in words(figure, 4, 1)
    assert words(figure, 5, 1) == "Sat 31 Oct 2026: 1 post\n1 other\n<b> 1"


def test_a_range_that_ends_now_reaches_two_weeks_ahead_and_no_other_does() -> None:
    assert as_asked(CHART, Selection("-30d")).stop == "+14d"
    assert as_asked(CHART, Selection("2026-10-01", "2026-10-20")).stop == "2026-10-20"


def test_today_has_a_frame_and_only_where_it_is_in_the_range() -> None:
    (frame,) = drawn(data("2026-10-19", "2026-11-02")).layout["shapes"]
    assert (frame["x0"] + frame["x1"], frame["y0"] + frame["y1"]) == (pytest.approx(4), pytest.approx(2)), "Wednesday"
    assert "shapes" not in drawn(data("2026-10-19", "2026-10-26")).layout


def test_only_a_part_of_a_day_is_called_so() -> None:
    figure = drawn(data("2026-10-25T02:30:00+01:00", "2026-10-26T08:00"))
    assert words(figure, 6, 0).startswith("Sun 25 Oct 2026 from 02:30: 2 posts")
    assert words(figure, 0, 1).startswith("Mon 26 Oct 2026 until 08:00: 1 post")


def test_days_nobody_collected_are_grey_days_without_posts_are_not_and_days_beyond_the_range_are_not_there() -> None:
    start, stop, every = berlin("2026-11-03T00:00+01:00"), berlin("2026-11-07T00:00+01:00"), Window(1, "d")
    declared = metric("service_posts")
    values, whys = [float("nan"), 0.0, 3.0, 0.0], [nothing.NOT_COLLECTED, "", "", ""]
    frame = pd.DataFrame({"time": pd.to_datetime(edges(start, stop, every, "Europe/Berlin"), utc=True),
                          "platform": "linkedin", "value": values, nothing.COLUMN: whys})  # fmt: skip
    answer = Answer(
        declared, "count", start, stop, every, "Europe/Berlin", ("platform",), rows_of(frame, ("platform",))
    )
    known, unknown, *_ = drawn(ChartData(answer, {}, Selection(), "light")).data
    assert known["z"] == [[None, None, 0.0, 3.0, 0.0, None, None]]
    assert unknown["z"] == [[None, 0.0, None, None, None, None, None]]
    assert [text.partition(": ")[2].partition("\n")[0] for text in known["hovertext"][0]] == [
        "", "not collected", "no posts", "3 posts", "no posts", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["2026-10-19", "2025-11-02"])
def test_its_heads_have_room_above_the_days(start: str) -> None:
    layout = drawn(data(start, "2026-11-02")).layout
    assert layout["margin"]["t"] >= 16 + (16 if layout["xaxis"]["ticktext"] else 0)


def test_notes_are_told_on_each_of_their_days_as_text() -> None:
    note = Annotation(
        1, berlin("2026-10-20T10:00+02:00"), berlin("2026-10-22T00:00+02:00"), "<b>launch</b>", (), "", "ann"
    )
    figure = drawn(data("2026-10-19", "2026-11-02", annotations=(note,)))
    told = [text for text in figure.to_plotly_json()["data"][0]["hovertext"][0] if "&lt;b&gt;launch" in text]
    assert [text[:10] for text in told] == ["Tue 20 Oct", "Wed 21 Oct"]


@pytest.mark.parametrize("days", [1, 7, 60, 80, 130, 365, 366, 800, 3000])
@pytest.mark.parametrize("offset", range(7))
def test_every_day_has_a_cell_of_its_own_in_its_weekday(days: int, offset: int) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=offset)
    answer = Answer(metric("service_posts"), "count", start, start + timedelta(days=days), Window(1, "d"), "UTC", (),
                    rows_of(pd.DataFrame({"value": []})))  # fmt: skip
    grid = grid_of(answer)
    asked = [grid.begin + timedelta(days=place) for place in range(days)]
    places = [grid.place(day) for day in asked]
    assert len(set(places)) == days == (grid.end - grid.begin).days
    assert all(0 <= column < grid.columns and 0 <= row < grid.rows for column, row in places)
    for day, (column, row) in zip(asked, places, strict=True):
        assert (row % 8 - 1 if grid.width else column) == day.weekday()
    assert bool(grid.width) == (days > 77 or days + offset > 77)


def test_days_are_those_of_the_answers_windows() -> None:
    found = days_of(data("2026-10-19", "2026-11-02"))
    assert list(found) == [date(2026, 10, 19) + timedelta(days=place) for place in range(14)]


@pytest.mark.parametrize("start", ["2026-10-19", "2025-11-02"])
@pytest.mark.parametrize("width", [300, 900])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_picture_has_a_cell_for_each_day_inside_its_borders(start: str, width: int, theme: Theme) -> None:
    found = data(start, "2026-11-02", theme)
    svg = ElementTree.fromstring(picture(drawn(found), width, 440, theme, title="t"))
    cells = [shape for shape in svg.iter("{http://www.w3.org/2000/svg}rect") if shape.get("fill", "").startswith("#")]
    assert len(cells) >= len(days_of(found))
    for shape in cells:
        x, y = float(shape.get("x", 0)), float(shape.get("y", 0))
        assert x >= -1 and x + float(shape.get("width", 0)) <= width + 1
        assert y >= -1 and y + float(shape.get("height", 0)) <= 441
    texts = [text.text or "" for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert "Europe/Berlin" in texts
    if start == "2026-10-19":
        assert {"Mon", "W43", "19 Oct" if width == 900 else "19", "Sent", "Failed"} <= set(texts)
        assert any("LinkedIn" in text for text in texts) == (width == 900)

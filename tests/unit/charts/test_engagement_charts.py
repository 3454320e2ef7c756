"""Bars that say how sure they are, and curves over age."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pandas as pd
import pytest

from layouts.charts import ChartData
from layouts.charts.figure import Figure
from layouts.charts.intervals import without_a_value
from layouts.charts.palette import INK
from layouts.pages import CHARTS
from layouts.pictures import picture
from metricstore.evaluation import Answer
from metricstore.metrics import metric
from metricstore.selection import Selection
from tests.grids import grid_of

START, STOP = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)
NAN = float("nan")
Row = tuple[str, float, float, float, float]
SVG = "{http://www.w3.org/2000/svg}"


def answer(name: str, columns: dict[str, list[object]], by: tuple[str, ...]) -> Answer:
    declared = metric(name)
    frame = pd.DataFrame({"time": [pd.Timestamp(START)] * len(columns["value"]), **columns})
    return Answer(
        declared,
        declared.measure.aggregate,
        START,
        STOP,
        None,
        "UTC",
        by,
        grid_of(frame.astype({"value": "float64"}), by),
    )


def drawn(chart: str, rows: list[Row]) -> tuple[Figure, ChartData]:
    """Rows are (value of the dimension, rate, posts, low, high)."""
    declared = CHARTS[chart]
    names = [declared.metric, *declared.also]
    answers = [answer(name, {declared.by[0]: [row[0] for row in rows], "value": [row[place] for row in rows]}, declared.by)
               for place, name in enumerate(names, 1)]  # fmt: skip
    data = ChartData(answers[0], dict(zip(declared.also, answers[1:], strict=True)), Selection(), "light")
    return declared.draw(data), data


TOPICS: list[Row] = [
    ("a", 3.0, 12, 2.0, 4.5),
    ("b", 5.0, 40, 4.0, 6.0),
    ("c", 9.0, 3, NAN, NAN),
    ("", 4.0, 7, 1.0, 9.0),
]


def test_where_nothing_is_known_no_axis_pretends_to_be_a_chart() -> None:
    figure, _ = drawn("engagement_by_length_step", [("", 4.0, 7, 1.0, 9.0)])
    assert not figure.layout["xaxis"]["visible"]
    assert figure.layout["annotations"][0]["text"] == "known of none of these posts"
    assert "known of none of these posts" in picture(figure, 700, 300, "light", title="t")


def test_the_best_comes_first_and_what_rests_on_few_comes_last_in_grey() -> None:
    figure, data = drawn("post_engagement_rate_by_topic", TOPICS)
    bars = figure.data[0]
    assert bars["y"] == ["c", "a", "b"], "from the bottom up"
    assert bars["text"] == ["9.00 % · n 3", "3.00 % · n 12", "5.00 % · n 40"]
    assert bars["marker"]["color"][0] == INK["light"]["grid"] != bars["marker"]["color"][1]
    assert bars["error_x"]["array"] == [0.0, 1.5, 1.0]
    assert bars["error_x"]["arrayminus"] == [0.0, 1.0, 1.0]
    assert bars["hovertext"][1] == "3.00 % of 12 posts, 95 % interval 2.00 to 4.50"
    assert bars["hovertext"][0] == "9.00 % of 3 posts: too few to judge"
    says = CHARTS["post_engagement_rate_by_topic"].says
    assert says is not None
    together, one = (
        says(replace(data, selection=Selection(where=where))) for where in ({}, {"platform": ("twitter",)})
    )
    assert one == "7 posts without a bar: topic not known."
    assert together.startswith("All networks together") and together.endswith(one)
    counted = data.also[next(iter(data.also))]
    assert counted.metric.unit == "posts"
    counted.frame.loc[counted.frame["value"] == 7, "value"] = 1
    assert without_a_value(data) == "1 post without a bar: topic not known."


def test_of_many_the_best_and_the_worst_are_shown_and_the_rest_is_counted() -> None:
    rows: list[Row] = [(f"topic {place:02}", float(place), 50, place - 1.0, place + 1.0) for place in range(30)]
    figure, _ = drawn("post_engagement_rate_by_topic", [*rows, ("few", 99.0, 2, NAN, NAN)])
    shown = figure.data[0]["y"][::-1]
    assert shown == [f"topic {place:02}" for place in (29, 28, 27, 26, 25, 24, 5, 4, 3, 2, 1, 0)]
    assert (
        figure.layout["xaxis"]["title"]["text"] == "% · 18 in between and 1 that rest on fewer than 10 posts not shown"
    )


def test_steps_of_a_trait_stand_in_their_order() -> None:
    rows: list[Row] = [("over 10", 1.0, 20, 0.5, 1.5), ("0", 2.0, 20, 1.0, 3.0), ("4-5", 3.0, 20, 2.0, 4.0)]
    figure, _ = drawn("engagement_by_hashtags_step", rows)
    assert figure.data[0]["y"][::-1] == ["0", "4-5", "over 10"]


def test_kinds_without_an_order_stand_by_their_rate() -> None:
    rows: list[Row] = [("story", 1.0, 20, 0.5, 1.5), ("thread", 2.0, 20, 1.0, 3.0)]
    figure, _ = drawn("engagement_by_prompt_type", rows)
    assert figure.data[0]["y"][::-1] == ["Thread", "Story"]


def test_a_picture_shows_the_same_whiskers_to_scale() -> None:
    figure, _ = drawn("post_engagement_rate_by_topic", TOPICS)
    svg = ElementTree.fromstring(picture(figure, 700, 300, "light", title="t"))
    bars = [float(shape.get("width", 0)) for shape in svg.iter(f"{SVG}rect") if shape.get("rx") == "2"]
    whiskers = [shape.get("d", "") for shape in svg.iter(f"{SVG}path")]
    assert len(whiskers) == 2, "no whisker without an interval"
    first, last = (float(whiskers[0].split(mark)[1].split(cut)[0]) for mark, cut in (("M", ","), ("H", "M")))
    assert last - first == pytest.approx(bars[0] * 2 / 5, abs=0.3), "4.0 to 6.0 beside a bar of 5.0"
    assert {"n 40", "n 12", "n 3"} <= {text.text for text in svg.iter(f"{SVG}text")}


def curves(posts: dict[str, list[tuple[str, float, float]]]) -> tuple[Figure, ChartData]:
    """Posts are [(step, age in hours, exposures)]."""
    rows = [(post, *reading) for post, readings in posts.items() for reading in readings]
    keys: dict[str, list[object]] = {"post": [row[0] for row in rows], "age_step": [row[1] for row in rows]}
    by = ("post", "age_step")
    ages = answer("growing_age", {**keys, "value": [row[2] for row in rows]}, by)
    seen = answer("growing_exposures", {**keys, "value": [row[3] for row in rows]}, by)
    data = ChartData(seen, {"growing_age": ages}, Selection(), "dark")
    return CHARTS["post_growth_curves"].draw(data), data


def test_curves_begin_with_nothing_and_stand_at_the_exact_age() -> None:
    figure, _ = curves({"p": [("2 d", 47.0, 300.0), ("1 d", 23.5, 200.0)]})
    assert len(figure.data) == 1, "the middle half of one post is no half"
    assert figure.data[0]["x"] == pytest.approx([0, 23.5 / 24, 47 / 24])
    assert figure.data[0]["y"] == [0, 200, 300]
    assert figure.data[0]["customdata"][1] == ["p", "", ""], "a click shows this post everywhere"


def test_the_six_that_came_furthest_have_a_line_and_all_stand_in_the_middle_half() -> None:
    posts = {f"p{place:02}": [("1 d", 24.0, 10.0 * place), ("2 d", 48.0, 20.0 * place)] for place in range(1, 10)}
    posts["p09"].append(("30 d", 720.0, 999.0))
    figure, data = curves(posts)
    half, median, *lines = figure.data
    assert [line["name"] for line in lines] == ["p09", "p08", "p07", "p06", "p05", "p04"]
    assert median["x"] == [0, 1, 2], "one post alone at 30 days is no middle"
    assert median["y"] == [0, 50, 100]
    assert half["y"] == [0, 70, 140, 60, 30, 0]
    says = CHARTS["post_growth_curves"].says
    assert says is not None
    assert says(data) == "Middle half and median of 9 posts; lines for the 6 that came furthest."


def test_a_picture_of_curves_has_days_below_and_the_half_as_an_area() -> None:
    posts = {f"p{place:02}": [("1 d", 24.0, 10.0 * place), ("2 d", 48.0, 20.0 * place)] for place in range(1, 10)}
    figure, _ = curves(posts)
    svg = ElementTree.fromstring(picture(figure, 700, 300, "dark", title="t"))
    words = [text.text for text in svg.iter(f"{SVG}text")]
    assert {"days since it was sent", "0", "1", "2"} & set(words) >= {
        "days since it was sent",
        "1",
        "2",
    } or "1.0" in words
    (area,) = [shape for shape in svg.iter(f"{SVG}path") if shape.get("fill") == INK["dark"]["grid"]]
    assert (area.get("d") or "").endswith("z")

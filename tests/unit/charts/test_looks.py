"""Pictures that can be read: contrast, decimals, units, bars where cells would say nothing, labels of what is small."""

from __future__ import annotations

from math import nan
from typing import Any

import pandas as pd
import pytest

from briefing.parts import Part
from dashapp.embeds.showing import Shown
from layouts.change import named
from layouts.charts import ChartData
from layouts.charts.figure import Figure
from layouts.charts.marks import number_format
from layouts.charts.model import Theme
from layouts.charts.palette import INK, accent, colours, contrast, numbered_ramp, readable
from layouts.charts.readable import figure_of, unit_of
from layouts.pages import CHARTS
from layouts.panel import table_twin
from layouts.pictures import picture
from metricstore.evaluation import Answer
from metricstore.metrics import metric
from metricstore.selection import Selection
from tests.grids import grid_of
from tests.unit.charts.test_engagement_charts import START, STOP, answer
from tests.unit.charts.test_readable import shown

THEMES: tuple[Theme, ...] = ("light", "dark")
LEGIBLE = 4.5
"""The contrast that WCAG asks of small text."""
NAMED = [
    "linkedin",
    "twitter",
    "instagram",
    "facebook",
    "completed",
    "draft",
    "scheduled",
    "429",
    "500",
    "a topic",
    "another",
]


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_bars_and_cells_can_be_read(theme: Theme) -> None:
    grounds = {*colours(NAMED, theme).values(), *(accent(theme, place) for place in range(8))}
    assert {
        ground: contrast(readable(ground), ground) for ground in grounds if contrast(readable(ground), ground) < 4.2
    } == {}
    scale, ink = numbered_ramp(theme)
    assert all(contrast(ink, str(colour)) >= LEGIBLE for _, colour in scale)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("chart", ["posts_per_topic", "promise_funnel", "unmatched_per_source", "quota_left"])
def test_no_bar_leaves_the_ink_of_its_figure_to_plotly(chart: str, theme: Theme) -> None:
    (bars,) = drawn(chart, theme).data
    inks, grounds = (each(bars["insidetextfont"]["color"]), each(bars["marker"]["color"]))
    assert inks == [readable(ground) for ground in grounds]


def each(colour: Any) -> list[str]:
    return (
        colour
        if isinstance(colour, list) and len(set(colour)) > 1
        else [colour[0] if isinstance(colour, list) else colour]
    )


def drawn(name: str, theme: Theme = "light", values: tuple[float, ...] = (12.0, 3.0)) -> Figure:
    return figure_of(CHARTS[name], asked(name, theme, values))


def asked(name: str, theme: Theme, values: tuple[float, ...]) -> ChartData:
    """With a value for each of two groups; of a second dimension there is one value."""
    chart = CHARTS[name]
    columns: dict[str, list[object]] = {"value": list(values)}
    columns |= {column: ["a", "b"] if place == 0 else ["15m", "15m"] for place, column in enumerate(chart.by)}
    main = answer(chart.metric, columns, chart.by)
    also = {word: answer(word.partition(":")[0], columns, chart.by) for word in chart.also}
    return ChartData(main, also, Selection(), theme)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ai_cost_per_prompt_type", (0.00023, 0.00011)),
        ("posts_per_topic", (12.0, 3.0)),
        ("likes_per_post_by_platform", (2734.1, 31.4)),
    ],
)
def test_a_number_has_the_same_decimals_in_the_picture_and_in_both_of_its_tables(
    name: str, values: tuple[float, ...]
) -> None:
    data = asked(name, "light", values)
    written = [f"{value:{number_format(data)}}" for value in values]
    answers = [data.answer, *data.also.values()]
    assert all(f"'{text}'" in str(table_twin(CHARTS[name], answers)) for text in written)
    cells = {cell for row in Shown(CHARTS[name], answers=tuple(answers)).rows() for cell in row}
    assert cells >= set(written)


def test_values_are_called_in_the_embeds_table_as_in_the_picture() -> None:
    found = answer("ai_cost", {"value": [2.0, 1.0], "provider": ["zai", ""]}, ("provider",))
    chart = CHARTS["ai_cost_per_provider"]
    (bars,) = figure_of(chart, ChartData(found, {}, Selection(), "light")).data
    assert {row[0] for row in Shown(chart, answers=(found,)).rows()} == {"Z.ai", "not given"} == set(bars["y"])


def test_a_change_calls_values_as_the_pictures_do() -> None:
    assert named("provider", Part("zai", nan, nan, nan)) == "provider Z.ai"


def test_a_single_row_or_column_of_cells_is_drawn_as_bars_that_filter_alike() -> None:
    (bars,) = drawn("unmatched_per_source").data
    assert (bars["type"], bars["y"], bars["x"]) == ("bar", ["b", "a"], [3.0, 12.0])
    assert bars["customdata"][1] == [None, "", "", {"anchor": "a", "unmatched": "15m"}]
    chart = CHARTS["quota_left"]
    windows: dict[str, list[object]] = {
        "value": [90.0, 210.0],
        "service": ["buffer", "buffer"],
        "window": ["15m", "24h"],
    }
    row = figure_of(chart, ChartData(answer("quota_left", windows, chart.by), {}, Selection(), "light"))
    assert row.data[0]["y"] == ["24 hours", "15 minutes"]
    assert row.layout["xaxis"]["title"]["text"] == "requests · Buffer"
    windows["service"] = ["buffer", "linkedin"]
    cells = figure_of(chart, ChartData(answer("quota_left", windows, chart.by), {}, Selection(), "light"))
    assert [trace["type"] for trace in cells.data] == ["heatmap"]


@pytest.mark.parametrize("chart", ["posts_per_topic", "unmatched_per_source", "quota_left"])
def test_a_bar_of_no_length_has_its_number_beside_it(chart: str) -> None:
    (bars,) = drawn(chart, values=(12.0, 0.0)).data
    assert dict(zip(bars["x"], bars["textposition"], strict=True)) == {12.0: "auto", 0.0: "outside"}
    (none,) = drawn("promise_funnel", values=(0.0, 0.0)).data
    assert set(none["textposition"]) == {"outside"}


@pytest.mark.parametrize(
    ("values", "words"),
    [((5858.0, 920.7), ",.0f"), ((58.2, 9.0), ",.1f"), ((920.74, 9.0), ",.1f")],
)
def test_all_figures_of_a_chart_have_the_same_decimals_and_thousands_have_none(
    values: tuple[float, ...], words: str
) -> None:
    (bars,) = drawn("leads_per_platform", values=values).data
    assert bars["texttemplate"] == "%{x:" + words + "}"


def test_a_unit_that_only_one_of_several_bars_has_is_not_written_beside_all() -> None:
    assert [unit_of(CHARTS[name]) for name in ("reactions_per_platform", "reactions_per_post_platform", "ai_tokens_per_model")] == ["", "", "tokens"]  # fmt: skip
    assert drawn("reactions_per_platform").layout["yaxis"]["title"]["text"] == ""


def test_times_in_steps_are_written_at_their_bars_in_units_of_their_own() -> None:
    chart = CHARTS["time_in_step"]
    hours = dict(zip((chart.metric, *chart.also), (0.02, 1.0, 30.0, 280.0), strict=False))

    def asked(word: str) -> Answer:
        name, _, aggregate = word.partition(":")
        frame = pd.DataFrame({"time": [pd.Timestamp(START)], "value": [hours.get(word, float("nan"))]})
        return Answer(metric(name), aggregate or "p50", START, STOP, None, "UTC", (), grid_of(frame))  # type: ignore[arg-type]

    figure = figure_of(
        chart, ChartData(asked(chart.metric), {word: asked(word) for word in chart.also}, Selection(), "light")
    )
    most, median = figure.data
    assert (median["name"], most["name"]) == ("Median", "95 % stay below")
    assert median["y"][-1] == "Generated to accepted", "on top"
    assert (median["text"][-1], median["text"][-2], most["text"][-1], most["text"][-2]) == (
        "72 s",
        "30 h",
        "60 min",
        "12 days",
    )
    assert most["text"][0] == ""
    svg = picture(figure, 800, 400, "light", title="t")
    assert all(text in svg for text in ("72 s", "60 min", "12 days"))


def test_a_line_that_does_not_move_is_level_and_small_money_is_not_in_microdollars() -> None:
    rates = CHARTS["clickthrough_trend"]
    assert figure_of(rates, shown(rates, [2.9992, 2.9998])).layout["yaxis"]["rangemode"] == "tozero"
    assert "rangemode" not in figure_of(rates, shown(rates, [2.9, 3.1])).layout["yaxis"]
    costs = CHARTS["ai_cost_per_post_trend"]
    assert figure_of(costs, shown(costs, [0.0002, 0.0006])).layout["yaxis"]["exponentformat"] == "none"
    assert "exponentformat" not in figure_of(costs, shown(costs, [2.0, 6.0])).layout["yaxis"]


def test_days_stand_before_months_on_every_axis_of_time() -> None:
    for chart in CHARTS.values():
        if chart.every == "selection" and chart.id != "delivery_calendar":
            axis = figure_of(chart, shown(chart, [1.0, 2.0])).layout["xaxis"]
            assert {stop["value"].partition("\n")[0] for stop in axis["tickformatstops"]} == {
                "%H:%M",
                "%-d %b",
                "%b",
                "%Y",
            }


@pytest.mark.parametrize("theme", THEMES)
def test_whiskers_stand_out_from_their_bars_and_from_the_ground(theme: Theme) -> None:
    bars = drawn("first_day_share_per_platform", theme, (70.0, 30.0)).data[0]
    whisker = INK[theme]["text"]
    assert all(contrast(whisker, ground) > 2.8 for ground in (*bars["marker"]["color"], INK[theme]["paper"]))

"""Every chart is drawn from generated answers: nothing is tested chart by chart."""

from datetime import UTC, datetime

import pandas as pd
import plotly.graph_objects as go
import pytest

from layouts.charts import Chart, ChartData
from layouts.charts.readable import figure_of
from layouts.pages import CHARTS, TILES
from metricstore.evaluation import Answer
from metricstore.metrics import METRICS, metric
from metricstore.selection import Selection
from metricstore.window_edges import edges
from metricstore.windows import Window
from tests.grids import grid_of

START, STOP = datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 4, 3, tzinfo=UTC)
ZONE = "Europe/Berlin"


def answer(name: str, chart: Chart, *, empty: bool = False, compared: bool = False) -> Answer:
    every = None if chart.every == "none" else Window.parse("1d" if chart.every == "selection" else chart.every)
    times = [START] if every is None else edges(START, STOP, every, ZONE)
    groups = ["ok", "failed", "", "<b>'\"&"] if chart.by else [""]
    rows = [] if empty else [
        {"time": moment, **dict.fromkeys(chart.by, group), "value": float(place % 5) if place % 7 else float("nan")}
        for group in groups
        for place, moment in enumerate(times, 1)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["time", *chart.by, "value"]).astype({"value": "float64"})
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    if compared:
        frame["comparison"] = frame["value"] + 1
    declared = metric(name)
    return Answer(declared, declared.measure.aggregate, START, STOP, every, ZONE, chart.by, grid_of(frame, chart.by))


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["full", "empty", "compared"])
def test_every_chart_is_drawn_from_full_empty_and_compared_answers(chart: Chart, theme: str, kind: str) -> None:
    options = {"empty": kind == "empty", "compared": kind == "compared"}
    also = {words: answer(words.partition(":")[0], chart, **options) for words in chart.also}
    shown = ChartData(answer(chart.metric, chart, **options), also, Selection(timezone=ZONE), theme, now=STOP)  # type: ignore[arg-type]
    figure = figure_of(chart, shown)
    assert go.Figure(figure.to_plotly_json()).to_json(), "plotly.py knows every property"
    for trace in figure.data:
        flat = [mark for row in trace["customdata"] for mark in (row if isinstance(row[0], list) else [row])]
        assert all(len(mark) == 3 or (len(mark) == 4 and isinstance(mark[3], dict)) for mark in flat)


def test_a_mark_of_the_period_compared_with_carries_the_window_it_is_paired_with() -> None:
    chart = CHARTS["generations_by_outcome"]
    selection = Selection(timezone=ZONE, compare="previous")
    figure = chart.draw(ChartData(answer(chart.metric, chart, compared=True), {}, selection, "light"))
    earlier = figure.data[-1]["customdata"]
    ours = figure.data[0]["customdata"]
    assert earlier[0][0] is None
    assert pd.Timestamp(earlier[0][2]) <= pd.Timestamp(ours[0][1])
    assert len({mark[1] for mark in earlier}) == len(earlier)


def test_a_cell_of_the_week_filters_by_weekday_and_hour() -> None:
    chart = CHARTS["generation_hours"]
    figure = chart.draw(ChartData(answer(chart.metric, chart), {}, Selection(timezone=ZONE), "light"))
    assert figure.data[0]["customdata"][1][9] == [None, "", "", {"weekday": "tue", "hour": "09"}]


def test_chart_ids_can_be_used_in_html_and_addresses() -> None:
    assert all(name.isidentifier() and name == name.lower() for name in CHARTS)


def test_every_chart_names_a_metric_with_the_dimensions_it_groups_by() -> None:
    for chart in CHARTS.values():
        declared = chart.declared
        for name in (chart.metric, *(words.partition(":")[0] for words in chart.also)):
            assert set(chart.by) <= set(metric(name).dimensions), (chart.id, name)
        assert chart.aggregate is None or chart.aggregate in declared.aggregates, chart.id
        assert chart.click_dimension is None or chart.click_dimension in declared.dimensions, chart.id


def test_every_tile_names_a_metric() -> None:
    assert {name for names in TILES.values() for name in names} <= set(METRICS)


def test_a_mark_carries_its_window_cut_to_the_asked_range() -> None:
    chart = CHARTS["generations_by_outcome"]
    figure = chart.draw(ChartData(answer(chart.metric, chart), {}, Selection(timezone=ZONE), "light"))
    (ok,) = (trace for trace in figure.data if trace["customdata"][0][0] == "ok")
    assert ok["customdata"][0] == ["ok", START.isoformat(), "2026-03-27T23:00:00+00:00"]


def test_axes_show_the_wall_clock_of_the_chosen_zone() -> None:
    chart = CHARTS["generations_by_outcome"]
    figure = chart.draw(ChartData(answer(chart.metric, chart), {}, Selection(timezone=ZONE), "light"))
    assert pd.Timestamp(figure.data[0]["x"][1]) == pd.Timestamp("2026-03-28 00:00")
    assert figure.layout["xaxis"]["title"]["text"] == ZONE

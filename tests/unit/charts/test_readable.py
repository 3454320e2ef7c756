"""Long times in hours, counts in whole numbers, the open window marked: on every chart of such a metric."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from layouts.charts import Chart, ChartData
from layouts.charts.readable import LENGTH, figure_of, unit_of
from layouts.pages import CHARTS
from metricstore.evaluation import Answer
from metricstore.goal import Goal
from metricstore.metrics import metric
from metricstore.selection import Selection
from metricstore.window_edges import edges
from metricstore.windows import Window
from tests.grids import grid_of

START, STOP = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 9, 14, 5, tzinfo=UTC)
DAYS = edges(START, STOP, Window(1, "d"), "UTC")
LENGTHS = [chart for chart in CHARTS.values() if chart.declared.unit == LENGTH]


def shown(chart: Chart, values: list[float], now: datetime | None = None) -> ChartData:
    """An answer of the chart's shape with these values, one after the other."""
    timed = chart.every != "none"
    times = pd.DatetimeIndex(DAYS if timed else DAYS[:1]).as_unit("ns")
    groups = ["a", "b"] if chart.by else [""]
    rows = [(group, time) for group in groups for time in times]
    frame = pd.DataFrame({"time": pd.DatetimeIndex([time for _, time in rows]), **{name: [group for group, _ in rows] for name in chart.by},
                          "value": [values[place % len(values)] for place in range(len(rows))]})  # fmt: skip
    every = Window(1, "d") if timed else None
    aggregate = chart.aggregate or chart.declared.measure.aggregate
    answer = Answer(chart.declared, aggregate, START, STOP, every, "UTC", chart.by, grid_of(frame, chart.by))  # type: ignore[arg-type]
    also = {word: replace(answer, metric=metric(word.partition(":")[0])) for word in chart.also}
    return ChartData(answer, also, Selection(), "light", now=now)


@pytest.mark.parametrize("chart", LENGTHS, ids=lambda chart: chart.id)
@pytest.mark.parametrize(
    ("seconds", "word", "top"), [(16_200.0, "4.5 h", "h"), (300.0, "5.0 min", "min"), (4.0, "s", "s")]
)
def test_lengths_of_time_are_written_in_their_unit(chart: Chart, seconds: float, word: str, top: str) -> None:
    figure = figure_of(chart, shown(chart, [seconds, 1.0]))
    axis = figure.layout["xaxis" if figure.data[0].get("orientation") == "h" else "yaxis"]
    assert axis["ticktext"][0] == "0"
    assert axis["ticktext"][-1].endswith(f" {top}")
    assert axis["tickvals"][-1] >= seconds
    assert len(axis["tickvals"]) <= 7
    assert any(word in text for text in figure.data[0]["hovertext"])
    assert "%{y:" not in figure.data[0]["hovertemplate"]
    assert "%{x:" not in figure.data[0]["hovertemplate"]
    assert "%{hovertext}" in figure.data[0]["hovertemplate"]
    assert unit_of(chart) == ""


def test_what_came_too_early_is_below_nothing() -> None:
    chart = CHARTS["send_lateness_trend"]
    figure = figure_of(chart, shown(chart, [-7300.0, 60.0]))
    axis = figure.layout["yaxis"]
    assert axis["tickvals"][0] <= -7300
    assert axis["ticktext"][0].endswith(" h")
    assert axis["ticktext"][axis["tickvals"].index(0)] == "0"
    assert figure.data[0]["hovertext"][0] == "-2.0 h"


def test_ticks_reach_to_goals_and_below_nothing() -> None:
    chart = CHARTS["generations_by_outcome"]
    goal = Goal("generations", "at least", 100, "day")
    assert "dtick" not in figure_of(chart, replace(shown(chart, [1.0, 2.0]), goals=(goal,))).layout["yaxis"]
    assert "dtick" not in figure_of(chart, shown(chart, [-40.0, 1.0])).layout["yaxis"]


def test_small_counts_have_ticks_at_whole_numbers_only() -> None:
    chart = CHARTS["generations_by_outcome"]
    assert figure_of(chart, shown(chart, [1.0, 2.0])).layout["yaxis"]["dtick"] == 1
    assert "dtick" not in figure_of(chart, shown(chart, [3.0, 4.0])).layout["yaxis"], "both bars stand on each other: 7"
    shares = next(one for one in CHARTS.values() if one.declared.unit == "%" and one.every == "selection")
    assert "dtick" not in figure_of(shares, shown(shares, [1.0, 2.0])).layout["yaxis"]


def test_the_window_that_is_not_over_has_a_band_and_says_until_when() -> None:
    chart = CHARTS["generations_by_outcome"]

    def bands(now: datetime | None) -> list[tuple[str, str]]:
        shapes = figure_of(chart, shown(chart, [8.0], now)).layout.get("shapes", [])
        return [(one["x0"], one["x1"]) for one in shapes if one["name"] == "open window"]

    assert bands(STOP) == [("2026-11-08T12:00:00", "2026-11-09T12:00:00")], "around the bar at the day's begin"
    assert bands(STOP + timedelta(days=3)) == []
    assert bands(None) == []
    annotations = figure_of(chart, shown(chart, [8.0], STOP)).layout["annotations"]
    assert [one["text"] for one in annotations] == ["until 14:05"]

"""Alerts stand as bands on every chart over time, and on no other; their names are texts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import plotly.graph_objects as go
import pytest

from layouts.charts import Chart, ChartData, Theme
from layouts.charts.episodes import sentence
from layouts.pages import CHARTS
from metricstore.episode import Episode
from metricstore.selection import Selection
from tests.unit.charts.test_chart_declarations import START, STOP, ZONE, answer

OVER = Episode("m", "AI <b>fails</b>", "provider b", START + timedelta(days=1), START + timedelta(days=2))
OPEN = Episode("m", "No posts", "", START + timedelta(days=3), None)


def layout(chart: Chart, *found: Episode, theme: Theme = "light") -> dict[str, Any]:
    also = {words: answer(words.partition(":")[0], chart) for words in chart.also}
    data = ChartData(answer(chart.metric, chart), also, Selection(timezone=ZONE), theme, episodes=found)
    figure = chart.draw(data).to_plotly_json()
    assert go.Figure(figure).to_json(), "plotly.py knows every property"
    return dict(figure["layout"])


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_every_chart_with_a_time_axis_has_bands_that_are_named(chart: Chart) -> None:
    found = layout(chart, OVER, OPEN, theme="dark")
    bands = [shape for shape in found.get("shapes", ()) if shape.get("name") == "alert"]
    if found["xaxis"].get("type") != "date":
        assert not bands
        return
    assert [(band["x0"], band["x1"]) for band in bands] == [
        ("2026-03-28T01:00:00", "2026-03-29T01:00:00"),
        ("2026-03-30T02:00:00", "2026-04-03T02:00:00"),
    ]
    signs = [one["hovertext"] for one in found["annotations"] if one.get("name") == "alert"]
    assert signs == [
        "Alert: AI &lt;b&gt;fails&lt;/b&gt; (provider b)<br>2026-03-28 01:00 – 2026-03-29 01:00",
        "Alert: No posts<br>2026-03-30 02:00 – still open",
    ]


def test_the_sentence_names_rules_and_how_often() -> None:
    assert sentence([OVER, OPEN, OVER]) == "Alerts (red): AI <b>fails</b> (provider b), 2 times; No posts."
    assert sentence([]) == ""
    assert OVER.start < STOP

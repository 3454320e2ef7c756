"""What was written stands on every chart over time, and on no other; nothing of it is markup."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest

from layouts.charts import Chart, ChartData, Theme
from layouts.pages import CHARTS
from metricstore.annotation import Annotation
from metricstore.selection import Selection
from tests.unit.charts.test_chart_declarations import START, STOP, ZONE, answer

HOSTILE = "<img src=x onerror=alert(1)> <b>bold</b> & %{y} " + "x" * 300


def written(start: datetime, stop: datetime | None = None, text: str = "launch") -> Annotation:
    return Annotation(1, start, stop, text, ("a", "<i>"), "linkedin", "ann")


def layout(chart: Chart, *found: Annotation, theme: Theme = "light") -> dict[str, Any]:
    also = {words: answer(words.partition(":")[0], chart) for words in chart.also}
    data = ChartData(answer(chart.metric, chart), also, Selection(timezone=ZONE), theme, found)
    figure = chart.draw(data).to_plotly_json()
    assert go.Figure(figure).to_json(), "plotly.py knows every property"
    return dict(figure["layout"])


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_with_a_time_axis_has_its_line_its_band_and_their_texts(chart: Chart, theme: Theme) -> None:
    moment, span = written(START + timedelta(days=1)), written(START + timedelta(days=2), STOP + timedelta(days=9))
    found = layout(chart, moment, span, theme=theme)
    if found["xaxis"].get("type") != "date":
        assert "shapes" not in found
        return
    line, band = found["shapes"]
    assert (line["type"], line["x0"], line["x1"]) == ("line", "2026-03-28T01:00:00", "2026-03-28T01:00:00")
    assert (band["type"], band["x0"], band["x1"]) == ("rect", "2026-03-29T01:00:00", "2026-04-03T02:00:00")
    assert [text["text"] for text in found["annotations"]] == ["launch", "launch"]


def test_what_lies_outside_of_the_range_is_not_drawn() -> None:
    chart = CHARTS["generations_by_outcome"]
    found = layout(chart, written(START - timedelta(days=1)), written(STOP), written(START))
    assert len(found["shapes"]) == 1


def test_texts_are_texts_not_markup() -> None:
    found = layout(CHARTS["generations_by_outcome"], written(START, text=HOSTILE))
    (text,) = found["annotations"]
    assert "<img" not in text["text"] and len(text["text"]) < 60
    assert "<img" not in text["hovertext"] and "<b>" not in text["hovertext"] and "#&lt;i&gt;" in text["hovertext"]
    assert max(map(len, text["hovertext"].split("<br>"))) < 200


def test_many_at_one_time_keep_their_lines_and_do_not_cover_each_other() -> None:
    many = [written(START + timedelta(days=3, minutes=number), text=f"note {number}") for number in range(12)]
    found = layout(CHARTS["generations_by_outcome"], *many)
    assert len(found["shapes"]) == 12
    heights = [text["y"] for text in found["annotations"] if text["text"] != "▾"]
    assert len(heights) == len(set(heights)) == 3

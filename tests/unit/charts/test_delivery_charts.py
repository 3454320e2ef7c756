"""Shares by weekday and hour, bars on a scale, and the sentence under a chart."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from layouts.charts import CHARTS, ChartData
from metricstore.evaluation import Answer
from metricstore.metrics import metric
from metricstore.selection import Selection
from metricstore.windows import Window

START, STOP = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)


def answer(name: str, frame: pd.DataFrame, by: tuple[str, ...] = (), every: str | None = None) -> Answer:
    declared = metric(name)
    window = Window.parse(every) if every else None
    return Answer(declared, declared.measure.aggregate, START, STOP, window, "Europe/Berlin", by, frame)


def hourly(name: str, values: dict[str, float]) -> Answer:
    frame = pd.DataFrame({"time": pd.to_datetime(list(values), utc=True), "value": list(values.values())})
    return answer(name, frame, every="1h")


def test_a_cell_is_the_share_of_its_sums_and_grey_where_it_rests_on_few() -> None:
    mondays = {"2026-03-02T08:00": 5.0, "2026-03-09T08:00": 7.0, "2026-03-03T08:00": 3.0}
    data = ChartData(
        hourly("delivery_rate", dict.fromkeys(mondays, float("nan"))),
        {"service_sent": hourly("service_sent", mondays),
         "service_ended": hourly("service_ended", {**mondays, "2026-03-02T08:00": 9.0})},
        Selection(timezone="Europe/Berlin"), "light",
    )  # fmt: skip
    shares, few = CHARTS["delivery_hours"].draw(data).to_plotly_json()["data"]
    assert shares["z"][0][9] == pytest.approx(100 * 12 / 16), "Monday at 9 in Berlin: both weeks together"
    assert shares["text"][0][9] == "16"
    assert shares["z"][1][9] is None
    assert few["z"][1][9] == 0
    assert few["hovertext"][1][9] == "100.0 % of 3 posts: too few to judge"
    assert few["text"][2][9] == ""


def test_steps_of_lateness_stand_in_their_order_and_count_what_did_not_occur_as_0() -> None:
    frame = pd.DataFrame(
        {"time": [pd.Timestamp(START)] * 2, "lateness": ["over 6 h", "up to 1 min"], "value": [2.0, 9.0]}
    )
    data = ChartData(answer("service_sent", frame, ("lateness",)), {}, Selection(), "light")
    bars = CHARTS["send_lateness_spread"].draw(data).data[0]
    assert (bars["x"][0], bars["x"][-1]) == ("up to 1 min", "over 6 h")
    assert bars["y"] == [9.0, 0.0, 0.0, 0.0, 0.0, 2.0]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"auth": 12.0, "network": 3.0}, "12 of 15 posts have one cause: access lost or expired."),
        ({"auth": 12.0}, "12 posts, one cause: access lost or expired."),
        ({"content": 1.0}, "1 post, one cause: text refused."),
        ({}, ""),
    ],
)
def test_failures_are_told_by_their_common_cause(counts: dict[str, float], sentence: str) -> None:
    frame = pd.DataFrame({"time": pd.Timestamp(START), "error_class": list(counts), "value": list(counts.values())})
    says = CHARTS["service_failures_per_cause"].says
    assert says is not None
    assert says(ChartData(answer("service_failed", frame, ("error_class",)), {}, Selection(), "light")) == sentence

"""Shares by weekday and hour, bars on a scale, and the sentence under a chart."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from layouts.charts import ChartData
from layouts.pages import CHARTS
from metricstore.evaluation import Answer
from metricstore.metrics import metric
from metricstore.selection import Selection
from metricstore.windows import Window
from tests.grids import grid_of

START, STOP = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)


def answer(name: str, frame: pd.DataFrame, by: tuple[str, ...] = (), every: str | None = None) -> Answer:
    declared = metric(name)
    window = Window.parse(every) if every else None
    return Answer(declared, declared.measure.aggregate, START, STOP, window, "Europe/Berlin", by, grid_of(frame, by))


def hourly(name: str, values: dict[str, float]) -> Answer:
    frame = pd.DataFrame({"time": pd.to_datetime(list(values), utc=True), "value": list(values.values())})
    return answer(name, frame, every="1h")


CLOCK = ("channel_weekday", "channel_hour")


def by_clock(name: str, values: dict[tuple[str, str], float]) -> Answer:
    days, hours = zip(*values, strict=True)
    columns = {"time": pd.Timestamp(START), CLOCK[0]: days, CLOCK[1]: hours, "value": list(values.values())}
    return answer(name, pd.DataFrame(columns), CLOCK)


def by_channels(sent: dict[tuple[str, str], float], ended: dict[tuple[str, str], float]) -> ChartData:
    shares = by_clock("delivery_rate", dict.fromkeys(ended, float("nan")))
    counts = {"service_sent": by_clock("service_sent", sent), "service_ended": by_clock("service_ended", ended)}
    return ChartData(shares, counts, Selection(timezone="Europe/Berlin"), "light")


def test_hours_of_delivery_are_those_of_the_channel_and_a_click_means_just_these() -> None:
    ended = {("mon", "09"): 16.0, ("sun", "23"): 3.0, ("", ""): 4.0}
    figure = CHARTS["delivery_hours"].draw(by_channels({("mon", "09"): 12.0}, ended)).to_plotly_json()
    shares, few = figure["data"]
    assert (shares["z"][0][9], shares["text"][0][9]) == (75.0, "16")
    assert (few["z"][6][23], few["hovertext"][6][23]) == (0, "0.0 % of 3 posts: too few to judge")
    assert sum(cell is not None for trace in (shares, few) for row in trace["z"] for cell in row) == 2
    assert shares["customdata"][6][23] == [None, "", "", {"channel_weekday": "sun", "channel_hour": "23"}]
    assert "Berlin" not in figure["layout"]["xaxis"]["title"]["text"]


def test_the_lowest_share_is_not_as_grey_as_what_can_not_be_judged() -> None:
    ended = {("mon", "09"): 20.0, ("tue", "09"): 20.0, ("sun", "23"): 3.0}
    shares, few = CHARTS["delivery_hours"].draw(by_channels({("mon", "09"): 20.0}, ended)).to_plotly_json()["data"]
    assert len({color for _, color in few["colorscale"]}) == 1
    assert shares["colorscale"][0][1] not in {color for _, color in few["colorscale"]}


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        ({("mon", "09"): 16.0, ("", ""): 4.0},
         "Not reported by the source: the channel's time zone of 4 of 20 posts; they are in no cell."),
        ({("", ""): 1.0}, "Not reported by the source: the channel's time zone of 1 of 1 post; it is in no cell."),
        ({("mon", "09"): 16.0}, ""),
    ],
)  # fmt: skip
def test_posts_without_a_known_clock_are_counted(ended: dict[tuple[str, str], float], sentence: str) -> None:
    says = CHARTS["delivery_hours"].says
    assert says is not None
    assert says(by_channels(ended, ended)) == sentence


def test_a_cell_is_the_share_of_its_sums_and_grey_where_it_rests_on_few() -> None:
    mondays = {"2026-03-02T08:00": 5.0, "2026-03-09T08:00": 7.0, "2026-03-03T08:00": 3.0}
    data = ChartData(
        hourly("post_engagement_rate", dict.fromkeys(mondays, float("nan"))),
        {"rated_interactions": hourly("rated_interactions", mondays),
         "rated_posts": hourly("rated_posts", {**mondays, "2026-03-02T08:00": 9.0})},
        Selection(timezone="Europe/Berlin"), "light",
    )  # fmt: skip
    shares, few = CHARTS["engagement_hours"].draw(data).to_plotly_json()["data"]
    assert shares["z"][0][9] == pytest.approx(100 * 12 / 16), "Monday at 9 in Berlin: both weeks together"
    assert shares["text"][0][9] == "16"
    assert shares["z"][1][9] is None
    assert few["z"][1][9] == 0
    assert few["hovertext"][1][9] == "100.00 % of 3 posts: too few to judge"
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
        ({"auth": 2.0, "network": 2.0, "media": 2.0}, "6 posts; no cause stands out."),
        ({"content": 1.0}, "1 post, one cause: text refused."),
        ({}, ""),
    ],
)
def test_failures_are_told_by_their_common_cause(counts: dict[str, float], sentence: str) -> None:
    frame = pd.DataFrame({"time": pd.Timestamp(START), "error_class": list(counts), "value": list(counts.values())})
    says = CHARTS["service_failures_per_cause"].says
    assert says is not None
    assert says(ChartData(answer("service_failed", frame, ("error_class",)), {}, Selection(), "light")) == sentence

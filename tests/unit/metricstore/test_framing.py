"""Frames from raw rows, and which earlier range a comparison is made with."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metricstore.framing import comparison_query, framed, window_days, window_starts, with_comparison
from metricstore.point import nanoseconds
from metricstore.query import Query
from metricstore.window_edges import edges
from metricstore.windows import Window

START = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = Query("post", "count", START, START + timedelta(days=3), every=Window(1, "d"), by=("platform", "status"))


def test_rows_in_any_order_become_sorted_groups_with_every_window() -> None:
    times = [nanoseconds(START + timedelta(hours=hours)) for hours in (50, 3, 71)]
    frame = framed(DAYS, times, [["b", "a", "b"], [None, "x", "y"]], [1, 2, 3]).frame()
    assert frame["platform"].tolist() == ["a"] * 3 + ["b"] * 6
    assert frame["status"].tolist() == ["x"] * 3 + [""] * 3 + ["y"] * 3
    assert frame["value"].tolist() == [2, 0, 0, 0, 0, 1, 0, 0, 3]
    assert frame["time"].tolist() == [pd.Timestamp(START + timedelta(days=day)) for day in (0, 1, 2)] * 3
    assert [str(kind) for kind in frame.dtypes] == ["datetime64[ns, UTC]", "str", "str", "float64"]


def test_no_rows_are_no_groups_but_one_group_without_by() -> None:
    assert framed(DAYS, [], [[], []], []).frame().empty
    alone = Query("post", "mean", START, START + timedelta(days=3), "words", Window(1, "d"))
    assert np.isnan(framed(alone, [], [], [])["value"]).tolist() == [True] * 3


def test_a_frame_may_be_changed_without_changing_the_next_one() -> None:
    answer = framed(DAYS, [nanoseconds(START)], [["a"], ["x"]], [1])
    first = answer.frame()
    first["value"] += 5
    first.loc[0, "time"] = pd.Timestamp("1999-01-01", tz="UTC")
    assert answer.frame()["time"][0] == pd.Timestamp(START)
    assert answer.frame()["value"].tolist() == [1, 0, 0]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    start=st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1)),
    length=st.timedeltas(timedelta(microseconds=1), timedelta(days=40)),
    every=st.sampled_from(["15m", "1h", "6h", "1d", "1w", "1mo", "1q", "1y"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"]),
)
def test_previous_ends_before_the_range_begins_and_touches_about_as_many_windows(
    start: datetime, length: timedelta, every: str, zone: str
) -> None:
    begin = start.replace(tzinfo=UTC)
    window = Window.parse(every)
    query = Query("post", "count", begin, begin + length, every=window, timezone=zone, compare="previous")
    earlier = comparison_query(query)
    assert earlier.compare is None
    assert earlier.start < earlier.stop <= begin
    slack = 2 if window.seconds <= 3600 else 0
    assert abs(len(window_starts(earlier)) - len(window_starts(query))) <= slack
    assert begin - earlier.stop <= timedelta(seconds=window.seconds * 1.15) + timedelta(hours=2)


@pytest.mark.parametrize("every", [None, "1h", "1d", "1w", "1mo"])
def test_a_comparison_pairs_window_n_with_window_n(every: str | None) -> None:
    window = Window.parse(every) if every else None
    zone = ZoneInfo("Europe/Berlin")
    start, stop = datetime(2024, 3, 1, tzinfo=zone), datetime(2024, 6, 1, tzinfo=zone)
    query = Query("post", "sum", start, stop, "words", window, timezone="Europe/Berlin", compare="previous")
    earlier = comparison_query(query)
    now = framed(query, window_starts(query), [], range(len(window_starts(query))))
    before_starts = window_starts(earlier)
    before = framed(earlier, before_starts, [], [100.0 + n for n in range(len(before_starts))])
    frame = with_comparison(query, now, before)
    pairs = min(len(now), len(before))
    assert frame["comparison"].tolist()[:pairs] == [100.0 + n for n in range(pairs)]
    assert all(math.isnan(one) for one in frame["comparison"].tolist()[pairs:])


def test_a_year_before_the_29th_of_february_is_the_28th() -> None:
    query = Query("post", "count", datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC), compare="year")
    earlier = comparison_query(query)
    assert (earlier.start, earlier.stop) == (datetime(2023, 2, 28, tzinfo=UTC), datetime(2023, 3, 1, tzinfo=UTC))


def test_windows_of_a_moving_range_are_worked_out_once() -> None:
    starts = window_starts(DAYS)
    assert window_starts(Query("post", "count", START + timedelta(hours=1), DAYS.stop, every=DAYS.every)) is starts
    assert not starts.flags.writeable
    assert starts.tolist() == [nanoseconds(edge) for edge in edges(DAYS.start, DAYS.stop, Window(1, "d"), "UTC")]


@pytest.mark.parametrize(("zone", "start", "length", "days"), [
    ("Europe/Berlin", datetime(2024, 3, 31, 1, tzinfo=UTC), timedelta(microseconds=1), 1e-6 / (23 * 3600)),
    ("UTC", datetime(2024, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC), timedelta(microseconds=2), 2e-6 / (24 * 3600)),
    ("Europe/Berlin", datetime(2024, 10, 26, 22, tzinfo=UTC), timedelta(hours=25), 1.0),
    # Apia had no 30 December 2011
    ("Pacific/Apia", datetime(2011, 12, 28, 10, tzinfo=UTC), timedelta(days=5), 5.0),
    ("America/Santiago", datetime(2024, 9, 8, 3, 30, tzinfo=UTC), timedelta(hours=1), 0.5 / 24 + 0.5 / 23),
    ("Asia/Kolkata", datetime(1990, 1, 1, tzinfo=UTC), timedelta(days=15_000), 15_000.0),
])  # fmt: skip
def test_days_are_those_of_the_zone_and_the_shortest_ranges_have_a_length(
    zone: str, start: datetime, length: timedelta, days: float
) -> None:
    question = Query("post", "per_day", start, start + length, timezone=zone)
    assert window_days(question).tolist() == [pytest.approx(days, rel=1e-9)]

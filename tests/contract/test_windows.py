"""Windows in answers: days of 23 and 25 hours, empty windows, half-open ranges, the shape of the frame."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from metricstore.errors import InvalidQuestion
from metricstore.query import AGGREGATES, COUNTED, Query
from metricstore.store import Store
from metricstore.windows import Window
from tests.contract.asking import START, STOP, any_of, asked, assert_same, counts, generation, hours, rows
from tests.contract.reference import Reference, ns

SWITCHES = [
    ("Europe/Berlin", datetime(2024, 3, 31), 23.0),
    ("Europe/Berlin", datetime(2024, 10, 27), 25.0),
    ("America/New_York", datetime(2024, 3, 10), 23.0),
    ("America/New_York", datetime(2024, 11, 3), 25.0),
    ("Australia/Lord_Howe", datetime(2024, 4, 7), 24.5),
    ("Australia/Lord_Howe", datetime(2024, 10, 6), 23.5),
    ("America/Santiago", datetime(2024, 9, 8), 23.0),
    ("Africa/Cairo", datetime(2024, 4, 26), 23.0),
    ("Asia/Kolkata", datetime(2024, 3, 31), 24.0),
]


@pytest.mark.parametrize(("zone", "day", "length"), SWITCHES)
def test_the_day_the_clock_is_changed_has_its_true_length(
    store: Store, zone: str, day: datetime, length: float
) -> None:
    tz = ZoneInfo(zone)
    start, stop = ((day + timedelta(days=n)).replace(tzinfo=tz).astimezone(UTC) for n in (-1, 2))
    quarters = int((stop - start).total_seconds() // 900)
    store.write([generation(start + n * timedelta(minutes=15)) for n in range(quarters)])
    frame = store.ask(asked(every="1d", start=start, stop=stop, timezone=zone))
    assert frame["value"].tolist() == [96, length * 4, 96]
    assert frame["time"].dt.tz_convert(zone).dt.date.tolist() == [(day + timedelta(days=n)).date() for n in (-1, 0, 1)]


@pytest.mark.parametrize(("zone", "day", "length"), SWITCHES)
def test_windows_around_a_clock_change_agree_with_the_wall_clock(
    store: Store, zone: str, day: datetime, length: float
) -> None:
    around = day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    points = [generation(around + timedelta(minutes=20 * n), position=n) for n in range(-80, 100, 3)]
    store.write(points)
    reference = Reference()
    reference.write(points)
    every = ("15m", "1h", "2h", "6h", "1d", "1w", "1mo", "1q")
    for aggregate, window in product(("count", "sum", "p50", "last", "rate"), every):
        query = asked(
            aggregate, window, field="position", start=around - hours(26.3), stop=around + hours(31.1), timezone=zone
        )
        assert_same(rows(store.ask(query)), reference.ask(query))


def test_the_day_that_samoa_skipped_has_no_window(store: Store) -> None:
    tz = ZoneInfo("Pacific/Apia")
    start, stop = datetime(2011, 12, 29, tzinfo=tz).astimezone(UTC), datetime(2012, 1, 1, tzinfo=tz).astimezone(UTC)
    store.write([generation(start + hours(n)) for n in range(48)])
    frame = store.ask(asked(every="1d", start=start, stop=stop, timezone="Pacific/Apia"))
    assert frame["time"].dt.tz_convert("Pacific/Apia").dt.day.tolist() == [29, 31]
    assert frame["value"].tolist() == [24, 24]


def test_weeks_begin_on_monday_and_a_cut_first_window_keeps_its_nominal_start(store: Store) -> None:
    store.write([generation(datetime(2024, 3, day, 5, tzinfo=UTC)) for day in range(1, 15)])
    frame = store.ask(asked(every="1w", start=datetime(2024, 3, 6, tzinfo=UTC), stop=datetime(2024, 3, 13, tzinfo=UTC)))
    assert frame["time"].dt.day.tolist() == [4, 11]
    assert frame["value"].tolist() == [5, 2]


@pytest.mark.parametrize(("every", "months"), [("1mo", [1, 2, 3, 4, 5, 6]), ("1q", [1, 4]), ("1y", [1])])
def test_months_quarters_and_years_follow_the_calendar(store: Store, every: str, months: list[int]) -> None:
    store.write([generation(datetime(2024, month, 28, 5, tzinfo=UTC)) for month in range(1, 7)])
    query = asked(every=every, start=datetime(2024, 1, 15, tzinfo=UTC), stop=datetime(2024, 6, 30, tzinfo=UTC))
    frame = store.ask(query)
    assert frame["time"].dt.month.tolist() == months
    assert frame["value"].tolist() == [6 / len(months)] * len(months)


def test_ranges_and_windows_are_half_open(store: Store) -> None:
    day = datetime(2024, 3, 10, tzinfo=UTC)
    inside = [ns(day), ns(day) + 1, ns(day + timedelta(days=1)) - 1]
    outside = [ns(day) - 1, ns(day + timedelta(days=1))]
    store.write([generation(time) for time in inside + outside])
    assert counts(store, start=day, stop=day + timedelta(days=1)) == 3
    frame = store.ask(asked(every="1d", start=day - timedelta(days=1), stop=day + timedelta(days=2)))
    assert frame["value"].tolist() == [1, 3, 1]


def test_a_microsecond_of_range_holds_its_thousand_nanoseconds(store: Store) -> None:
    moment = datetime(2024, 3, 10, 1, 2, 3, 456789, tzinfo=UTC)
    store.write([generation(ns(moment) + n) for n in (-1, 0, 500, 999, 1000)])
    assert counts(store, start=moment, stop=moment + timedelta(microseconds=1)) == 3


def test_empty_windows_are_zero_for_counts_and_nothing_for_the_rest(store: Store) -> None:
    store.write([generation(START + hours(1)), generation(START + timedelta(days=2, hours=1))])
    for aggregate in AGGREGATES:
        query = asked(aggregate, "1d", field="duration_seconds", stop=START + timedelta(days=3))
        values = store.ask(query)["value"].tolist()
        assert values[0] == values[2] == (1 / 24 if aggregate == "rate" else 1), aggregate
        assert values[1] == 0 if aggregate in COUNTED else math.isnan(values[1]), aggregate


def test_every_group_has_every_window_and_rows_are_sorted_by_group_then_time(store: Store) -> None:
    points = [generation(START + timedelta(days=3), "b"), generation(START, "a"), generation(START + hours(30), "")]
    store.write(points)
    reference = Reference()
    reference.write(points)
    query = asked(every="1d", stop=START + timedelta(days=4), by=("platform",))
    found = rows(store.ask(query), ("platform",))
    assert [group for _, (group,), _ in found] == [""] * 4 + ["a"] * 4 + ["b"] * 4
    assert_same(found, reference.ask(query))


def test_a_group_whose_points_lack_the_field_is_still_a_group(store: Store) -> None:
    store.write([generation(START, "a", topic="x"), generation(START, "b", duration_seconds=2.0)])
    query = asked("mean", None, field="duration_seconds", by=("platform",))
    found = rows(store.ask(query), ("platform",))
    assert [group for _, group, _ in found] == [("a",), ("b",)]
    assert math.isnan(found[0][2])
    assert found[1][2] == 2.0


def test_count_of_a_field_counts_the_points_that_have_it(store: Store) -> None:
    store.write([generation(START, topic="x"), generation(START + hours(1), duration_seconds=2.0)])
    assert counts(store) == 2
    assert counts(store, field="topic") == 1


def test_grouping_by_a_dimension_field_and_a_tag_at_once(store: Store) -> None:
    points = [
        generation(START + hours(n), ("linkedin", "twitter")[n % 2], outcome=("ok", "failed", "ok")[n % 3], position=n)
        for n in range(12)
    ] + [generation(START + hours(20), "twitter", position=5)]
    store.write(points)
    reference = Reference()
    reference.write(points)
    for aggregate in ("count", "sum", "p90", "distinct"):
        query = asked(aggregate, "1d", stop=START + timedelta(days=2), field="position", by=("outcome", "platform"))
        assert_same(rows(store.ask(query), query.by), reference.ask(query))


def test_percentiles_are_exact_by_nearest_rank(store: Store) -> None:
    counts = (1, 2, 3, 9, 10, 11, 19, 20, 21, 99, 100, 101)
    weeks = {count: START + timedelta(weeks=place) for place, count in enumerate(counts)}
    store.write(
        [generation(week + hours(n), duration_seconds=float((n * 37) % count + 1))
         for count, week in weeks.items() for n in range(count)]
    )  # fmt: skip
    for (count, week), percent in product(weeks.items(), (50, 90, 95, 99)):
        frame = store.ask(asked(f"p{percent}", field="duration_seconds", start=week, stop=week + timedelta(weeks=1)))
        distinct = sorted((n * 37) % count + 1 for n in range(count))
        assert frame["value"].iloc[0] == distinct[-(-percent * count // 100) - 1], (count, percent)


def test_last_is_the_latest_point_that_has_the_field(store: Store) -> None:
    store.write([generation(START + hours(2), position=5), generation(START + hours(1), position=9)])
    store.write([generation(START + hours(3), topic="without position")])
    assert store.ask(asked("last", field="position"))["value"].tolist() == [5]
    store.write([generation(START + hours(2), "twitter", position=7)])
    assert store.ask(asked("last", field="position"))["value"].tolist() == [7]


def test_distinct_counts_different_values_of_texts_and_numbers(store: Store) -> None:
    store.write([generation(START + hours(n), topic=f"t{n % 3}", position=n % 4) for n in range(24)])
    assert store.ask(asked("distinct", field="topic"))["value"].tolist() == [3]
    assert store.ask(asked("distinct", "1d", field="position", stop=START + timedelta(days=2)))["value"].tolist() == [
        4,
        0,
    ]


def test_rate_is_per_hour_of_the_window_inside_the_range(store: Store) -> None:
    store.write([generation(START + hours(n)) for n in range(48)])
    query = asked("rate", "1d", start=START + hours(12), stop=START + hours(30))
    assert store.ask(query)["value"].tolist() == [1.0, 1.0]


def test_an_empty_database_answers_every_question_with_nothing(store: Store) -> None:
    for aggregate in AGGREGATES:
        whole = store.ask(asked(aggregate, field="duration_seconds"))
        assert len(whole) == 1, aggregate
        assert whole["value"].fillna(0).tolist() == [0], aggregate
        windowed = store.ask(asked(aggregate, "1d", field="duration_seconds"))
        assert len(windowed) == 61, aggregate
        grouped = store.ask(asked(aggregate, "1d", field="duration_seconds", by=("platform",)))
        assert rows(grouped, ("platform",)) == [], aggregate


def test_a_measurement_never_written_is_empty_beside_others(store: Store) -> None:
    store.write([generation(START)])
    assert counts(store, measurement="post") == 0
    assert store.bounds("post") is None
    assert store.values("post", "platform", START, STOP) == []
    frame = store.ask(asked(measurement="post", by=("platform", "status")))
    assert list(frame.columns) == ["time", "platform", "status", "value"]
    assert frame.empty


def test_a_filter_that_matches_nothing_gives_empty_windows_without_groups(store: Store) -> None:
    store.write([generation(START)])
    query = asked(every="1d", where=(any_of("platform", "nobody"),), stop=START + timedelta(days=3))
    assert store.ask(query)["value"].tolist() == [0, 0, 0]


def test_times_before_1970_fall_into_their_windows(store: Store) -> None:
    start = datetime(1965, 3, 1, tzinfo=UTC)
    store.write([generation(ns(start) + n * 3_600_000_000_000 - 1) for n in range(30)])
    query = asked(every="1d", start=start - timedelta(days=1), stop=start + timedelta(days=2))
    assert store.ask(query)["value"].tolist() == [1, 24, 5]


def test_too_many_windows_are_refused_by_name(store: Store) -> None:
    with pytest.raises(InvalidQuestion, match="every"):
        store.ask(Query("generation", "count", START, STOP + timedelta(days=900), every=Window(1, "m")))

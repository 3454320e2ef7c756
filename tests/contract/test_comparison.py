"""The same question one period or one year earlier, window by window."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from metricstore.store import Store
from tests.contract.asking import asked, generation, hours

BERLIN = ZoneInfo("Europe/Berlin")


def test_previous_is_the_range_of_the_same_length_directly_before(store: Store) -> None:
    start = datetime(2024, 3, 10, 6, tzinfo=UTC)
    store.write([generation(start + hours(n)) for n in (-11, -10, -9, -1, 0, 3, 9, 10)])
    frame = store.ask(asked(start=start, stop=start + hours(10), compare="previous"))
    assert frame[["value", "comparison"]].values.tolist() == [[3, 3]]


def test_previous_pairs_calendar_windows_in_order(store: Store) -> None:
    days = [datetime(2024, 3, day, 12, tzinfo=UTC) for day in range(1, 29)]
    store.write([generation(day, position=day.day) for day in days])
    week = asked(
        "sum", "1d", field="position", start=datetime(2024, 3, 15, tzinfo=UTC), stop=datetime(2024, 3, 22, tzinfo=UTC)
    )
    frame = store.ask(replace(week, compare="previous"))
    assert frame["value"].tolist() == [15, 16, 17, 18, 19, 20, 21]
    assert frame["comparison"].tolist() == [8, 9, 10, 11, 12, 13, 14]


def test_a_range_up_to_now_compares_with_the_same_days_up_to_the_same_time(store: Store) -> None:
    noon = datetime(2024, 3, 15, 12, tzinfo=UTC)
    store.write([generation(noon - timedelta(days=14) + hours(n)) for n in range(24 * 15)])
    frame = store.ask(asked(every="1d", start=noon - timedelta(days=7), stop=noon, compare="previous"))
    assert frame["value"].tolist() == [12, 24, 24, 24, 24, 24, 24, 12]
    assert frame["comparison"].tolist() == frame["value"].tolist()


def test_months_compare_with_the_months_before_whatever_their_length(store: Store) -> None:
    first = datetime(2024, 1, 1, tzinfo=BERLIN).astimezone(UTC)
    store.write([generation(first + hours(12 + 24 * n)) for n in range(182)])
    query = asked(
        every="1mo", start=datetime(2024, 4, 1, tzinfo=BERLIN), stop=datetime(2024, 7, 1, tzinfo=BERLIN),
        timezone="Europe/Berlin", compare="previous",
    )  # fmt: skip
    frame = store.ask(query)
    assert frame["value"].tolist() == [30, 31, 30]
    assert frame["comparison"].tolist() == [31, 29, 31]


def test_days_pair_across_a_clock_change(store: Store) -> None:
    first = datetime(2024, 3, 25, tzinfo=BERLIN).astimezone(UTC)
    store.write([generation(first + hours(n)) for n in range(14 * 24 - 1)])
    query = asked(
        every="1d", start=datetime(2024, 4, 1, tzinfo=BERLIN), stop=datetime(2024, 4, 8, tzinfo=BERLIN),
        timezone="Europe/Berlin", compare="previous",
    )  # fmt: skip
    frame = store.ask(query)
    assert frame["value"].tolist() == [24] * 7
    assert frame["comparison"].tolist() == [24] * 6 + [23]


def test_year_is_the_same_wall_clock_range_a_year_earlier(store: Store) -> None:
    moments = [
        datetime(year, 4, day, 0, 30, tzinfo=BERLIN) for year, day in ((2023, 1), (2023, 1), (2023, 2), (2024, 1))
    ]
    store.write([generation(moment.astimezone(UTC) + timedelta(minutes=n)) for n, moment in enumerate(moments)])
    query = asked(
        every="1d", start=datetime(2024, 4, 1, tzinfo=BERLIN), stop=datetime(2024, 4, 3, tzinfo=BERLIN),
        timezone="Europe/Berlin", compare="year",
    )  # fmt: skip
    assert store.ask(query)[["value", "comparison"]].values.tolist() == [[1, 2], [0, 1]]


def test_a_leap_day_more_has_no_partner(store: Store) -> None:
    store.write([generation(datetime(year, 2, 28, 1, tzinfo=UTC)) for year in (2023, 2024)])
    query = asked(
        every="1d", start=datetime(2024, 2, 28, tzinfo=UTC), stop=datetime(2024, 3, 2, tzinfo=UTC), compare="year"
    )
    frame = store.ask(query)
    assert frame["value"].tolist() == [1, 0, 0]
    assert frame["comparison"].tolist()[:2] == [1, 0]
    assert math.isnan(frame["comparison"].iloc[2])


def test_weeks_compare_with_those_52_weeks_earlier(store: Store) -> None:
    monday = datetime(2024, 3, 4, tzinfo=UTC)
    store.write([generation(monday - timedelta(weeks=52) + timedelta(days=n)) for n in range(7)])
    frame = store.ask(asked(every="1w", start=monday, stop=monday + timedelta(weeks=2), compare="year"))
    assert frame[["value", "comparison"]].values.tolist() == [[0, 7], [0, 0]]


@pytest.mark.parametrize(("aggregate", "empty"), [("count", 0.0), ("mean", math.nan)])
def test_a_group_of_only_one_of_the_ranges_is_shown_with_nothing_in_the_other(
    store: Store, aggregate: str, empty: float
) -> None:
    day = datetime(2024, 3, 10, tzinfo=UTC)
    store.write([generation(day - hours(1), "old"), generation(day + hours(1), "new")])
    query = asked(
        aggregate, field="duration_seconds", by=("platform",), start=day, stop=day + hours(24), compare="previous"
    )
    frame = store.ask(query)
    assert frame["platform"].tolist() == ["new", "old"]
    shown = frame[["value", "comparison"]].values.tolist()
    assert str(shown) == str([[1.0, empty], [empty, 1.0]])


def test_comparing_in_an_empty_database_gives_nothing_twice(store: Store) -> None:
    day = datetime(2024, 3, 10, tzinfo=UTC)
    frame = store.ask(asked(every="1d", start=day, stop=day + timedelta(days=3), compare="previous"))
    assert frame[["value", "comparison"]].values.tolist() == [[0, 0]] * 3
    grouped = store.ask(asked(by=("platform",), start=day, stop=day + timedelta(days=3), compare="year"))
    assert list(grouped.columns) == ["time", "platform", "value", "comparison"]
    assert grouped.empty

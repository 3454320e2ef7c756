"""Which days are asked for, so that other ranges find them known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from metricstore.day_values import whole_months
from metricstore.query import Query
from metricstore.windows import Window

BERLIN = ZoneInfo("Europe/Berlin")


def days(start: datetime, stop: datetime, **words: Any) -> Query:
    return Query("generation", "count", start, stop, every=Window(1, "d"), **words)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "asked, wide",
    [
        ((at(3, 10), at(5, 6)), (at(3, 1), at(6, 1))),
        ((at(3, 1), at(5, 1)), (at(3, 1), at(5, 1))),
        ((at(3, 10, 6), at(5, 6)), (at(3, 10, 6), at(6, 1))),  # the first day is cut
        ((at(3, 10), at(5, 6, 6)), (at(3, 1), at(5, 6, 6))),  # the last day is cut
        ((at(3, 20), at(3, 30)), (at(3, 20), at(4, 1))),  # more days before than half of those that are wanted
        ((at(3, 2), at(3, 12)), (at(3, 1), at(3, 12))),
    ],
)
def test_days_are_those_of_whole_months(asked: tuple[datetime, datetime], wide: tuple[datetime, datetime]) -> None:
    assert whole_months(days(*asked)) == days(*wide)


def test_a_month_that_is_not_over_is_not_asked_for_beyond_the_range() -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = days(today - timedelta(days=200), today)
    assert whole_months(asked).stop == today


def test_months_are_those_of_the_question_s_time_zone() -> None:
    asked = days(datetime(2025, 3, 10, tzinfo=BERLIN), datetime(2025, 5, 6, tzinfo=BERLIN), timezone="Europe/Berlin")
    assert whole_months(asked).start == datetime(2025, 3, 1, tzinfo=BERLIN)
    assert whole_months(asked).stop == datetime(2025, 6, 1, tzinfo=BERLIN)
    assert whole_months(replace(asked, timezone="UTC")) == replace(asked, timezone="UTC")


def test_very_long_ranges_stay_as_they_are() -> None:
    asked = days(datetime(1971, 1, 10, tzinfo=UTC), at(5, 6))
    assert whole_months(asked) == asked


def test_percentiles_keep_their_range() -> None:
    asked = replace(days(at(3, 10), at(5, 6)), aggregate="p95", field="duration_seconds")
    assert whole_months(asked) == asked

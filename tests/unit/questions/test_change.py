"""What changed and why, from a real store: parts by columns add up to the change of the figure itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from briefing.change_columns import HOUR, change_columns, has_parts
from layouts.change import sentence
from metricstore.catalogue import measurement
from metricstore.duck import DuckStore
from metricstore.metrics import METRICS, metric
from metricstore.point import Point, nanoseconds
from metricstore.restriction import restricted
from metricstore.segment import Segment
from metricstore.selection import Selection
from questions.change import change_of

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WEEK = Selection("-7d")


def made(day: datetime, platform: str, outcome: str, number: int) -> Point:
    fields = {"outcome": outcome, "topic": f"topic {number % 3}", "duration_seconds": 4.0}
    return Point("generation", nanoseconds(day) + number, {"platform": platform}, fields)


@pytest.fixture(scope="module")
def store() -> Iterator[DuckStore]:
    """Two weeks of ten posts for each platform a day; in the second, X fails every other time."""
    found = DuckStore(None)
    points = []
    for back in range(1, 15):
        day = NOW - timedelta(days=back, hours=-1)
        for number in range(10):
            points.append(made(day, "linkedin", "ok", number))
            points.append(made(day, "twitter", "failed" if back <= 7 and number % 2 else "ok", number))
    found.write(points)
    yield found
    found.close()


def test_the_parts_of_a_ratio_add_up_and_the_one_that_fell_stands_out(store: DuckStore) -> None:
    found = change_of(store, metric("generation_success_rate"), WEEK, NOW)
    assert (found.before, found.after) == (100, 75)
    for one in found.by:
        assert sum(part.change for part in one.parts) == pytest.approx(-25), one.column
    assert found.made is not None and found.made.column == "platform"
    assert sentence(found) == (
        "100.0 % → 75.0 %, −25.0 points. Most of it: platform X (−25.0 points; rate −25.0, mix ±0.0)."
    )


def test_a_count_that_did_not_change_has_nothing_to_tell(store: DuckStore) -> None:
    found = change_of(store, metric("generations"), WEEK, NOW)
    assert found.made is None and sentence(found) == "140 posts → 140 posts, ±0 posts: nothing changed."
    assert all(sum(part.change for part in one.parts) == 0 for one in found.by)


def test_it_obeys_filters_and_what_its_viewer_may_see(store: DuckStore) -> None:
    filtered = change_of(store, metric("generation_failures"), Selection("-7d", where={"platform": ("twitter",)}), NOW)
    assert filtered.after == 35 and "platform" not in [one.column for one in filtered.by]
    limited = change_of(
        restricted(store, Segment.of_platforms(("linkedin",))), metric("generation_success_rate"), WEEK, NOW
    )
    assert (limited.before, limited.after, limited.made) == (100, 100, None)


def test_without_a_time_to_compare_with_there_is_no_number(store: DuckStore) -> None:
    found = change_of(store, metric("generation_success_rate"), Selection("-14d"), NOW)
    assert found.why and found.by == () and sentence(found).startswith("The change is not known: ")


def test_medians_and_formulas_are_not_made_of_parts() -> None:
    assert not has_parts(METRICS["send_lateness"]) and not has_parts(METRICS["time_saved"])
    assert has_parts(METRICS["ai_cost"]) and has_parts(METRICS["delivery_rate"])


def test_an_hour_of_the_day_can_be_what_changed_on_the_clock_of_who_looks() -> None:
    """Ten posts a day at 13:00 UTC; in the second week four more at 17:00."""
    found = DuckStore(None)
    for back in range(1, 15):
        day = (NOW - timedelta(days=back)).replace(hour=13)
        later = day.replace(hour=17)
        found.write([made(day, "linkedin", "ok", number) for number in range(10)])
        found.write([made(later, "linkedin", "ok", number) for number in range(4 if back <= 7 else 0)])
    told = change_of(found, metric("generations"), Selection("-7d", timezone="Europe/Berlin"), NOW)
    assert told.made is not None and told.made.column == HOUR
    assert sentence(told) == "70 posts → 98 posts, +28 posts. Most of it: hour 18:00 (+28 posts)."
    ratio = change_of(found, metric("generation_success_rate"), WEEK, NOW)
    hours = next(one for one in ratio.by if one.column == HOUR)
    assert sum(part.change for part in hours.parts) == ratio.after - ratio.before == 0
    found.close()


@pytest.mark.parametrize("finest", ["6h", "1d"])
def test_who_sees_no_single_hours_gets_none_made_of_longer_windows(finest: str) -> None:
    found = DuckStore(None)
    for back in range(1, 15):
        found.write([made(NOW - timedelta(days=back), "linkedin", "ok", number) for number in range(10 + (back <= 7))])
    seen = restricted(found, Segment((), every=finest))
    told = change_of(seen, metric("generations"), Selection("-7d", every=finest, timezone="UTC"), NOW)
    assert told.by and HOUR not in [one.column for one in told.by]
    found.close()


def test_what_has_a_date_and_no_time_of_day_has_no_hours() -> None:
    assert HOUR in change_columns(METRICS["generations"])
    assert not [
        name
        for name, one in METRICS.items()
        if HOUR in change_columns(one) and any(measurement(m).dates for m in one.measurements)
    ]
    assert HOUR not in change_columns(METRICS["posts"])

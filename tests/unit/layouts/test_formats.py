"""Values as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from layouts.filterbar import chips, range_name
from layouts.formats import ago, change, counted, filter_text, measured, number, span
from metricstore.metrics import METRICS, metric
from metricstore.quantities import quantity, singular
from metricstore.selection import Selection


def test_nothing_is_a_dash_and_never_nan() -> None:
    assert number(math.nan) == "–"
    assert measured(math.nan, metric("generation_times")) == ("–", "")


def test_a_single_one_has_a_singular_unit() -> None:
    assert measured(1, metric("posts")) == ("1", "post")
    assert [counted("1", unit) for unit in ("retries", "batches", "s", "posts/day", "%", "emoji")] == [
        "retry", "batch", "s", "posts/day", "%", "emoji",
    ]  # fmt: skip
    assert [counted(text, "posts") for text in ("0", "2", "1.0", "–")] == ["posts"] * 4


def test_a_number_asks_for_the_form_of_what_is_counted() -> None:
    assert [quantity(count, plural) for count, plural in ((1, "users"), (0, "users"), (1, "retries"), (1_234, "batches"))] == [
        "1 user", "0 users", "1 retry", "1,234 batches",
    ]  # fmt: skip


def test_a_singular_is_a_word_whatever_its_plural_ends_in() -> None:
    plurals = {
        "losses": "loss", "ad addresses": "ad address", "classes": "class", "series": "series", "boxes": "box", "crashes": "crash", "matches": "match",
        "statuses": "status", "houses": "house", "pauses": "pause", "purchases": "purchase", "replies": "reply", "young people": "young person",
        "ms": "ms", "fps": "fps", "URLs": "URL", "PRs": "PR", "reach": "reach",
    }  # fmt: skip
    assert {plural: singular(plural) for plural in plurals} == plurals


def test_every_metrics_unit_has_a_singular_that_is_another_word_or_none() -> None:
    units = {one.unit for one in METRICS.values()}
    odd = {unit: singular(unit) for unit in units if unit.endswith("s") and len(unit) > 1 and "/" not in unit}
    assert all(one == many[:-1] or many.endswith(("ies", "ches")) for many, one in odd.items())


def test_long_times_are_told_in_minutes_and_hours() -> None:
    assert measured(90, metric("batch_durations")) == ("90.0", "s")
    assert measured(600, metric("batch_durations")) == ("10.0", "min")
    assert measured(10_800, metric("batch_durations")) == ("3.0", "h")


@pytest.mark.parametrize(
    ("value", "before", "unit", "text"),
    [
        (110, 100, "posts", "+10\u202f%"),
        (80.5, 82, "%", "-1.5\u202fpp"),
        (5, 0, "posts", "new"),
        (0, 0, "posts", None),
        (1.31, 1.314, "%", "±0.0\u202fpp"),
        (1000, 999, "posts", "±0\u202f%"),
        (1200, 100, "posts", "+1,100\u202f%"),
    ],
)
def test_a_change_is_per_cent_and_for_shares_percentage_points(
    value: float, before: float, unit: str, text: str | None
) -> None:
    assert change(value, before, unit) == text


def test_filters_read_like_sentences() -> None:
    assert filter_text("platform", ("linkedin", "twitter")) == "Platform: LinkedIn or X"
    assert filter_text("collector", ("app_log", "calendars")) == "Collector: Application log or Calendars"
    assert filter_text("topic", ("calendars",)) == "Topic: calendars", "only a collector has that title"
    assert filter_text("outcome", ("!ok",)) == "Outcome: not ok"
    assert filter_text("message", ("~time out",)) == "Message: contains “time out”"
    assert filter_text("characters", (">=5", "<=9")) == "Characters: ≥ 5, ≤ 9"


def test_a_span_of_whole_days_names_its_days_in_the_viewers_zone() -> None:
    start, stop = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert span(start, stop, "Europe/Berlin") == "25 Oct 2026"
    assert span(start, stop, "UTC") == "24 Oct 2026 22:00 – 25 Oct 2026 23:00"


def test_ages_are_told_in_the_unit_people_would_choose() -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    assert ago(datetime(2026, 1, 9, 23, 59, 30, tzinfo=UTC), now) == "30 s ago"
    assert ago(datetime(2026, 1, 9, 21, tzinfo=UTC), now) == "3 h ago"
    assert ago(datetime(2026, 1, 1, tzinfo=UTC), now) == "9 days ago"


def test_the_default_selection_has_no_chips_and_every_difference_has_one() -> None:
    default = Selection(timezone="Europe/Berlin")
    assert chips(default, default) == []
    other = Selection("-7d", "now", "UTC", "1h", "previous", {"platform": ("twitter",)})
    assert len(chips(other, default)) == 5 + 1  # and one that clears them all


def test_a_range_from_a_mark_is_named_on_the_viewers_wall_clock() -> None:
    chosen = Selection("2026-11-03T23:00:00+00:00", "2026-11-04T23:00:00+00:00", "Europe/Berlin")
    assert range_name(chosen) == "2026-11-04 00:00 – 2026-11-05 00:00"

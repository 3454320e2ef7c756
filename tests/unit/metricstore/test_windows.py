"""Windows of time in any zone: they follow each other without a gap and begin where the wall clock is round."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metricstore.errors import InvalidQuestion
from metricstore.window_edges import edges
from metricstore.windows import MAX_WINDOWS, Window, auto_window, zone

# Zones with odd clock changes: half an hour, at midnight, a minute past it, a day skipped, two hours, Ramadan, none.
ZONES = [
    "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "America/Havana",
    "America/Santiago", "America/Sao_Paulo", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Apia",
    "Pacific/Kwajalein", "Pacific/Chatham", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Pyongyang",
    "Africa/Cairo", "Africa/Casablanca", "Antarctica/Troll", "Antarctica/Casey", "America/Caracas",
]  # fmt: skip
EVERY = ["1m", "5m", "15m", "30m", "1h", "2h", "3h", "6h", "12h", "1d", "1w", "1mo", "1q", "1y"]


def switches(name: str, first: int = 2000, last: int = 2027) -> list[datetime]:
    """Days (UTC) around which the zone's offset changes."""
    tz = ZoneInfo(name)
    days = [datetime(first, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range((last - first) * 365)]
    return [
        day
        for day, following in itertools.pairwise(days)
        if day.astimezone(tz).utcoffset() != following.astimezone(tz).utcoffset()
    ]


@pytest.mark.parametrize("name", ZONES)
def test_windows_around_clock_changes_follow_each_other_without_gap_or_overlap(name: str) -> None:
    tz = zone(name)
    days = switches(name) or [datetime(2024, 3, 1, tzinfo=UTC)]
    for number, day in enumerate(days[:: max(1, len(days) // 8)]):
        every = [Window.parse(text) for text in EVERY if number % 4 == 0 or text not in ("1m", "5m", "30m")]
        for window in every:
            check_windows(window, day - timedelta(hours=7), day + timedelta(hours=40), tz)


def check_windows(window: Window, start: datetime, stop: datetime, tz: ZoneInfo) -> None:
    starts = edges(start, stop, window, tz.key)
    assert starts[0] <= start
    assert all(a < b for a, b in itertools.pairwise(starts))
    bounds = [*starts, window.next(starts[-1], tz)]
    assert bounds[-1] >= stop
    step = max(1, len(starts) // 50)
    for begin, end in list(itertools.pairwise(bounds))[::step]:
        assert window.next(begin, tz) == end
        for moment in (begin, begin + (end - begin) / 2, end - timedelta(microseconds=1)):
            assert window.floor(moment, tz) == begin, (tz.key, window, moment)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    start=st.datetimes(datetime(1980, 1, 1), datetime(2035, 1, 1)),
    length=st.timedeltas(timedelta(microseconds=1), timedelta(days=12)),
    name=st.sampled_from(ZONES),
    every=st.sampled_from(EVERY[2:]),
)
@example(datetime(1994, 1, 31, 9), timedelta(days=2), "Antarctica/Casey", "2h")
@example(datetime(2011, 12, 29, 9), timedelta(days=3), "Pacific/Apia", "1d")
def test_any_range_is_covered_once(start: datetime, length: timedelta, name: str, every: str) -> None:
    moment = start.replace(tzinfo=UTC)
    check_windows(Window.parse(every), moment, moment + length, zone(name))


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("Europe/Berlin", datetime(2024, 3, 31), 23), ("Europe/Berlin", datetime(2024, 10, 27), 25),
        ("America/New_York", datetime(2024, 3, 10), 23), ("Australia/Lord_Howe", datetime(2024, 10, 6), 23.5),
        ("Australia/Lord_Howe", datetime(2024, 4, 7), 24.5), ("America/Sao_Paulo", datetime(2018, 11, 4), 23),
        ("Africa/Cairo", datetime(2024, 4, 26), 23), ("Asia/Kolkata", datetime(2024, 4, 26), 24),
    ],
)  # fmt: skip
def test_a_day_of_a_clock_change_is_as_long_as_it_is(name: str, day: datetime, hours: float) -> None:
    tz = zone(name)
    start = Window(1, "d").floor(day.replace(hour=12, tzinfo=tz), tz)
    assert Window(1, "d").next(start, tz) - start == timedelta(hours=hours)


def test_the_half_hour_of_lord_howe_is_a_window_of_its_own() -> None:
    tz = zone("Australia/Lord_Howe")
    spring = edges(datetime(2024, 10, 5, 14, tzinfo=UTC), datetime(2024, 10, 5, 17, tzinfo=UTC), Window(1, "h"), tz.key)
    assert [moment.astimezone(tz).strftime("%H:%M") for moment in spring] == ["00:00", "01:00", "02:30", "03:00"]
    autumn = edges(datetime(2024, 4, 6, 14, tzinfo=UTC), datetime(2024, 4, 6, 17, tzinfo=UTC), Window(1, "h"), tz.key)
    assert [moment.astimezone(tz).strftime("%H:%M") for moment in autumn] == ["01:00", "01:30", "02:00", "03:00"]


def test_a_repeated_hour_is_two_windows_and_a_skipped_one_none() -> None:
    def shown(start: datetime) -> list[str]:
        found = edges(start, start + timedelta(hours=4), Window(1, "h"), "Europe/Berlin")
        return [moment.astimezone(zone("Europe/Berlin")).strftime("%H%z") for moment in found]

    assert shown(datetime(2024, 10, 26, 23, tzinfo=UTC)) == ["01+0200", "02+0200", "02+0100", "03+0100"]
    assert shown(datetime(2024, 3, 30, 23, tzinfo=UTC)) == ["00+0100", "01+0100", "03+0200", "04+0200"]


def test_weeks_begin_on_monday_and_quarters_in_january_april_july_october() -> None:
    tz = zone("America/New_York")
    moment = datetime(2024, 8, 18, 20, tzinfo=tz)
    assert Window(1, "w").floor(moment, tz) == datetime(2024, 8, 12, tzinfo=tz)
    assert Window(1, "mo").floor(moment, tz) == datetime(2024, 8, 1, tzinfo=tz)
    assert Window(1, "q").floor(moment, tz) == datetime(2024, 7, 1, tzinfo=tz)
    assert Window(1, "y").floor(moment, tz) == datetime(2024, 1, 1, tzinfo=tz)


def test_back_counts_windows_as_next_does() -> None:
    tz = zone("Europe/Berlin")
    for text in ("15m", "1h", "6h", "1d", "1w", "1mo", "1q", "1y"):
        window = Window.parse(text)
        start = window.floor(datetime(2024, 2, 20, 5, 5, tzinfo=UTC), tz)
        moment = start
        for _ in range(5):
            moment = window.next(moment, tz)
        assert window.back(moment, 5, tz) == start, text


@pytest.mark.parametrize(
    "text", ["", "0d", "2d", "7m", "5h", "-1h", "1", "d", "1D", "1 h", "1.5h", "400d", "2y", "25h", "１h"]
)
def test_what_is_no_window_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidQuestion, match="every"):
        Window.parse(text)


@pytest.mark.parametrize("text", EVERY)
def test_a_window_is_spelled_as_it_is_read(text: str) -> None:
    assert str(Window.parse(text)) == text


def test_too_many_windows_are_refused() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidQuestion, match=f"{MAX_WINDOWS:,}"):
        edges(start, start + timedelta(minutes=MAX_WINDOWS + 1), Window(1, "m"), "UTC")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "europe/berlin", "../etc/passwd", "UTC+1"])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidQuestion, match="tz"):
        zone(name)


@pytest.mark.parametrize(
    ("days", "expected"), [(1 / 24, "1m"), (1, "15m"), (7, "6h"), (30, "1d"), (90, "1d"), (365, "1w"), (4000, "1y")]
)
def test_auto_is_fine_enough_to_see_and_coarse_enough_to_draw(days: float, expected: str) -> None:
    stop = datetime(2024, 6, 1, tzinfo=UTC)
    assert str(auto_window(stop - timedelta(days=days), stop)) == expected

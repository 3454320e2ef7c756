"""When a source is late is measured by its own pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from collectors.punctuality import interval, late_after
from collectors.registry import COLLECTORS
from collectors.rhythm import longest_usual
from collectors.runner.lateness import TIMEOUT_SECONDS
from layouts.freshness import freshness_list, mark, summary, warnings_notice, who_collects
from layouts.source_state import SourceState

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def state(back: timedelta, late: timedelta, **more: object) -> SourceState:
    return SourceState("app_log", "ok", NOW - back, NOW - back, late, **more)  # type: ignore[arg-type]


def test_every_collector_has_a_pace_and_time_to_miss_three_runs_and_one_that_hangs() -> None:
    for make in COLLECTORS:
        name = make.name  # type: ignore[attr-defined]
        every = interval(name)
        assert every is not None
        assert late_after(name) >= 3 * every
        assert late_after(name) >= timedelta(seconds=TIMEOUT_SECONDS + 60)
    assert late_after("a collector of old") == timedelta(minutes=10)


def test_an_hourly_source_is_not_late_after_two_hours_and_a_quick_one_is() -> None:
    assert state(timedelta(hours=2), timedelta(hours=3)).trouble(NOW) is None
    quick = state(timedelta(hours=2), timedelta(minutes=6), every=timedelta(seconds=15))
    assert quick.trouble(NOW) == "Application log: last read 2 h ago, expected every 15 s"
    assert summary([quick], NOW, "UTC") == "Read 10:00 UTC · 1 of 1 late"
    assert mark([quick], NOW) == "bad"


def test_a_source_that_failed_and_one_that_is_late_are_said_apart() -> None:
    failed = replace(state(timedelta(minutes=1), timedelta(hours=3)), outcome="failed")
    good = state(timedelta(minutes=1), timedelta(hours=3))
    late = state(timedelta(hours=2), timedelta(minutes=6))
    assert summary([failed, good, late], NOW, "UTC") == "Read 11:59 UTC · 1 of 3 failed · 1 of 3 late"
    assert (mark([good, failed], NOW), mark([good], NOW)) == ("bad", "good")


def test_a_long_import_under_way_is_not_late() -> None:
    busy = state(timedelta(hours=2), timedelta(minutes=6), running=True)
    assert busy.trouble(NOW) is None
    assert "reading now" in str(freshness_list([busy], NOW, "UTC"))


def test_the_next_run_is_told_in_the_viewers_zone() -> None:
    waiting = state(timedelta(minutes=15), timedelta(hours=3), due=NOW + timedelta(minutes=45))
    told = str(freshness_list([waiting], NOW, "Europe/Berlin"))
    assert "read 15 min ago, next in 45 min" in told
    assert "next 2026-03-04 13:45:00" in told


def test_a_source_that_was_not_understood_in_whole_is_neither_good_nor_late() -> None:
    partly = state(timedelta(minutes=1), timedelta(hours=3), warnings=("app.log: 12 lines hold no record",))
    assert partly.trouble(NOW) is None
    assert summary([partly], NOW, "UTC") == "Read 11:59 UTC · 1 not fully read"
    assert (mark([partly], NOW), mark([], NOW)) == ("warning", "warning")
    shown = str(freshness_list([partly], NOW, "UTC"))
    assert "dot warning" in shown and "12 lines hold no record" in shown
    assert "12 lines hold no record" in str(warnings_notice({"app_log": partly.warnings}))
    assert warnings_notice({"app_log": ()}) is None


def test_the_header_says_the_newest_record_and_when_it_was_looked_for() -> None:
    newest = NOW - timedelta(minutes=5)
    read = state(timedelta(minutes=1), timedelta(hours=3), newest=newest, newest_given=newest)
    planned = state(timedelta(minutes=1), timedelta(hours=3), newest=NOW)
    assert summary([read, planned], NOW, "UTC") == "Newest record 11:55 · read 11:59 UTC"
    dated = replace(read, newest_given=date(2026, 3, 4))
    assert summary([dated], NOW, "UTC") == "Newest record 2026-03-04 · read 11:59 UTC"


def test_a_source_that_is_read_well_and_unusually_quiet_is_a_warning() -> None:
    quiet = state(timedelta(minutes=1), timedelta(hours=3), newest=NOW - timedelta(days=21), quiet=timedelta(days=21))
    assert summary([quiet], NOW, "UTC") == "Read 11:59 UTC · Application log quiet for 21 days"
    assert summary([quiet, quiet], NOW, "UTC") == "Read 11:59 UTC · 2 sources unusually quiet"
    assert (quiet.look(NOW), quiet.trouble(NOW)) == ("warning", None)
    assert "read 60 s ago, quiet for 21 days" in str(freshness_list([quiet], NOW, "UTC"))


def test_weekends_are_usual_one_holiday_is_not_and_ten_pauses_are_needed() -> None:
    monday = date(2026, 1, 5)
    workdays = [monday + timedelta(days=day) for day in range(70) if day % 7 < 5]
    assert longest_usual(workdays) == timedelta(days=6)
    assert longest_usual([day for day in workdays if not 20 < (day - monday).days < 35]) == timedelta(days=6)
    assert longest_usual([monday + timedelta(days=7 * week) for week in range(20)]) == timedelta(days=14)
    assert longest_usual(workdays[:10]) is None


def test_data_health_says_who_collects_where_several_machines_may() -> None:
    assert "Collected by process 7 on host-a." in str(who_collects("Collected by process 7 on host-a."))
    assert who_collects("") is None

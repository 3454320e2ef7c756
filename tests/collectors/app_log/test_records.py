"""What counts as a record, what it is, and when it was written."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.app_log.clock import Clock, LocalSeconds
from collectors.app_log.parse import recognised
from collectors.app_log.templates import TEMPLATES, Template, recognise
from tests.collectors.app_log.reading import Collected, append, lines


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.event)
def test_every_template_is_recognised_as_itself(template: Template) -> None:
    text = _filled(template.text)
    found, _ = recognise(text)
    assert found is not None
    assert found.event == template.event


def _filled(text: str) -> str:
    kinds = {"d": "7", "f": "0.97", "w": "word", None: "some text"}
    return re.sub(r"\{\w+(?::([dfw]))?\}", lambda hole: kinds[hole[1]], text)


def test_no_event_has_two_templates() -> None:
    events = [template.event for template in TEMPLATES]
    assert len(set(events)) == len(events)


def test_an_unknown_message_is_kept_as_other(log: Path, collected: Collected) -> None:
    append(log, lines("nobody has ever logged this"))
    collected.run()
    assert collected.events() == ["other"]


def test_a_topic_with_a_line_break_is_one_record(log: Path, collected: Collected) -> None:
    append(log, lines("Generated post 3/8 for topic: Ship it\n2026-10-27 11:00:02,00...", "next"))
    collected.run()
    assert collected.events() == ["post_generated", "other"]
    assert collected.of("log_record")[0].fields["lines"] == 2
    assert "stray_lines" not in collected.of("log_record")[0].fields
    assert collected.of("generation")[0].fields["topic"] == "Ship it\n2026-10-27 11:00:02,00"


@pytest.mark.parametrize(
    "line",
    [
        "2026-10-27 11:00:02,00...",
        "2026-10-27 11:00:02,000 - HINT - no such level",
        "2026-10-27 11:00:02,000 INFO no dashes",
        " 2026-10-27 11:00:02,000 - INFO - indented",
        "2026-13-27 11:00:02,000 - INFO - no such month",
        "2026-10-27 25:00:02,000 - INFO - no such hour",
        "2026-10-27 11:00:02.000 - INFO - a point",
        "٢٠٢٦-10-27 11:00:02,000 - INFO - other digits",
    ],
)
def test_what_only_looks_like_a_record_begins_none(line: str, log: Path, collected: Collected) -> None:
    append(log, lines("Starting post scheduling.") + line + "\n" + lines("next", second=3))
    collected.run()
    first, second = collected.of("log_record")
    assert line in str(first.fields["message"])
    assert first.fields["stray_lines"] == 1
    assert first.tags["event"] == "scheduling_started"
    assert second.fields["line"] == 3


def test_what_other_programs_print_stays_with_the_record_before_it(log: Path, collected: Collected) -> None:
    append(log, lines("Starting post scheduling.") + "Traceback (most recent call last):\n  File x\nKeyError: 'a'\n")
    collected.run()
    append(log, "and later\n" + lines("next", second=3))
    collected.run()
    first, _ = collected.of("log_record")
    assert (first.tags["event"], first.fields["lines"], first.fields["stray_lines"]) == ("scheduling_started", 5, 4)
    assert collected.letters == []


def test_records_without_a_time_take_that_of_the_record_before(log: Path, collected: Collected) -> None:
    append(log, lines("Starting post scheduling.") + "ERROR:__main__:Error adding metrics: no table\n")
    collected.run()
    first, second = collected.of("log_record")
    assert (second.tags["level"], second.tags["event"]) == ("ERROR", "metrics_add_failed")
    assert second.time == first.time + 1


def test_secrets_are_gone_before_anything_is_stored(log: Path, collected: Collected) -> None:
    append(log, lines("Failed to post linkedin_1_2: 401 for url: https://x/?access_token=tok-123456"))
    collected.run()
    assert "tok-123456" not in str(collected.points)


def test_windows_line_ends_and_code_page(log: Path, collected: Collected) -> None:
    append(
        log,
        lines("Generated post 1/2 for topic: What’s “next” – Überblick...").encode("cp1252").replace(b"\n", b"\r\n"),
    )
    append(log, lines("Generated post 2/2 for topic: naïve…...", second=2))
    collected.run()
    assert [point.fields["topic"] for point in collected.of("generation")] == ["What’s “next” – Überblick", "naïve…"]


def test_half_a_results_list_still_tells_what_was_sent(log: Path, collected: Collected) -> None:
    whole = lines(
        'LinkedIn scheduling results: [\n  {\n    "post_number": 1,\n    "topic": "T",\n    "scheduled": true\n  },\n  {'
    )
    append(log, whole.rstrip("\n"))
    collected.run()
    assert collected.points == {}
    append(log, "\n" + lines("next", second=5))
    collected.run()
    assert [letter.reason for letter in collected.letters] == ["scheduling results are cut off"]
    assert len(collected.of("scheduling_attempt")) == 1


def test_an_empty_results_list_is_whole() -> None:
    meaning = recognised(["Twitter scheduling results: []"])
    assert (meaning.event, meaning.whole) == ("twitter_scheduling_results", True)


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("America/New_York", "2026-11-01", 1),
        ("Europe/Berlin", "2026-10-25", 2),
        ("Australia/Lord_Howe", "2026-04-05", 1),
    ],
)
def test_the_hour_that_comes_twice_is_read_in_file_order(zone: str, day: str, hour: int) -> None:
    seconds, clock = LocalSeconds(ZoneInfo(zone)), Clock()
    times = []
    for text in ("58:00", "59:59", "30:00", "45:00", "59:59"):
        moments = seconds(f"{day} {hour:02d}:{text}")
        assert moments is not None
        times.append(clock.stamp(moments, 0))
    assert times == sorted(times)
    assert times[-1] - times[1] == (1800 if zone == "Australia/Lord_Howe" else 3600) * 1_000_000_000
    assert clock.segment == 0


def test_summer_time_begins_without_a_gap_in_order() -> None:
    seconds, clock = LocalSeconds(ZoneInfo("Europe/Berlin")), Clock()
    before, after = seconds("2026-03-29 01:59:59"), seconds("2026-03-29 03:00:00")
    assert before is not None
    assert after is not None
    first = clock.stamp(before, 0)
    assert clock.stamp(after, 0) - first == 1_000_000_000


@pytest.mark.parametrize("early", ["1970-01-01 00:00:01,000", "0001-01-01 00:00:00,000"])
def test_a_machine_that_starts_before_1970_by_utc_does_not_stop_the_reading(tmp_path: Path, early: str) -> None:
    east = Collected(tmp_path, "Europe/Berlin")
    append(tmp_path / "app.log", lines("before") + f"{early} - INFO - no clock yet\n" + lines("after", second=1))
    east.run()
    assert sorted(east.messages()) == ["after", "before", "no clock yet"]
    assert len({point.time for point in east.of("log_record")}) == 3


def test_a_clock_that_goes_back_gives_new_points_not_overwritten_ones(log: Path, collected: Collected) -> None:
    append(
        log, lines("one", second=30) + lines("two", second=10) + lines("three", second=30) + lines("four", second=31)
    )
    collected.run()
    times = {str(point.fields["message"]): point.time for point in collected.of("log_record")}
    assert [times[name] % 1_000_000 for name in ("one", "two", "three", "four")] == [0, 1000, 1000, 0]
    assert len(times) == 4


@given(st.lists(st.integers(-20, 40), min_size=1, max_size=120), st.integers(0, 120))
def test_every_record_has_a_timestamp_of_its_own(milliseconds: list[int], stop: int) -> None:
    """However the clock jumps, and wherever reading was interrupted."""
    at_once, piecewise = Clock(), Clock()
    stamps, pieces = [], []
    for number, millisecond in enumerate(milliseconds):
        stamps.append(at_once.stamp((0, 0), millisecond))
        if number == stop:
            piecewise = Clock.from_json(piecewise.to_json())
        pieces.append(piecewise.stamp((0, 0), millisecond))
    assert len(set(stamps)) == len(stamps)
    assert stamps == pieces
    assert [stamp // 1_000_000 for stamp in stamps] == milliseconds


def test_thousands_of_records_in_one_millisecond_stay_apart() -> None:
    clock = Clock()
    assert len({clock.stamp((0, 0), 5) for _ in range(3500)}) == 3500


@pytest.mark.parametrize(("code_page", "text"), [("cp1251", "Как растёт охват"), ("shift_jis", "投稿ソ表示")])
def test_a_log_in_another_code_page_is_read_where_the_settings_name_it(
    log: Path, collected: Collected, code_page: str, text: str
) -> None:
    collected.source = replace(collected.source, code_page=code_page)
    log.write_bytes(lines(text, "x" * 300).encode(code_page) + lines(text, second=1).encode())
    collected.run()
    assert collected.messages() == [text, "x" * 300, text]

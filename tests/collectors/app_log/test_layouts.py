"""Logs are read in the layouts people have them in."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.base import warnings_in
from tests.collectors.app_log.reading import Collected, append

MESSAGES = (
    "Starting LinkedIn post generation.",
    "Starting batch content generation for 2 LinkedIn posts.",
    'HTTP Request: POST https://api.z.ai/api/paas/v4/chat/completions "HTTP/1.1 200 OK"',
    "Generated post 1/2 for topic: A topic - with | signs: and [all]...",
    "Nobody has ever logged this",
    "Generated post 2/2 for topic: Two\nlines...",
    "LinkedIn batch content generation complete. Content calendar saved to outputs/content_calendar.json",
)
LAYOUTS = {
    "standard": "2026-10-14 09:00:0{n},101 - {level} - {message}",
    "logger": "2026-10-14 09:00:0{n},101 - content.main - {level} - {message}",
    "logger behind the level": "2026-10-14 09:00:0{n},101 - {level} - content.main - {message}",
    "process and thread": "2026-10-14 09:00:0{n},101 [4242] [MainThread] {level:<8} content.main: {message}",
    "padded with spaces": "2026-10-14 09:00:0{n},101 content.main {level:<8} {message}",
    "no milliseconds": "2026-10-14 09:00:0{n} - content.main - {level} - {message}",
    "a point": "2026-10-14 09:00:0{n}.101 {level} {message}",
    "flask": "[2026-10-14 09:00:0{n},101] {level} in main: {message}",
    "loguru": "2026-10-14 09:00:0{n}.101234 | {level:<8} | __main__:<module>:12 - {message}",
    "file and line": "2026-10-14 09:00:0{n},101 - {level} - main.py:12 - {message}",
    "level first": "{level}:2026-10-14 09:00:0{n},101:main:{message}",
    "bracketed level first": "[{level}] 2026-10-14 09:00:0{n},101 - {message}",
    "slashes, the year first": "2026/10/14 09:00:0{n} {level} {message}",
    "the month's name": "14/Oct/2026:09:00:0{n} +0000 {level} {message}",
    "iso": "2026-10-14T09:00:0{n}.101Z {level} {message}",
    "iso with offset": "2026-10-14T11:00:0{n}.101+02:00 [{level}] main: {message}",
    "structlog": "2026-10-14 09:00:0{n} [{lower:<9}] {message}",
    "no level": "2026-10-14 09:00:0{n},101 {message}",
    "json": '{{"asctime": "2026-10-14 09:00:0{n},101", "levelname": "{level}", "message": "{escaped}"}}',
    "twelve hours": "2026-10-14 09:00:0{n} AM - {level} - {message}",
    "twelve hours in brackets": "[2026-10-14 09:00:0{n}.101 a.m.] [{level}] {message}",
    "ctime": "Wed Oct 14 09:00:0{n} 2026 - {level} - {message}",
    "ctime with milliseconds and zone": "[Wed Oct 14 11:00:0{n}.101 CEST 2026] {level} main: {message}",
    "as in mails": "Wed, 14 Oct 2026 11:00:0{n} +0200 {level} {message}",
    "logfmt": 'time=2026-10-14T11:00:0{n}.101+02:00 level={lower} msg="{escaped}" pid=42 dry',
    "logfmt, the level first": 'at={level} when="2026-10-14 09:00:0{n},101" msg="{escaped}"',
    "seconds since 1970": "179196840{n}.101 - {level} - {message}",
    "milliseconds since 1970": "[179196840{n}101] {level}: {message}",
    "microseconds since 1970, the level first": "[{level}] [179196840{n}101101] {message}",
    "nanoseconds since 1970, no level": "179196840{n}101101101 {message}",
    "json, whole seconds as text": '{{"time": "179196840{n}", "level": "{lower}", "msg": "{escaped}"}}',
    "json, milliseconds": '{{"timestamp": 179196840{n}101, "level": "{level}", "message": "{escaped}"}}',
    "journal, json": (
        '{{"PRIORITY": "6", "__REALTIME_TIMESTAMP": "179196840{n}101101", "_TRANSPORT": "journal", "MESSAGE": "{escaped}"}}'
    ),
    "journal, json, lines of standard output": (
        '{{"__REALTIME_TIMESTAMP": "179196840{n}201201", "PRIORITY": "6", "_TRANSPORT": "stdout", "_COMM": "python", '
        '"MESSAGE": "2026-10-14 09:00:0{n},101 - {level} - {escaped}"}}'
    ),
    "structlog json": '{{"event": "{escaped}", "level": "{lower}", "timestamp": "2026-10-14T09:00:0{n}.101Z"}}',
}
PREFIXES = {
    "compose": "automation-1  | ",
    "compose with time stamps": "automation-1  | 2026-10-14T09:00:00.101101101Z ",
    "pm2": "0|automation  | ",
    "kubernetes": "2026-10-14T09:00:00.101101101Z stdout F ",
    "stern": "automation-5d4f7c9b8d-x2x9z automation ",
    "stern with namespace": "content automation-0 automation ",
    "stern with time stamps": "automation-5d4f7c9b8d-x2x9z automation 2026-10-14T09:00:00.101101101Z ",
    "journal": "2026-10-14T09:00:00+0000 host automation[4242]: ",
    "syslog": "Oct 14 09:00:00 host automation[4242]: ",
    "syslog with priority": "<14>Oct  4 09:00:00 host automation[4242]: ",
    "rfc 5424": "<14>1 2026-10-14T09:00:00.101Z host automation 4242 - - ",
    "ts": "Oct 14 09:00:00 ",
    "github actions": "build\tRun python main.py\t2026-10-14T09:00:00.1011011Z ",
    "fly": "2026-10-14T09:00:00Z app[148ed2] ams [info] ",
    "buildkite": "\x1b_bk;t=1791968400000\x07",
}


def _written(layout: str, n: int, message: str, prefix: str = "", level: str = "INFO") -> str:
    escaped = json.dumps(message)[1:-1]
    text = layout.format(n=n, message=message, escaped=escaped, level=level, lower=level.lower())
    return "".join(f"{prefix}{line}\n" for line in text.split("\n"))


def _facts(collected: Collected) -> Any:
    posts = [(point.fields["topic"], point.fields["outcome"]) for point in collected.of("generation")]
    return len(collected.of("log_record")), collected.events(), posts, len(collected.of("batch"))


def _read(folder: Path, text: str, zone: str = "UTC") -> Collected:
    folder.mkdir(exist_ok=True)
    append(folder / "app.log", text)
    collected = Collected(folder, zone)
    collected.run()
    return collected


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    text = "".join(_written(LAYOUTS["standard"], n, message) for n, message in enumerate(MESSAGES))
    return _read(tmp_path_factory.mktemp("standard"), text)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_log_says_the_same_in_whatever_layout(layout: str, expected: Collected, tmp_path: Path) -> None:
    collected = _read(tmp_path, "".join(_written(layout, n, message) for n, message in enumerate(MESSAGES)))
    assert _facts(collected) == _facts(expected)
    assert collected.letters == []
    first = datetime.fromtimestamp(collected.of("log_record")[0].time / 1e9, UTC)
    assert f"{first:%Y-%m-%d %H:%M:%S}" == "2026-10-14 09:00:00"


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize("layout", ["standard", "loguru", "flask"])
def test_what_stands_before_each_line_is_no_part_of_it(
    prefix: str, layout: str, expected: Collected, tmp_path: Path
) -> None:
    text = "".join(_written(LAYOUTS[layout], n, message, prefix) for n, message in enumerate(MESSAGES))
    collected = _read(tmp_path, text)
    assert _facts(collected) == _facts(expected)
    assert collected.messages() == expected.messages()


WRAPPERS = {
    "json-file": '{{"log": {line}, "stream": "stdout", "time": "2026-10-14T09:00:00.1Z"}}',
    "another order": '{{ "stream" : "stdout", "log" : {line}, "time" : "2026-10-14T09:00:00.1Z" }}',
    "loki": '{{"timestamp": "2026-10-14T09:00:00.1Z", "line": {line}}}',
    "a cloud's": '{{"severity": "INFO", "timestamp": "2026-10-14T09:00:00.1Z", "textPayload": {line}}}',
    "fluentd": '2026-10-14T09:00:00+00:00\tdocker.automation\t{{"log": {line}, "stream": "stderr"}}',
    "without a time": '{{"log": {line}}}',
    "behind a prefix": 'automation-1  | {{"log": {line}, "stream": "stdout", "time": "2026-10-14T09:00:00.1Z"}}',
}


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
def test_a_line_in_an_object_that_others_made_of_it_is_that_line(
    wrapper: str, expected: Collected, tmp_path: Path
) -> None:
    lines = "".join(_written(LAYOUTS["standard"], n, message) for n, message in enumerate(MESSAGES)).splitlines()
    collected = _read(tmp_path, "".join(wrapper.format(line=json.dumps(f"{line}\n")) + "\n" for line in lines))
    assert _facts(collected) == _facts(expected)
    assert collected.messages() == expected.messages()


@pytest.mark.parametrize("colour", ["\x1b[32m{}\x1b[0m", "\x1b[1;38;5;208m\x1b[K{}\x1b(B\x1b[m", "\x1b]0;title\x07{}"])
def test_terminal_colours_are_no_part_of_a_line(colour: str, expected: Collected, tmp_path: Path) -> None:
    parts = ("2026-10-14 09:00:0{n},101", " - ", "{level}", " - ", "{message}")
    layout = "".join(colour.format(part) for part in parts)
    collected = _read(tmp_path, "".join(_written(layout, n, message) for n, message in enumerate(MESSAGES)))
    assert _facts(collected) == _facts(expected)
    assert collected.messages() == expected.messages()


@pytest.mark.parametrize(
    ("prefix", "layout"),
    [
        ("2026-10-14T09:00:0{n}.101Z ", "{level}:main:{message}"),
        ("<14>1 2026-10-14T09:00:0{n}.101Z host automation 4242 - - ", "[{level}] {message}"),
        ("2026-10-14T09:00:0{n}+0000 host automation[4242]: ", "{level} content.main: {message}"),
        ("web-1  | 2026-10-14T09:00:0{n}.101101Z ", "{message}"),
    ],
)
def test_lines_without_a_time_take_that_at_which_they_were_received(prefix: str, layout: str, tmp_path: Path) -> None:
    messages = [message for message in MESSAGES if "\n" not in message and "Nobody" not in message]
    text = "".join(prefix.format(n=n) + _written(layout, n, message) for n, message in enumerate(messages))
    collected = _read(tmp_path, text, "Europe/Berlin")
    assert len(collected.of("log_record")) == len(messages)
    assert datetime.fromtimestamp(collected.of("log_record")[0].time // 1e9, UTC).hour == 9


def test_an_offset_is_an_instant_and_a_local_time_is_the_source_s(tmp_path: Path) -> None:
    layouts = ("2026-10-14 09:00:0{n} {level} {message}", "2026-10-14T09:00:0{n}-04:00 {level} {message}",
               "2026-10-14 09:00:0{n}Z {level} {message}")  # fmt: skip
    hours = []
    for number, layout in enumerate(layouts):
        text = "".join(_written(layout, n, message) for n, message in enumerate(MESSAGES))
        collected = _read(tmp_path / str(number), text, "Europe/Berlin")
        hours.append(datetime.fromtimestamp(collected.of("log_record")[0].time / 1e9, UTC).hour)
    assert hours == [7, 13, 9]


def test_a_container_s_local_time_is_told_by_when_its_line_was_received(tmp_path: Path) -> None:
    text = "".join(
        f"web-1  | 2026-10-14T09:00:0{n}.105Z " + _written(LAYOUTS["standard"], n, "Starting post scheduling.")
        for n in range(3)
    )
    collected = _read(tmp_path, text, "Europe/Berlin")
    first = datetime.fromtimestamp(collected.of("log_record")[0].time / 1e9, UTC)
    assert (first.hour, first.microsecond // 1000) == (9, 101)


@pytest.mark.parametrize(
    ("written", "read"),
    [("WARN", "WARNING"), ("FATAL", "CRITICAL"), ("TRACE", "DEBUG"), ("SUCCESS", "INFO"), ("NOTICE", "INFO")],
)
def test_levels_of_other_names_are_those_they_mean(written: str, read: str, tmp_path: Path) -> None:
    collected = _read(tmp_path, _written(LAYOUTS["loguru"], 0, "something", level=written))
    assert collected.of("log_record")[0].tags["level"] == read


def test_a_log_may_change_its_layout_in_the_middle(expected: Collected, tmp_path: Path) -> None:
    half = len(MESSAGES) // 2
    text = "".join(
        _written(LAYOUTS["standard" if n < half else "loguru"], n, message) for n, message in enumerate(MESSAGES)
    )
    assert _facts(_read(tmp_path, text)) == _facts(expected)


def test_two_programs_may_share_a_log_in_two_layouts(expected: Collected, tmp_path: Path) -> None:
    text = "".join(
        _written(LAYOUTS["standard" if n % 2 else "logger"], n, message) for n, message in enumerate(MESSAGES)
    )
    assert _facts(_read(tmp_path, text)) == _facts(expected)


TRACEBACK = 'Traceback (most recent call last):\n  File "main.py", line 3, in <module>\n'
QUOTES = {
    "output of a command": TRACEBACK + "CalledProcessError: Command died with output:\n{}ERROR:root:and more\n",
    "a long time ago": TRACEBACK + "RuntimeError: stopped\n{}",
    "announced": "last lines of its log:\n{}",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("layout", ["standard", "loguru", "logger", "flask"])
def test_records_quoted_in_a_traceback_are_no_records(
    layout: str, quote: str, expected: Collected, tmp_path: Path
) -> None:
    quoted = "".join(
        _written(LAYOUTS[layout], n, message).replace(" 09:", " 08:") for n, message in enumerate(MESSAGES[:4])
    )
    texts = [_written(LAYOUTS[layout], n, message) for n, message in enumerate(MESSAGES)]
    texts[4] += quote.format(quoted)
    collected = _read(tmp_path, "".join(texts))
    assert _facts(collected) == _facts(expected)
    piecewise = Collected(tmp_path / "pieces", "UTC")
    (tmp_path / "pieces").mkdir()
    for line in "".join(texts).splitlines(keepends=True):
        append(tmp_path / "pieces" / "app.log", line)
        piecewise.run()
    assert piecewise.points == collected.points


def test_a_clock_set_back_behind_a_traceback_loses_no_record(tmp_path: Path) -> None:
    texts = [_written(LAYOUTS["standard"], n, f"message {n}") for n in range(4)]
    texts[3] += TRACEBACK + "RuntimeError: stopped\n"
    later = [f"2026-10-14 07:{n:02d}:00,000 - INFO - later {n}\n" for n in range(60)]
    collected = _read(tmp_path, "".join(texts + later))
    assert len(collected.of("log_record")) == 64


@pytest.mark.parametrize("layout", ["standard", "logger", "loguru", "no milliseconds", "flask"])
def test_a_single_line_in_another_layout_stays_with_its_record(layout: str, tmp_path: Path) -> None:
    texts = [_written(LAYOUTS[layout], n, message) for n, message in enumerate(MESSAGES)]
    for strange in (
        "2026-10-14 09:00:04.2 WARN: odd",
        "[2026-10-14T09:00:04Z] [INFO] (x) odd",
        '{"time": 1, "level": "INFO"}',
    ):
        whole = "".join([*texts[:5], strange + "\n", *texts[5:]])
        collected = _read(tmp_path / str(abs(hash(strange))), whole)
        assert len(collected.of("log_record")) == len(MESSAGES)
        assert any(strange in message for message in collected.messages())


@pytest.mark.parametrize("odd", ["[" * 3_000 + "]" * 3_000, "9" * 5_000])
def test_a_part_of_a_json_record_that_no_parser_takes_costs_that_part_alone(
    collected: Collected, log: Path, odd: str
) -> None:
    for number, extra in enumerate(("1", odd, "2")):
        entry = f'{{"levelname": "INFO", "extra": {extra}, "asctime": "2026-10-14 09:00:0{number}", "message": "m{number}"}}'
        append(log, entry + "\n")
    collected.run()
    assert collected.messages() == ["m0", "m1", "m2"]


@pytest.mark.parametrize(
    ("clock", "hour"),
    [
        ("02:00:01 PM", 14),
        ("02:00:01.101 pm", 14),
        ("12:00:01 AM", 0),
        ("12:00:01 p.m.", 12),
        ("14:00:01 PM", 14),
        ("11:00:01AM", 11),
    ],
)
@pytest.mark.parametrize("stamp", ["2026-10-14 {}", "14 Oct 2026 {}", "2026/10/14 {} +0000"])
def test_the_half_of_the_day_is_part_of_the_time(tmp_path: Path, log: Path, stamp: str, clock: str, hour: int) -> None:
    append(log, "".join(f"{stamp.format(clock)} - INFO - {text}\n" for text in MESSAGES[:5]))
    collected = Collected(tmp_path, "UTC")
    collected.run()
    assert [point.time // 3_600_000_000_000 % 24 for point in collected.of("log_record")] == [hour] * 5


@pytest.mark.parametrize("old", ["{time -_} {field} - {level} - ", "{time -_} {field} - {level} - {field}"])
def test_a_layout_kept_from_before_halves_of_the_day_were_read_no_longer_matches(
    tmp_path: Path, log: Path, old: str
) -> None:
    texts = ["Starting LinkedIn post generation.", "something of its own"]
    append(log, "".join(f"2026-10-14 02:00:{second:02d} PM - INFO - {texts[second % 2]}\n" for second in range(6)))
    collected = Collected(tmp_path, "UTC")
    collected.run()
    collected.checkpoint["logs"]["app.log"]["layouts"] = [[[], old, ""]]
    append(log, "".join(f"2026-10-14 02:01:{second:02d} PM - INFO - {texts[second % 2]}\n" for second in range(20)))
    collected.run()
    collected.run()
    later = [point for point in collected.of("log_record") if point.time // 60_000_000_000 % 60 == 1]
    assert len(later) == 20
    assert {point.time // 3_600_000_000_000 % 24 for point in later} == {14}


@pytest.mark.parametrize("name", ["pm.worker", "am/api", "pm:worker", "am-sync"])
def test_a_name_that_begins_like_half_of_a_day_is_a_name(tmp_path: Path, log: Path, name: str) -> None:
    append(
        log, "".join(f"2026-10-14 09:00:0{number},101 {name} INFO {text}\n" for number, text in enumerate(MESSAGES[:5]))
    )
    collected = Collected(tmp_path, "UTC")
    collected.run()
    assert collected.messages() == list(MESSAGES[:5])
    assert {point.time // 3_600_000_000_000 % 24 for point in collected.of("log_record")} == {9}


@pytest.mark.parametrize("line", [
    "ERROR: 1846123456789012345 could not be fetched", "WARNING 2125551234 no answer", "INFO [1846123456789] rows", "Error 1234567890 not found",
])  # fmt: skip
def test_an_id_behind_a_level_is_no_time(line: str, tmp_path: Path) -> None:
    written = [_written(LAYOUTS["standard"], n, f"message {n}") for n in range(3)]
    collected = _read(tmp_path / "behind", "".join([*written, *(3 * [line + "\n"])]))
    assert len(collected.of("log_record")) == 3
    first = _read(tmp_path / "first", "".join([line + "\n", *written]))
    assert first.messages() == ["message 0", "message 1", "message 2"]


def test_a_message_that_the_journal_left_out_or_split_is_a_record_of_its_own(tmp_path: Path) -> None:
    entry = '{{"PRIORITY": "4", "__REALTIME_TIMESTAMP": "179196840{}101101", "_TRANSPORT": "journal", "MESSAGE": {}}}\n'
    texts = ('"one"', "null", '["two", "three"]', '"four"')
    collected = _read(tmp_path, "".join(entry.format(n, text) for n, text in enumerate(texts)))
    one, left_out, *rest = collected.messages()
    assert (one, rest) == ("one", ["two\nthree", "four"]) and "--all" in left_out


UNDATED = "{day} host automation[42]: INFO {message}\n"


def _undated(folder: Path, days: list[str], modified: datetime) -> Collected:
    append(
        folder / "app.log",
        "".join(UNDATED.format(day=day, message=text) for day, text in zip(days, MESSAGES, strict=False)),
    )
    os.utime(folder / "app.log", (modified.timestamp(),) * 2)
    collected = Collected(folder, "UTC")
    collected.run()
    return collected


def _days(collected: Collected) -> list[str]:
    return [
        f"{datetime.fromtimestamp(point.time // 10**9, UTC):%Y-%m-%d %H:%M}" for point in collected.of("log_record")
    ]


@pytest.mark.parametrize(
    ("days", "modified", "expected"),
    [
        (["Oct 14 09:00:00", "Oct 14 09:01:00"], datetime(2026, 10, 14, 9, 2, tzinfo=UTC), ["2026-10-14 09:00", "2026-10-14 09:01"]),
        (["Dec 31 23:59:00", "Jan  1 00:01:00"], datetime(2026, 1, 1, 1, tzinfo=UTC), ["2025-12-31 23:59", "2026-01-01 00:01"]),
        (["Feb 29 09:00:00"], datetime(2024, 2, 29, 10, tzinfo=UTC), ["2024-02-29 09:00"]),
        (["Jan  2 09:00:00", "Nov 20 09:00:00"], datetime(2026, 11, 20, 9, 1, tzinfo=UTC), ["2026-01-02 09:00", "2026-11-20 09:00"]),
    ],
)  # fmt: skip
def test_times_without_a_year_are_of_the_one_that_the_log_decides(
    tmp_path: Path, days: list[str], modified: datetime, expected: list[str]
) -> None:
    collected = _undated(tmp_path, days, modified)
    assert _days(collected) == expected
    assert warnings_in(collected.checkpoint) == ()
    for day in ("Jan  1 00:02:00", "Jan  1 00:03:00") if "Jan  1" in days[-1] else ():
        append(tmp_path / "app.log", UNDATED.format(day=day, message=MESSAGES[2]))
        collected.run()
        assert _days(collected)[-1].startswith("2026-01-01 00:0"), "also when it is read on"


def test_where_the_files_date_alone_decides_the_year_a_warning_says_so(tmp_path: Path) -> None:
    collected = _undated(tmp_path, ["Dec 14 09:00:00"], datetime(2026, 11, 30, tzinfo=UTC))
    assert _days(collected) == ["2025-12-14 09:00"]
    (warning,) = warnings_in(collected.checkpoint)
    assert "have no year; 2025" in warning

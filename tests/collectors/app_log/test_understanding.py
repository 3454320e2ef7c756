"""What isn't understood is said, and one record that can't be used costs itself alone."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from collectors.app_log.collector import AppLogCollector
from collectors.base import warnings_in
from collectors.source import Source
from tests.collectors.app_log.reading import Collected, append
from tests.collectors.app_log.story import BEGIN, DONE, answer, post

HEADER = "2026-10-27 09:{:02d}:{:02d},000 - INFO - {}\n"
STRANGE = "09:00:{:02d} INFO Generated post {}/9 for topic: no date...\n"


def numbered(*messages: str) -> str:
    return "".join(HEADER.format(*divmod(number, 60), message) for number, message in enumerate(messages))


@pytest.fixture
def collected(tmp_path: Path) -> Collected:
    return Collected(tmp_path, "UTC")


@pytest.mark.parametrize(
    "text",
    [
        "".join(STRANGE.format(n, n) for n in range(8)),
        "one line that nobody understands\n",
        "INFO:root:Starting post scheduling.\n",
        "10/11/2026 09:00:01 INFO day or month first?\n",
        "one line without an end",
        "  2026-10-14 09:00:01,101 - INFO - Starting post scheduling.\n" * 3,
        "\tINFO - Starting post scheduling.\n",
    ],
)
def test_a_log_without_any_record_is_said_by_the_run_and_before_it(text: str, tmp_path: Path) -> None:
    append(tmp_path / "app.log", text)
    source = Source(tmp_path, "UTC")
    (problem,) = AppLogCollector(source).validate()
    collected = Collected(tmp_path, "UTC")
    for _ in range(2):
        collected.run()
        (warning,) = warnings_in(collected.checkpoint)
        assert warning == problem.text
        assert "app.log" in warning
        assert text.split("\n", 1)[0] in warning
        assert "2026-10-14 09:00:01,101 - INFO - " in warning


def test_it_is_no_longer_said_when_the_log_can_be_read(collected: Collected, tmp_path: Path) -> None:
    append(tmp_path / "app.log", STRANGE.format(1, 1))
    collected.run()
    assert warnings_in(collected.checkpoint)
    append(tmp_path / "app.log", numbered("Starting post scheduling.", "Scheduling complete."))
    collected.run()
    assert warnings_in(collected.checkpoint) == ()
    assert AppLogCollector(collected.source).validate() == []


@pytest.mark.parametrize("records", [1, 6, 40])
def test_a_log_that_changes_to_what_cannot_be_read_is_said(records: int, collected: Collected, tmp_path: Path) -> None:
    append(tmp_path / "app.log", numbered(*["Scheduling complete."] * records))
    append(tmp_path / "app.log", "".join(STRANGE.format(n, n) for n in range(9)))
    collected.run()
    (warning,) = warnings_in(collected.checkpoint)
    assert f"line {records + 1}" in warning


def test_tracebacks_results_and_some_prints_are_nothing_to_warn_of(collected: Collected, tmp_path: Path) -> None:
    traceback = "Traceback (most recent call last):\n" + '  File "x.py", line 1\n    x()\n' * 20 + "KeyError: 'x'\n"
    rows = json.dumps([{"post_number": n, "topic": "T", "scheduled": True} for n in range(9)], indent=2)
    append(tmp_path / "app.log", numbered("LinkedIn scheduling results: " + rows, "Something failed"))
    append(tmp_path / "app.log", traceback + "Production scheduler is running.\n")
    collected.run()
    assert warnings_in(collected.checkpoint) == ()


def test_secrets_in_a_line_that_is_not_understood_are_not_said(collected: Collected, tmp_path: Path) -> None:
    append(tmp_path / "app.log", "access_token=tok-12345678 and nothing else\n")
    collected.run()
    assert "tok-12345678" not in json.dumps(collected.checkpoint)


def test_a_large_file_without_records_is_not_read_again_and_again(collected: Collected, tmp_path: Path) -> None:
    append(tmp_path / "app.log", "nothing to see here\n" * 30_000)
    collected.run()
    assert len(collected.letters) == 1
    append(tmp_path / "app.log", "and more\n")
    assert sum(batch.bytes for batch in collected.run()) < 300_000


DEEP = "[" * 100_000
ROW = '  {\n    "post_number": %s,\n    "topic": "T%d",\n    "scheduled": true,\n    "buffer_id": null\n  }'
BAD_RECORDS = {
    "deep brackets": 'LinkedIn scheduling results: [\n  {\n    "topic": ' + DEEP + "\n  }\n]",
    "a list where an object is meant": 'Twitter scheduling results: [[1], {"thread_schedule_results": {"a": 1}}, {"thread_schedule_results": 5}]',
    "5,000 digits in a row": "LinkedIn scheduling results: [\n" + ROW % ("9" * 5000, 1) + "\n]",
    "beyond 64 bits": "LinkedIn scheduling results: [\n" + ROW % ("9" * 30, 1) + "\n]",
    "a batch of absurd size": BEGIN.format("9" * 21),
    "a batch of 5,000 digits": BEGIN.format("9" * 5000),
    "a post beyond all": "Generated post 99999999999/99999999999 for topic: T...",
    "a status of 5,000 digits": answer(int("2" * 1000)),
    "an endless wait": "Retrying request to /chat/completions in " + "9" * 400 + " seconds",
    "an absurd service id": "Successfully posted linkedin_" + "9" * 5000 + "_1 to linkedin",
}


@pytest.mark.parametrize("bad", BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_a_bad_record_costs_itself_alone(bad: str, tmp_path: Path) -> None:
    before, after = [BEGIN.format(2), answer(), post(1, 2)], [answer(), post(2, 2), DONE]
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    good, spoilt = Collected(tmp_path / "good", "UTC"), Collected(tmp_path / "bad", "UTC")
    append(tmp_path / "good" / "app.log", numbered(*before, "nothing", *after))
    append(tmp_path / "bad" / "app.log", numbered(*before, bad, *after))
    good.run()
    spoilt.run()
    assert len(spoilt.letters) <= 1
    assert all((letter.file, letter.line) == ("app.log", 4) and letter.reason for letter in spoilt.letters)
    assert len(spoilt.of("log_record")) == 7
    for name in ("generation", "batch"):
        kept = [{**point.fields, "line": 0} for point in spoilt.of(name) if point.fields.get("batch_size") != 10**11]
        assert kept == [{**point.fields, "line": 0} for point in good.of(name)]


@pytest.mark.parametrize(
    "bad",
    [
        ROW % ("9" * 5000, 2),
        "  " + DEEP,
        "  [1, 2]",
        '  "a text"',
        ROW % ('"', 2),
        "  {" + DEEP + "]" * len(DEEP) + "}",
    ],
    ids=["5,000 digits", "brackets", "a list", "a text", "no JSON", "an object of brackets"],
)
def test_a_row_that_cannot_be_read_costs_that_row(bad: str, collected: Collected, tmp_path: Path) -> None:
    rows = [ROW % (1, 1), bad, ROW % (3, 3)]
    append(tmp_path / "app.log", numbered("LinkedIn scheduling results: [\n" + ",\n".join(rows) + "\n]", "next"))
    collected.run()
    assert [point.fields["topic"] for point in collected.of("scheduling_attempt")] == ["T1", "T3"]
    assert len(collected.letters) == 1


def test_a_dead_letter_says_of_each_row_why_it_cannot_be_read(collected: Collected, tmp_path: Path) -> None:
    rows = [ROW % (1, 1), "  [1, 2]", ROW % (2, 2), ROW % ("9" * 5000, 2), ROW % (3, 3)]
    append(tmp_path / "app.log", numbered("LinkedIn scheduling results: [\n" + ",\n".join(rows) + "\n]", "next"))
    collected.run()
    assert [point.fields["topic"] for point in collected.of("scheduling_attempt")] == ["T1", "T2", "T3"]
    (letter,) = collected.letters
    assert "not an object" in letter.reason and "digits" in letter.reason


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_written_between_records_no_run_fails_and_no_record_is_lost(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    pieces = [*BAD_RECORDS.values(), DONE, post(1, 2), "\x1b[31m", "{", "}", "[[", '"', "\\", "é", "\ud7ff", "9" * 50, " - INFO - ",
              "2026-10-27T09:00:00Z ", "web-1  | ", '{"log":', "\t", "Traceback (most recent call last):\n", ":", "\n"]  # fmt: skip
    texts, records = [], 0
    for number in range(150):
        if chance.random() < 0.5:
            texts.append("".join(chance.choice(pieces)[:3000] for _ in range(chance.randint(1, 6))) + "\n")
        texts.append(HEADER.format(*divmod(number, 60), f"certain {number}"))
        records += 1
    append(tmp_path / "app.log", "".join(texts))
    collected = Collected(tmp_path, "UTC")
    collected.run()
    assert sum(message.startswith("certain") for message in collected.messages()) == records

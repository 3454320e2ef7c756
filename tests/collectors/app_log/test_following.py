"""A log that is rotated, compressed, truncated, cut and brought back is read once, and in whole."""

from __future__ import annotations

import gzip
import os
import shutil
import time
from pathlib import Path

import pytest

from collectors.app_log import reading
from tests.collectors.app_log.reading import Collected, append, frozen, lines

FIRST = lines("Starting LinkedIn post generation.", "Starting batch content generation for 2 LinkedIn posts.", "first")
SECOND = lines("second", "Starting post scheduling.", second=5)
THIRD = lines("third", "Scheduling complete.", second=9)


def test_a_line_appended_is_one_point_more(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    assert collected.messages()[-1] == "first"
    append(log, SECOND)
    collected.run()
    assert collected.messages()[2:] == ["first", "second", "Starting post scheduling."]
    assert [point.fields["line"] for point in collected.of("log_record")] == [1, 2, 3, 4, 5]


def test_nothing_new_is_no_batch(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    assert collected.run() == []


def test_the_same_line_read_twice_is_one_point(log: Path, collected: Collected) -> None:
    append(log, FIRST + SECOND)
    collected.run()
    once = dict(collected.points)
    collected.checkpoint = {}
    collected.run()
    assert collected.points == once


def test_two_records_of_one_millisecond_are_two_points(log: Path, collected: Collected) -> None:
    append(log, lines("again") * 3)
    collected.run()
    assert collected.messages() == ["again"] * 3


def test_after_rotation_by_rename_reading_goes_on_in_both_files(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    append(log, SECOND)
    log.rename(log.with_name("app.log.1"))
    append(log, THIRD)
    collected.run()
    assert len(collected.messages()) == 7
    assert collected.of("log_record")[-1].fields["file"] == "app.log"
    assert collected.run() == []


def test_a_renamed_log_without_a_new_one_is_still_followed(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    append(log, SECOND)
    log.rename(log.with_name("app.log.1"))
    collected.run()
    append(log, THIRD)
    collected.run()
    assert len(collected.messages()) == 7


def test_after_copytruncate_the_copy_is_finished_first(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    append(log, SECOND)
    shutil.copy(log, log.with_name("app.log.1"))
    os.truncate(log, 0)
    append(log, THIRD)
    collected.run()
    assert [message for message in collected.messages() if " " not in message] == ["first", "second", "third"]
    assert len(collected.messages()) == 7


def test_a_copy_that_is_there_before_the_log_is_truncated_is_not_read_twice(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    shutil.copy(log, log.with_name("app.log.1"))
    collected.run()
    os.truncate(log, 0)
    collected.run()
    append(log, THIRD)
    collected.run()
    assert len(collected.messages()) == 5


def test_a_log_truncated_without_a_copy_starts_anew(log: Path, collected: Collected) -> None:
    append(log, FIRST + SECOND)
    collected.run()
    os.truncate(log, 0)
    append(log, THIRD)
    collected.run()
    assert collected.messages()[-2:] == ["third", "Scheduling complete."]
    assert len(collected.messages()) == 7
    assert collected.of("log_record")[-1].fields["line"] == 2


def test_compressing_an_old_copy_reads_nothing_again(log: Path, collected: Collected) -> None:
    append(log.with_name("app.log.1"), FIRST)
    append(log, SECOND)
    collected.run()
    old = log.with_name("app.log.1")
    log.with_name("app.log.2.gz").write_bytes(gzip.compress(old.read_bytes()))
    collected.run()
    old.unlink()
    log.rename(old)
    append(log, THIRD)
    batches = collected.run()
    assert len(collected.messages()) == 7
    assert sum(batch.records for batch in batches) == 2, "the two new ones"


def test_old_copies_are_read_oldest_first(log: Path, collected: Collected) -> None:
    log.with_name("app.log.2.gz").write_bytes(gzip.compress(FIRST.encode()))
    append(log.with_name("app.log.1"), SECOND)
    append(log, THIRD)
    collected.run()
    assert [point.fields["file"] for point in collected.of("log_record")] == [
        *["app.log.2.gz"] * 3,
        *["app.log.1"] * 2,
        *["app.log"] * 2,
    ]


def test_dated_copies_are_read_in_the_order_of_their_dates(log: Path, collected: Collected) -> None:
    log.with_name("app.log-20261025.gz").write_bytes(gzip.compress(FIRST.encode()))
    append(log.with_name("app.log-20261026"), SECOND)
    append(log.with_name("app.log.bak"), "not a copy made by rotation\n")
    append(log, THIRD)
    collected.run()
    files = [point.fields["file"] for point in collected.of("log_record")]
    assert list(dict.fromkeys(files)) == ["app.log-20261025.gz", "app.log-20261026", "app.log"]
    assert collected.letters == []


def test_the_way_a_log_was_rotated_does_not_change_what_is_known(tmp_path: Path) -> None:
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    whole.mkdir()
    pieces.mkdir()
    append(whole / "app.log", FIRST + SECOND + THIRD)
    at_once, piecewise = Collected(whole), Collected(pieces)
    at_once.run()
    for number, part in enumerate((FIRST, SECOND, THIRD)):
        if number:
            (pieces / "app.log").rename(pieces / f"app.log.{3 - number}")
        append(pieces / "app.log", part)
        piecewise.run()
    for known in (at_once, piecewise):
        known.points = {i: p for i, p in known.points.items() if p.measurement == "log_record"}
    assert at_once.points.keys() == piecewise.points.keys()


def test_a_half_written_line_waits_for_its_rest(log: Path, collected: Collected) -> None:
    append(log, FIRST + SECOND[:36])
    collected.run()
    assert len(collected.messages()) == 3
    append(log, SECOND[36:])
    collected.run()
    assert len(collected.messages()) == 5


def test_a_half_line_nobody_finishes_is_kept_and_replaced_should_it_be_finished(
    log: Path, collected: Collected
) -> None:
    half = "2026-10-27 09:00:07,000 - INFO - Starting post sch"
    append(log, FIRST + half)
    os.utime(log, (time.time() - 60,) * 2)
    collected.run()
    assert collected.events()[-1] == "other"
    append(log, "eduling.\n")
    collected.run()
    assert collected.messages()[-1] == "Starting post scheduling."
    assert collected.events()[-1] == "scheduling_started"
    assert len(collected.messages()) == 4


def test_a_log_that_vanishes_and_returns_is_read_on(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    aside = log.with_name("elsewhere")
    log.rename(aside)
    assert collected.run() == []
    shutil.copy(aside, log)
    append(log, SECOND)
    collected.run()
    assert len(collected.messages()) == 5


def test_a_log_cut_back_by_hand_goes_on_after_the_cut(log: Path, collected: Collected) -> None:
    begin = FIRST + lines("x" * 1000, second=2)
    append(log, begin + SECOND)
    collected.run()
    os.truncate(log, len(begin))
    collected.run()
    append(log, THIRD)
    collected.run()
    assert collected.messages()[-2:] == ["third", "Scheduling complete."]
    assert len(collected.messages()) == 8


def test_a_writer_that_keeps_the_renamed_file_open_is_heard(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    collected.run()
    log.rename(log.with_name("app.log.1"))
    append(log, SECOND)
    collected.run()
    append(log.with_name("app.log.1"), THIRD)
    collected.run()
    assert "third" in collected.messages()
    assert len(collected.messages()) == 7
    assert collected.run() == []


def test_a_copy_still_being_compressed_is_waited_for(log: Path, collected: Collected) -> None:
    packed = gzip.compress(FIRST.encode() + os.urandom(2000) * 50 + b"\n")
    log.with_name("app.log.1.gz").write_bytes(packed[: len(packed) // 2])
    append(log, SECOND)
    collected.run()
    log.with_name("app.log.1.gz").write_bytes(gzip.compress(FIRST.encode()))
    collected.run()
    assert "second" in collected.messages()
    assert "first" in collected.messages()


def test_a_line_of_fifty_megabytes_is_cut_told_and_passed_by(log: Path, collected: Collected) -> None:
    append(log, FIRST)
    with log.open("ab") as stream:
        stream.write(lines("x", second=3).encode()[:-2])
        for _ in range(50):
            stream.write(b"y" * (1 << 20))
        stream.write(b"\n")
    append(log, SECOND)
    collected.run()
    assert [letter.reason.split(":")[0] for letter in collected.letters] == ["too long"]
    assert collected.letters[0].line == 4
    assert len(collected.messages()) == 6
    assert len(collected.messages()[3]) == 32 << 10
    assert collected.of("log_record")[-1].fields["line"] == 6
    assert collected.run() == []


def test_text_before_the_first_record_is_set_aside(log: Path, collected: Collected) -> None:
    append(log, "the tail of something\nand more\n" + FIRST)
    collected.run()
    assert [(letter.reason, letter.line) for letter in collected.letters] == [("text before the first record", 1)]
    assert collected.letters[0].time == collected.of("log_record")[0].time
    assert collected.of("log_record")[0].fields["line"] == 3


def test_a_run_that_is_stopped_anywhere_is_made_good(
    log: Path, collected: Collected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_POINTS", 5000)
    text = "".join(
        lines(*(f"Processing post linkedin_{n}_1 for linkedin" for n in range(900)), second=second)
        for second in range(0, 60, 3)
    )
    append(log, text)
    before = None
    while collected.checkpoint != before:
        before = collected.checkpoint
        collected.run(batches=1)
    at_once = Collected(tmp_path)
    batches = at_once.run()
    assert len(batches) > 3
    assert max(len(batch.points) for batch in batches) <= 5000
    assert frozen(collected.points) == frozen(at_once.points)
    assert batches[-1].progress is not None
    assert batches[-1].progress.done == batches[-1].progress.total == len(text)


def test_a_log_truncated_in_the_middle_of_a_batch_counts_no_post_twice(log: Path, collected: Collected) -> None:
    append(log, FIRST + lines("Generated post 1/2 for topic: One...", second=1))
    collected.run()
    os.truncate(log, 0)
    append(log, lines("Generated post 2/2 for topic: Two...", second=2))
    collected.run()
    assert [point.fields["position"] for point in collected.of("generation")] == [1, 2]
    assert [point.fields["finished"] for point in collected.of("batch")] == [2]

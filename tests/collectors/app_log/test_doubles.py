"""Records that stand in the log twice count once, and records that are only equal count as often as they stand there."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import warnings_in
from tests.collectors.app_log.reading import Collected, append
from tests.collectors.app_log.story import BEGIN, DONE, answer, post

STANDARD = "2026-10-27 09:00:{:02d},{:03d} - INFO - {}\n"
LOGGER = "2026-10-27 09:00:{:02d},{:03d} - content.main - INFO - {}\n"
COARSE = "2026-10-27 09:00:{:02d} - INFO - {message}\n"


def run_of(size: int, begin: int = 0) -> list[tuple[int, str]]:
    """A batch, a second between its records."""
    messages = ["Starting LinkedIn post generation.", BEGIN.format(size)]
    for position in range(1, size + 1):
        messages += [answer(), post(position, size)]
    return list(enumerate([*messages, DONE, f"Successfully generated {size} LinkedIn posts."], begin))


def written(records: Sequence[tuple[int, str]], layout: str = STANDARD) -> list[str]:
    return [layout.format(second, 100 + second, message, message=message) for second, message in records]


def read(folder: Path, lines: Sequence[str]) -> Collected:
    folder.mkdir(exist_ok=True)
    append(folder / "app.log", "".join(lines))
    collected = Collected(folder, "UTC")
    collected.run()
    return collected


def facts(collected: Collected) -> tuple[list[tuple[int, str]], int, int]:
    records = [(point.time // 10**6, str(point.fields["message"])) for point in collected.of("log_record")]
    return records, len(collected.of("generation")), len(collected.of("batch"))


def adjacent(lines: list[str], times: int = 2) -> list[str]:
    return [line for line in lines for _ in range(times)]


def in_pairs(lines: list[str]) -> list[str]:
    """A B A B C D C D."""
    return [line for at in range(0, len(lines), 2) for line in lines[at : at + 2] * 2]


def nested(lines: list[str]) -> list[str]:
    """A B B A: two threads, each with both handlers."""
    return [line for at in range(0, len(lines), 2) for line in (*lines[at : at + 2], *lines[at : at + 2][::-1])]


@pytest.mark.parametrize("doubled", [adjacent, in_pairs, nested, lambda lines: adjacent(lines, 3)])
@pytest.mark.parametrize("layout", [STANDARD, LOGGER, COARSE, "web-1  | " + STANDARD])
def test_a_log_in_which_every_record_stands_twice_says_what_it_says_once(doubled, layout: str, tmp_path: Path) -> None:
    lines = written(run_of(4), layout)
    once, twice = read(tmp_path / "once", lines), read(tmp_path / "twice", doubled(lines))
    assert facts(twice) == facts(once)
    assert len(warnings_in(once.checkpoint)) == 0
    (warning,) = warnings_in(twice.checkpoint)
    assert "app.log" in warning
    assert f"{len(doubled(lines)) - len(lines)} copies" in warning


def test_a_second_handler_may_write_another_layout(tmp_path: Path) -> None:
    records = run_of(4)
    lines = [line for pair in zip(written(records), written(records, LOGGER), strict=True) for line in pair]
    assert facts(read(tmp_path / "twice", lines)) == facts(read(tmp_path / "once", written(records)))


def test_only_the_stretch_that_stands_twice_is_counted_once(tmp_path: Path) -> None:
    before, during, after = written(run_of(2)), written(run_of(2, 10)), written(run_of(2, 20))
    once = read(tmp_path / "once", [*before, *during, *after])
    assert facts(read(tmp_path / "twice", [*before, *adjacent(during), *after])) == facts(once)


@pytest.mark.parametrize(
    "lines",
    [
        [*written(run_of(3))[:3], *written(run_of(3))[2:]],
        [line for at, line in enumerate(written(run_of(4))) for _ in range(2 if at % 3 else 1)],
        adjacent(written(run_of(1)))[:8],
        adjacent([STANDARD.format(second, 5, answer()) for second in range(12)]),
        adjacent(written(run_of(2), COARSE)[:7]),
        written(run_of(1))[:4] * 2,
        [STANDARD.format(second, 5, answer()) for second in range(12)] * 2,
    ],
    ids=[
        "one pair",
        "two of three",
        "four pairs",
        "one text",
        "seven pairs without milliseconds",
        "four again",
        "one text again",
    ],
)
def test_records_that_are_only_equal_count_as_often_as_they_stand_there(lines: list[str], tmp_path: Path) -> None:
    assert len(read(tmp_path, lines).of("log_record")) == len(lines)


def again(lines: list[str]) -> list[str]:
    return lines * 2


def from_its_middle(lines: list[str]) -> list[str]:
    return [*lines, *lines[3:]]


def without_the_others(lines: list[str]) -> list[str]:
    """One of two programs writes at its end what the file holds of it already."""
    return [*lines, *(line for at, line in enumerate(lines) if at % 3)]


def by_two_handlers(lines: list[str]) -> list[str]:
    """What is written again at the end is written by two of them."""
    return [*lines, *adjacent(lines)]


def by_two_threads(lines: list[str]) -> list[str]:
    return [*lines, *nested(lines)]


def of_a_doubled_log(lines: list[str]) -> list[str]:
    return adjacent(lines) * 2


@pytest.mark.parametrize("repeated", [again, from_its_middle, without_the_others, by_two_handlers, by_two_threads])
@pytest.mark.parametrize("layout", [STANDARD, LOGGER, "web-1  | " + STANDARD])
@pytest.mark.parametrize("runs", ["at once", "a run before the copy", "line by line"])
def test_a_run_that_stands_again_behind_itself_is_counted_once(
    repeated, layout: str, runs: str, tmp_path: Path
) -> None:
    first, later = written(run_of(6), layout), written(run_of(2, 40), layout)
    lines = [*repeated(first), *later]
    once = read(tmp_path / "once", [*first, *later])
    cuts = {"at once": [], "a run before the copy": [len(first)], "line by line": list(range(1, len(lines)))}[runs]
    twice = Collected(tmp_path / "twice", "UTC")
    (tmp_path / "twice").mkdir()
    for begin, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        append(tmp_path / "twice" / "app.log", "".join(lines[begin:end]))
        twice.run()
    assert facts(twice) == facts(once)
    (warning,) = warnings_in(twice.checkpoint)
    assert f"{len(lines) - len(first) - len(later)} records from line" in warning
    assert "stand in the log before" in warning


@pytest.mark.parametrize("times", [3, 10])
def test_a_log_that_repeats_itself_over_and_over_has_made_up_times_and_counts_as_it_stands(
    times: int, tmp_path: Path
) -> None:
    collected = read(tmp_path / "log", [*written(run_of(6)) * times, *written(run_of(2, 40))])
    assert len(collected.of("log_record")) == len(run_of(6)) * times + len(run_of(2))
    assert len(collected.of("batch")) == times + 1
    assert warnings_in(collected.checkpoint) == ()


def test_both_kinds_of_copies_are_left_out_of_one_log(tmp_path: Path) -> None:
    first = written(run_of(6))
    twice = read(tmp_path / "twice", of_a_doubled_log(first))
    assert facts(twice) == facts(read(tmp_path / "once", first))
    assert len(warnings_in(twice.checkpoint)) == 2


def test_a_burst_of_equal_records_stays_what_it_is_in_a_run_that_stands_again(tmp_path: Path) -> None:
    first = written(run_of(6))
    first[4:5] *= 3
    assert facts(read(tmp_path / "twice", first * 2)) == facts(read(tmp_path / "once", first))


def test_an_hour_that_the_clock_shows_twice_is_no_copy(tmp_path: Path) -> None:
    minutes = [(minute, text) for minute in range(0, 60, 5) for text in ("Scheduling complete.", answer(), DONE)]
    hour = "".join(f"2026-10-25 02:{minute:02d}:00 - INFO - {text}\n" for minute, text in minutes)
    append(tmp_path / "app.log", hour * 2)
    collected = Collected(tmp_path, "Europe/Berlin")
    collected.run()
    assert len(collected.of("log_record")) == 2 * len(minutes)


def test_copies_that_were_delivered_are_taken_back_when_the_stretch_is_recognised(tmp_path: Path) -> None:
    lines = adjacent(written(run_of(2)))
    collected = read(tmp_path, lines[:8])
    assert len(collected.of("log_record")) == 8
    append(tmp_path / "app.log", "".join(lines[8:]))
    collected.run()
    assert facts(collected) == facts(read(tmp_path / "once", written(run_of(2))))


START, ANSWER, ALL = "Starting LinkedIn post generation.", answer(), "Successfully generated 1 LinkedIn posts."


@pytest.mark.parametrize(
    "records",
    [
        [(0, START), (2, ANSWER), (2, ANSWER), (3, post(1, 3)), (3, post(1, 3)), (12, START), (13, BEGIN.format(1)),
         (13, BEGIN.format(1)), (12, START), (17, ALL), (17, ALL)],
        [(0, START), (4, ANSWER), (6, ANSWER), (8, DONE), (12, START), (12, START), (12, START), (5, post(2, 3)),
         (4, ANSWER), (6, ANSWER), (8, DONE), (12, START), (12, START)],
        [(0, START), (1, BEGIN.format(1)), (2, ANSWER), (3, post(1, 1)), (4, DONE), (24, START), (25, BEGIN.format(1)),
         (25, BEGIN.format(1)), (26, ANSWER), (27, post(1, 1)), (27, post(1, 1)), (26, ANSWER), (0, START), (0, START),
         (1, BEGIN.format(1)), (1, BEGIN.format(1)), (2, ANSWER), (3, post(1, 1)), (4, DONE)],
        [(1, BEGIN.format(1)), (2, ANSWER), (2, ANSWER), (3, post(1, 1)), (4, DONE), (5, ALL), (4, DONE), (5, ALL),
         (12, START), (12, START), (3, post(1, 1)), (2, ANSWER), (3, post(1, 1)), (5, ALL), (4, DONE), (5, ALL),
         (2, ANSWER), (24, START)],
    ],
    ids=["posts that were likely", "posts two records speak of", "a post that says less", "a batch that is likely again"],
)  # fmt: skip
def test_what_rested_on_copies_alone_is_taken_back_and_nothing_else(
    records: list[tuple[int, str]], tmp_path: Path
) -> None:
    whole = read(tmp_path / "whole", written(records))
    pieces = read(tmp_path / "pieces", [])
    for line in written(records):
        append(tmp_path / "pieces" / "app.log", line)
        pieces.run()
    pieces.run()
    assert pieces.points == whole.points


@st.composite
def logs(draw: st.DrawFn) -> list[str]:
    """Stretches that stand once, twice or three times, some equal records in between, and blocks that stand there again."""
    lines: list[str] = []
    for begin in range(0, draw(st.integers(1, 4)) * 12, 12):
        stretch = written(
            run_of(draw(st.integers(1, 4)), begin)[: draw(st.integers(1, 10))],
            draw(st.sampled_from([STANDARD, LOGGER])),
        )
        how = draw(st.sampled_from([list, adjacent, in_pairs, nested, lambda lines: adjacent(lines, 3)]))
        for line in how(stretch):
            lines += [line] * (2 if draw(st.integers(0, 9)) == 0 else 1)
            if draw(st.integers(0, 9)) == 0:
                lines.append("printed by somebody\n")
        if draw(st.booleans()):
            lines += lines[draw(st.integers(0, len(lines) - 1)) :]
    return lines


@settings(max_examples=12, deadline=None)
@given(logs(), st.integers(0, 2**32), st.booleans())
def test_however_a_log_grows_the_same_is_known_at_the_end(lines: list[str], seed: int, records: bool) -> None:
    text, chance = "".join(lines), random.Random(seed)
    folder = Path(tempfile.mkdtemp())
    try:
        whole = read(folder / "whole", lines)
        (folder / "pieces").mkdir()
        pieces = Collected(folder / "pieces", "UTC")
        for piece in lines if records else _cut(text, chance):
            append(folder / "pieces" / "app.log", piece)
            pieces.run(batches=chance.choice([None, None, 1]))
        pieces.run()
        assert pieces.points == whole.points
        assert warnings_in(pieces.checkpoint) == warnings_in(whole.checkpoint)
        assert pieces.run() == [] or pieces.points == whole.points
    finally:
        shutil.rmtree(folder)


def _cut(text: str, chance: random.Random) -> list[str]:
    cuts = sorted(chance.sample(range(len(text)), min(12, len(text))))
    return [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

"""Blocks of records that stand in the log again: which of them count, wherever a file or a run ends."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import pytest

from collectors.app_log import repeats
from collectors.app_log.raw import Raw
from collectors.app_log.repeats import Repeats
from tests.collectors.app_log.reading import Collected, append

Record = tuple[int, str]
"""Milliseconds and text."""
SECOND, MINUTE = 1_000, 60_000


def block(size: int, name: str = "a", begin: int = 0, *, millisecond: int = 7) -> list[Record]:
    """A second between its records."""
    return [(begin + at * SECOND + millisecond, f"{name} {at % 9}") for at in range(size)]


A, D = block(60), block(30, "d", 10 * MINUTE)
COARSE = block(80, millisecond=0)


def raws(records: Iterable[Record]) -> list[Raw]:
    return [
        Raw((time - time % SECOND,) * 2, time % SECOND, "INFO", [text], offset, offset, len(text))
        for offset, (time, text) in enumerate(records)
    ]


def counted(records: Sequence[Record], *, files: Collection[int] = (), runs: Collection[int] = ()) -> tuple[int, int]:
    """How many count and how many are dropped; a file or a run of the collector ends before those."""
    state, given, passed, dropped = Repeats(), raws(records), 0, 0
    for at, raw in enumerate(given):
        if at in files:
            passed += len(state.rest())
        if at in runs:
            held = state.first_held
            dropped += len(state.dropped)
            state = Repeats.from_json(json.loads(json.dumps(state.to_json())))
            passed += sum(len(state.sort(each)) for each in given[held.offset if held else at : at])
        passed += len(state.sort(raw))
    return passed + len(state.rest()), dropped + len(state.dropped)


@pytest.mark.parametrize("end", [90, 120, 125], ids=["within the copy", "behind the copy", "within what follows"])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_copy_goes_on_in_the_next_file(end: int, restarted: bool) -> None:
    ends = {"runs": [end + 1, end + 3]} if restarted else {}
    assert counted(A + A + D, files=[end], **ends) == (90, 60)


@pytest.mark.parametrize("restarted", [False, True])
def test_of_a_copy_that_just_begins_where_a_file_ends_the_rest_is_left_out(restarted: bool) -> None:
    ends = {"runs": [63, 65]} if restarted else {}
    assert counted(A + A + D, files=[63], **ends) == (93, 57)


def test_few_equal_records_where_a_file_ends_count() -> None:
    assert counted(A + A[:3] + D, files=[63]) == (93, 0)


def test_a_rotation_within_a_copy_changes_only_where_it_stands(tmp_path: Path) -> None:
    lines = [
        f"2026-10-27 09:{t // MINUTE:02d}:{t // SECOND % 60:02d},{t % SECOND:03d} - INFO - {x}\n" for t, x in A + A + D
    ]
    append(tmp_path / "app.log.1", "".join(lines[:90]))
    append(tmp_path / "app.log", "".join(lines[90:]))
    collected = Collected(tmp_path, "UTC")
    collected.run()
    assert len(collected.of("log_record")) == len(A + D)


X = [(5 * MINUTE, "x")]


@pytest.mark.parametrize(
    ("records", "files", "expected"),
    [
        (A * 3, (), (180, 0)),
        (A * 4, (180,), (240, 0)),
        (A * 4, (200,), (240, 0)),
        (A * 3 + D + A, (), (210, 60)),
        (A * 5 + D + A * 3, (), (510, 0)),
        (A * 3, (60, 120), (60, 120)),
        (A * 2 + X + A, (), (61, 120)),
    ],
    ids=["three", "a file ends", "a file ends in a block", "once again", "several again", "three files", "one between"],
)
def test_only_a_block_directly_behind_its_copy_makes_times_that_are_made_up(
    records: list[Record], files: Collection[int], expected: tuple[int, int]
) -> None:
    assert counted(records, files=files) == expected


@pytest.mark.parametrize("every", [0, 10, 33])
def test_made_up_times_are_remembered_however_many_records_follow(every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "KEPT", 150)
    records = block(100) * 6
    assert counted(records, runs=range(every, 600, every) if every else ()) == (600, 0)


def test_of_made_up_times_nothing_more_is_kept() -> None:
    state = Repeats()
    for raw in raws(A * 50):
        state.sort(raw)
    assert len(state.known) == len(A)


@pytest.mark.parametrize("runs", [(), range(20, 190, 20)])
def test_without_milliseconds_a_long_block_without_gaps_is_a_copy(runs: Collection[int]) -> None:
    later = block(20, "d", 10 * MINUTE, millisecond=0)
    assert counted(COARSE + COARSE + later, runs=runs) == (100, 80)
    assert counted(COARSE + COARSE[20:] + later, runs=runs) == (100, 60)


@pytest.mark.parametrize(
    "records",
    [
        COARSE[:40] * 2 + [(20 * MINUTE, "done")],
        COARSE + [each for at, each in enumerate(COARSE) if at % 20],
        [each for at in range(80) for each in (COARSE[at], COARSE[max(0, at - 1)])],
    ],
    ids=["two programs write what they buffered", "with gaps", "a little out of order"],
)
def test_without_milliseconds_programs_that_run_side_by_side_are_no_copies(records: list[Record]) -> None:
    assert counted(records) == (len(records), 0)


@pytest.mark.parametrize("late", [0, 2], ids=["in order", "a little out of order"])
def test_an_hour_that_comes_twice_is_no_copy_in_a_log_whose_zone_is_another(late: int) -> None:
    hour = [(at * 20 * SECOND, f"beat {at % 3}") for at in range(180)]
    for at in range(20, 180, 20) if late else ():
        hour[at], hour[at + 1] = hour[at + 1], hour[at]
    assert counted(hour * 2) == (360, 0)


@pytest.mark.parametrize("back", [54, 61])
def test_a_block_that_is_no_hour_long_is_a_copy(back: int) -> None:
    run = [*COARSE, (back * MINUTE, "done")]
    assert counted(run * 2) == (81, 81)

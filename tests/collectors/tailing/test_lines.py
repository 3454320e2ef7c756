"""Bytes become the same lines whatever their encoding, and however they arrive."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collectors.tailing.reading import numbers, resumed, split, texts

HEADER = "2026-10-27 09:00:00,379 - INFO - "
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
FIRST = HEADER + "Für 上海 ✅ — привет"
LINES = [FIRST, "上海 goes on", "", "{", HEADER + "end"]

words = st.sampled_from(["post", "für", "上海的海", "✅ done", "привет", "—", "{", "x" * 40, "日本語テキスト"])
messages = st.lists(words, min_size=1, max_size=5).map(" ".join)
records = st.builds(lambda head, rest: [HEADER + head, *rest], messages, st.lists(messages, max_size=2))


@st.composite
def logs(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A log of one to four stretches in any encodings, some behind a hole, and its lines."""
    data, lines = b"", []
    for _ in range(draw(st.integers(1, 4))):
        encoding, end = draw(st.sampled_from(ENCODINGS)), draw(st.sampled_from(["\n", "\r\n"]))
        stretch = [line for record in draw(st.lists(records, min_size=1, max_size=3)) for line in record]
        if draw(st.booleans()) and draw(st.booleans()):
            data += bytes(max(len(data), 64))
            data += b"\0" * (encoding != "utf-8" and len(data) % 2)
        mark = draw(st.sampled_from(["", "\ufeff"]))
        data += (mark + "".join(line + end for line in stretch)).encode(encoding)
        lines += stretch
    return data, lines


@given(logs())
def test_a_log_may_change_its_encoding_anywhere(log: tuple[bytes, list[str]]) -> None:
    data, lines = log
    assert texts(data) == lines


@given(logs(), st.data())
def test_reading_in_any_portions_gives_what_reading_at_once_gives(
    log: tuple[bytes, list[str]], cuts: st.DataObject
) -> None:
    data, _ = log
    places = st.lists(st.integers(0, len(data)), max_size=20)
    assert split(data, cuts.draw(places)) == split(data)
    end = cuts.draw(st.integers(0, len(data)))
    assert split(data[:end], cuts.draw(places.map(lambda all: [at for at in all if at <= end]))) == split(data[:end])


@settings(max_examples=30)
@given(logs())
def test_reading_on_from_any_line_gives_what_reading_at_once_gives(log: tuple[bytes, list[str]]) -> None:
    data, _ = log
    assert resumed(data) == split(data)[0]


@given(
    st.lists(
        st.sampled_from([b"\n", b"\r", b"\r\n", b"\0", b"\0" * 9, b"a", b"2026", b"\xff\xfe", b"\xe4", b"x\0y\0"]),
        max_size=40,
    ),
    st.lists(st.integers(0, 200), max_size=20),
)
def test_whatever_the_bytes_portions_change_no_line(parts: list[bytes], cuts: list[int]) -> None:
    # The first line end says how lines are counted where a progress bar comes before it: only there the numbers may differ.
    data = b"first\n" + b"".join(parts)
    assert split(data, [cut for cut in cuts if cut <= len(data)]) == split(data)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_encoding_and_line_end_gives_the_same_lines_and_numbers(encoding: str, end: str, mark: str) -> None:
    data = (mark + "".join(line + end for line in LINES)).encode(encoding)
    kept = [line for line in LINES if line or end != "\r"]
    assert texts(data) == kept
    assert numbers(data) == [number for number, line in enumerate(LINES, 1) if line or end != "\r"]
    for _, offset, number, _ in split(data)[0]:
        assert data[offset:].decode(encoding).removeprefix("\ufeff").startswith(LINES[number - 1])


def test_bytes_that_are_not_utf_8_are_of_the_windows_code_page_line_by_line() -> None:
    assert texts("für\n".encode("cp1252") + "für\n".encode() + b"\x81\n") == ["für", "für", "\ufffd"]


def test_a_utf_16_line_grows_byte_by_byte_and_is_not_taken_before_its_end() -> None:
    data = (FIRST + "\r\n").encode("utf-16-le")
    for end in range(1, len(data)):
        assert split(data[:end], range(end))[1] or split(data[:end]) == ([], False), end
    assert split(data, range(len(data))) == ([(FIRST, 0, 1, 0)], False)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("hole", [64, 1 << 20, (1 << 20) + 2])
def test_the_record_right_behind_a_hole_counts(encoding: str, hole: int) -> None:
    data = bytes(hole) + (FIRST + "\nnext\n").encode(encoding)
    assert [(text, number) for text, _, number, _ in split(data)[0]] == [(FIRST, 1), ("next", 2)]
    assert split(data)[0][0][1] in (hole, hole - 1)


def test_a_hole_ends_the_line_it_is_in_and_says_nothing_at_the_end() -> None:
    assert texts(b"begun" + bytes(5001) + FIRST.encode() + b"\n") == ["begun", FIRST]
    assert texts(b"whole\n" + bytes(5001)) == ["whole"]
    assert texts(bytes(5000)) == []
    assert numbers(b"begun" + bytes(5001) + FIRST.encode() + b"\n") == [1, 1]


def test_a_single_nul_is_part_of_a_text() -> None:
    assert texts(b"one\0two three\n") == ["one\0two three"]


def test_utf_16_may_begin_and_end_in_the_middle_of_a_line() -> None:
    wide = (HEADER + "wide").encode("utf-16-le")
    assert texts(b"not ended" + wide + (HEADER + "narrow\n").encode()) == [
        "not ended",
        HEADER + "wide",
        HEADER + "narrow",
    ]
    assert texts(b"not ended" + (HEADER + "wide\n").encode("utf-16-be")) == ["not ended", HEADER + "wide"]


def test_a_record_behind_a_progress_bar_is_a_line_with_the_number_an_editor_shows() -> None:
    data = b"before\n\r 30%|##  | 3/10\r 60%|### | 6/10\r" + FIRST.encode() + b"\r\nafter\r\n"
    found = [(text, number) for text, _, number, _ in split(data)[0]]
    assert found == [("before", 1), (" 30%|##  | 3/10", 2), (" 60%|### | 6/10", 2), (FIRST, 2), ("after", 3)]


def test_a_progress_bar_in_the_first_line_changes_no_number() -> None:
    assert [line[2] for line in split(b"\r 30%\r 60%\r" + FIRST.encode() + b"\nafter\n")[0]] == [1, 1, 1, 2]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_line_that_is_too_long_is_cut_and_what_follows_is_read(encoding: str) -> None:
    data = ("first\n" + "ü" * 5000 + "\nlast\n").encode(encoding)
    whole, portions = split(data, line_limit=1000), split(data, range(0, len(data), 300), line_limit=1000)
    assert whole == portions
    (_, (text, _, number, cut), last) = whole[0]
    assert re.fullmatch("ü+", text) and number == 2
    assert len(text.encode(encoding)) + cut == len(("ü" * 5000).encode(encoding))
    assert last[0] == "last" and last[2] == 3

"""The base of collectors of a file that grows by lines, by one whose lines are numbers."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.source import Source
from collectors.tailing.json_lines import BadLine
from collectors.tailing.line_collector import LineCollector
from metricstore.point import Point


class Numbers(LineCollector):
    name = "numbers"
    lines_are = "numbers"
    understood = "a number a line"

    def parse(self, text: str, file: str, line: int) -> tuple[Point, str]:
        if text == "mistake":
            raise KeyError(text)
        if not text.isdecimal():
            raise BadLine("no number")
        return Point("ai_retry", 10**18 + int(text), {}, {"wait_seconds": 1.0}), ""


def asked(folder: Path, content: bytes) -> list[str]:
    """What is said of the file before any run."""
    path = folder / "numbers.txt"
    path.write_bytes(content)
    return [problem.text for problem in Numbers(Source(folder, "UTC"), path).validate()]


@pytest.mark.parametrize("packed", [bytes, gzip.compress, lambda data: data.decode().encode("utf-16")])
def test_a_file_that_can_be_read_has_no_problem_however_it_is_written(
    tmp_path: Path, packed: Callable[[bytes], bytes]
) -> None:
    assert asked(tmp_path, packed(b"".join(b"%d\n" % n for n in range(60)))) == []


@pytest.mark.parametrize("word", ["mistake", "word"])
def test_a_mistake_of_the_collector_is_said_as_a_line_it_can_not_read(tmp_path: Path, word: str) -> None:
    (said,) = asked(tmp_path, f"{word}\n".encode() * 60)
    assert "60 of 60" in said

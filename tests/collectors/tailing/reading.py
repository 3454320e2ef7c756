"""Splitting bytes in portions, as a growing file is read."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.tailing.blocks import Place
from collectors.tailing.lines import LINE_LIMIT, Splitter

Line = tuple[str, int, int, int]
"""Text, offset, number, bytes that were cut off."""


def split(data: bytes, cuts: Iterable[int] = (), line_limit: int = LINE_LIMIT) -> tuple[list[Line], bool]:
    """All lines, and whether the last one has no end yet."""
    splitter, lines, partial, begin = Splitter(Place(), line_limit), [], False, 0
    for end in [*sorted(cuts), len(data)]:
        blocks = list(splitter.feed(data[begin:end]))
        begin = end
        if end == len(data) and begin == len(data):
            blocks += splitter.finish()
        for block in blocks:
            columns = zip(block.lines, block.offsets, block.numbers, strict=True)
            lines += [(*line, block.cut.get(index, 0)) for index, line in enumerate(columns)]
            partial = block.partial
    return lines, partial


def resumed(data: bytes) -> list[Line]:
    """Read line by line: each reading begins where the line before ended, as after a restart."""
    place, lines = Place(), []
    while True:
        splitter = Splitter(place)
        blocks = [*splitter.feed(data[place.offset :]), *splitter.finish()]
        first = next((block for block in blocks if block.lines), None)
        if first is None:
            return lines
        lines.append((first.lines[0], first.offsets[0], first.numbers[0], 0))
        rest = [(o, n) for block in blocks for o, n in zip(block.offsets, block.numbers, strict=True)][1:]
        if not rest:
            return lines
        place = splitter.place(rest[0][0], rest[0][1] - 1)


def texts(data: bytes) -> list[str]:
    return [line[0] for line in split(data)[0]]


def numbers(data: bytes) -> list[int]:
    return [line[2] for line in split(data)[0]]

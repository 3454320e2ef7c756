"""JSON whose parts know their line, so that a bad part can be pointed at and its neighbours kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class NotJson(ValueError):
    """The text is no complete JSON: cut, empty or damaged."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"{reason} (line {line})")
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Placed:
    """A value, the line it begins at (from 1) and the place of its text."""

    value: Any
    line: int
    start: int
    end: int


def document(text: str) -> Placed:
    """The one value a text holds; NotJson when it is anything else."""
    start = _skip(text, 0)
    value, end = _value(text, start)
    if _skip(text, end) != len(text):
        raise NotJson("text after the end", _line(text, end))
    return Placed(value, _line(text, start), start, end)


def elements(text: str, array: Placed) -> Iterator[Placed]:
    """The parts of an array found by `document` or `members`."""
    place, line, counted = array.start + 1, array.line, array.start
    for _ in array.value:
        start = _skip(text, place)
        value, end = _value(text, start)
        line += text.count("\n", counted, start)
        counted = start
        yield Placed(value, line, start, end)
        place = _skip(text, end) + 1  # the comma


def members(text: str, table: Placed) -> Iterator[tuple[str, Placed]]:
    """The parts of an object; a key given twice comes twice."""
    place, line, counted = _skip(text, table.start + 1), table.line, table.start
    while text[place] != "}":
        key, end = _value(text, place)
        start = _skip(text, _skip(text, end) + 1)  # the colon
        value, end = _value(text, start)
        line += text.count("\n", counted, place)
        counted = place
        yield str(key), Placed(value, line, start, end)
        place = _skip(text, end)
        if text[place] == ",":
            place = _skip(text, place + 1)


def _value(text: str, start: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.lineno) from None
    except (RecursionError, ValueError) as error:
        raise NotJson(f"not readable: {error}", _line(text, start)) from None


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1

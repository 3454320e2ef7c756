"""JSON whose parts know their line, so that a bad part can be pointed at and its neighbours kept.

A part that is complete but that Python's parser refuses (brackets a thousand deep, a number of 5,000 digits) costs
itself alone: in its place stands an `Unreadable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

_SPACE = re.compile(r"[ \t\n\r]*")
Part = TypeVar("Part")
_DECODER = json.JSONDecoder()
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.S)
_SCALAR = re.compile(r"[^\s,\]}]*")
_SALVAGE_DEPTH = 6
"""Levels that are looked into for the part that can't be read."""


class NotJson(ValueError):
    """The text is no complete JSON: cut, empty or damaged. `place`: where that shows."""

    def __init__(self, reason: str, text: str, place: int) -> None:
        self.reason, self.place, self.line = reason, place, _line(text, place)
        super().__init__(f"{reason} (line {self.line})")


@dataclass(frozen=True)
class Unreadable:
    """Stands for a value that is there but can't be had; says why."""

    reason: str


@dataclass(frozen=True)
class Placed:
    """A value, the line it begins at (from 1) and the place of its text."""

    value: Any
    line: int
    start: int
    end: int


def document(text: str, decoder: json.JSONDecoder = _DECODER) -> Placed:
    """The one value a text holds; NotJson when it is anything else.

    What `decoder` refuses with another ValueError than for its form (a constant, say) is `Unreadable`, too.
    """
    start = _skip(text, 0)
    value, end = _value(text, start, decoder=decoder)
    if _skip(text, end) != len(text):
        raise NotJson("text after the end", text, end)
    return Placed(value, _line(text, start), start, end)


def elements(
    text: str, array: Placed, depth: int = 0, decoder: json.JSONDecoder = _DECODER
) -> Generator[Placed, None, int]:
    """The parts of an array found by `document`, `elements` or `members`; returns where it ends."""
    place, line, counted = _skip(text, array.start + 1), array.line, array.start
    while text[place : place + 1] != "]":
        line += text.count("\n", counted, place)
        counted = place
        value, end = _value(text, place, depth, decoder)
        yield Placed(value, line, place, end)
        place = _after_comma(text, end)
    return place + 1


def members(
    text: str, table: Placed, depth: int = 0, decoder: json.JSONDecoder = _DECODER
) -> Generator[tuple[str, Placed], None, int]:
    """The parts of an object; a key given twice comes twice. Returns where it ends."""
    place, line, counted = _skip(text, table.start + 1), table.line, table.start
    while text[place : place + 1] != "}":
        line += text.count("\n", counted, place)
        counted = place
        key, end = _value(text, place)
        start = _skip(text, _skip(text, end) + 1)  # the colon
        value, end = _value(text, start, depth, decoder)
        yield str(key), Placed(value, line, start, end)
        place = _after_comma(text, end)
    return place + 1


def sequence(text: str, *, finished: bool) -> list[Placed] | None:
    """The objects of a text that has one in each line; a line that isn't one is `Unreadable`. None: another kind of text.

    A last line without its end may be half written: NotJson, unless the text is `finished`.
    """
    found: list[Placed] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        place, start = _skip(text, start), start + len(line) + 1
        if not line.strip():
            continue
        end = start - 1
        try:
            value, after = _value(text, place)
            if _skip(text, after) < end:
                raise NotJson("text after the end", text, after)
        except NotJson as error:
            if not found:
                return None
            if start > len(text) and not finished:
                raise
            value = Unreadable(f"isn't whole JSON ({error.reason})")
        if not found and not isinstance(value, dict):
            return None
        found.append(Placed(value, number, place, end))
    return found


def _after_comma(text: str, end: int) -> int:
    place = _skip(text, end)
    return _skip(text, place + 1) if text[place : place + 1] == "," else place


def _value(text: str, start: int, depth: int = 0, decoder: json.JSONDecoder = _DECODER) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, text, error.pos) from None
    except (RecursionError, ValueError) as error:
        reason = (
            "is nested too deeply to be read"
            if isinstance(error, RecursionError)
            else "isn't a number that can be read"
        )
    return _salvaged(text, start, depth, Unreadable(reason), decoder)


def _salvaged(text: str, start: int, depth: int, lost: Unreadable, decoder: json.JSONDecoder) -> tuple[Any, int]:
    """A value of which some part can't be read, with all its other parts."""
    if text[start] not in "[{":
        match = _SCALAR.match(text, start)
        return lost, match.end() if match else start
    if depth == _SALVAGE_DEPTH:
        return lost, _closing(text, start)
    whole = Placed(None, 0, start, start)
    if text[start] == "[":
        found, end = _drained(elements(text, whole, depth + 1, decoder))
        return [part.value for part in found], end
    named, end = _drained(members(text, whole, depth + 1, decoder))
    return {key: part.value for key, part in named}, end


def _drained(parts: Generator[Part, None, int]) -> tuple[list[Part], int]:
    """All parts of an array or object, and where it ends."""
    found: list[Part] = []
    while True:
        try:
            found.append(next(parts))
        except StopIteration as stop:
            return found, stop.value


def _closing(text: str, start: int) -> int:
    """Where the text or the brackets that begin at `start` end; NotJson when they do not."""
    open_brackets = 0
    for token in _TOKEN.finditer(text, start):
        open_brackets += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if open_brackets <= 0:
            return token.end()
    raise NotJson("brackets that are not closed", text, start)


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1

"""Lines to records. Pure: no files, no store, no clock.

A record begins where a line matches the log format exactly and ends where the next one does. Lines in between
belong to it: those of its own text (a topic with a line break, scheduling results), and what other programs printed
to the same file. The latter stay with the record they follow (counted in `stray_lines`), so that nothing is lost, no
time or level is made up for them, and counting records counts what was logged. Lines in Python's default format
(`ERROR:name:text`) are records that lack a time: they take that of the record before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from collectors.app_log.clock import LocalSeconds, Moments
from collectors.app_log.templates import OTHER, UNFINISHED_UNTIL, recognise, unfinished
from collectors.tailing.blocks import Block

HEADER = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - (.*)", re.DOTALL | re.ASCII
)
_TIMELESS = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.]+):(.*)", re.DOTALL)
RECORD_LIMIT = 8 << 20
"""Characters kept of one record; more is counted and set aside."""


@dataclass(slots=True)
class Raw:
    """A record as it stands in the file. `moments` None: it has no time of its own (text before the first record
    gets that of the first)."""

    moments: Moments | None
    millisecond: int
    level: str
    lines: list[str]
    offset: int
    line: int
    count: int = 1
    end: int = 0
    """Offset and line where the next one begins."""
    end_line: int = 0
    tail: bool = False
    """The last one so far: more of it may come."""
    partial: bool = False
    """Its last line has no line end yet."""
    cut: int = 0
    """Bytes that were too many to keep."""
    headed: bool = True
    """False for text that stands before the first record."""
    size: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(slots=True)
class Recognised:
    """What a record's text means. `own_lines` of its lines are its own text, the rest was printed in between."""

    event: str
    values: Mapping[str, str] = field(default_factory=dict)
    own_lines: int = 0
    whole: bool = True
    """False while its text can't be all there."""


def records(blocks: Iterable[Block], seconds: LocalSeconds, *, keep_partial: bool) -> Iterator[Raw]:
    """Cut lines into records; the last one is marked `tail`. Memory stays bounded however long one is.

    `keep_partial`: whether a last line without line end is used or left for later.
    """
    current: Raw | None = None
    end = end_line = 0
    match_header = HEADER.match
    for block in blocks:
        cut, last = block.cut, len(block.lines) - 1 if block.partial else -1
        end, end_line = block.end, block.end_line
        for index, (text, offset, number) in enumerate(zip(block.lines, block.offsets, block.numbers, strict=True)):
            partial = index == last
            begun = _begin(match_header(text), text, seconds, current)
            if begun is not None or current is None:
                if current is not None:
                    current.end, current.end_line = offset, number - 1
                    if not current.headed and begun is not None:
                        current.moments, current.millisecond = begun.moments, begun.millisecond
                    yield current
                current = begun or Raw(None, 0, "INFO", [text], 0, 0, headed=False)
                current.offset, current.line, current.partial = offset, number, partial
            elif partial and not keep_partial:
                end = offset
                break
            else:
                _continue(current, text)
                current.partial = partial
            current.size += len(text)
            if cut and index in cut:
                current.cut += cut[index]
    if current is not None:
        current.end, current.end_line, current.tail = end, end_line, True
        yield current


def _begin(match: re.Match[str] | None, text: str, seconds: LocalSeconds, current: Raw | None) -> Raw | None:
    if match is not None:
        second, millisecond, level, message = match.groups()
        moments = seconds(second)
        return Raw(moments, int(millisecond), level, [message], 0, 0) if moments else None
    if text[:1] in "DIWEC" and current is not None and (found := _TIMELESS.match(text)) is not None:
        return None if not current.headed or _expects_more(current) else Raw(None, 0, found[1], [found[3]], 0, 0)
    return None


def _continue(current: Raw, text: str) -> None:
    current.count += 1
    if current.size < RECORD_LIMIT:
        current.lines.append(text)
    else:
        current.cut += len(text)


def _expects_more(raw: Raw) -> bool:
    return not recognised(raw.lines).whole


def recognised(lines: list[str]) -> Recognised:
    """What a record of these lines is."""
    template, values = recognise(lines[0])
    if template is not None:
        return Recognised(template.event, values, len(lines) if template.open else 1)
    beginning = unfinished(lines[0])
    if beginning is None:
        return Recognised(OTHER, own_lines=len(lines))
    ending = UNFINISHED_UNTIL[beginning.event]
    for number, text in enumerate(lines[1:], 2):
        if text == ending or (ending == "..." and text.endswith(ending)):
            match = beginning.regex.fullmatch("\n".join(lines[:number]))
            if match:
                return Recognised(beginning.event, match.groupdict(), number)
    # Half a list of results still holds results; half a sentence says nothing.
    return Recognised(beginning.event if ending == "]" else OTHER, own_lines=len(lines), whole=False)

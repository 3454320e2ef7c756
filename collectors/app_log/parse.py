"""Lines to records. Pure: no files, no store, no clock.

A record begins where a line has the layout of the log (see headers.py) and ends where the next one does. Lines in between
belong to it: those of its own text (a topic with a line break, scheduling results), and what other programs printed
to the same file. The latter stay with the record they follow (counted in `stray_lines`), so that nothing is lost, no
time or level is made up for them, and counting records counts what was logged. Lines in Python's default format
(`ERROR:name:text`) are records that lack a time: they take that of the record before.

Lines that look like records but may be quoted are in doubt until what follows shows what they are: see doubts.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from collectors.app_log.clock import LocalSeconds
from collectors.app_log.doubts import Doubts
from collectors.app_log.headers import Header
from collectors.app_log.layouts import STANDARD_LINE, Layouts
from collectors.app_log.prefixes import without_escapes
from collectors.app_log.raw import RECORD_LIMIT, Raw
from collectors.app_log.templates import OTHER, UNFINISHED_UNTIL, may_be_known, recognise, unfinished
from collectors.tailing.blocks import Block

_TIMELESS = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.]+):(.*)", re.DOTALL)
HEADLESS_LINES = 10_000
"""So many lines without a record are set aside together, and are not read again."""
_TIMELESS_FIRST = ("D", "I", "W", "E", "C")
_NEVER_FIRST = " \t}])\"'"
"""No layout begins with one of these."""


@dataclass(slots=True)
class Recognised:
    """What a record's text means. `own_lines` of its lines are its own text, the rest was printed in between."""

    event: str
    values: Mapping[str, str] = field(default_factory=dict)
    own_lines: int = 0
    whole: bool = True
    """False while its text can't be all there."""


def records(
    blocks: Iterable[Block], seconds: LocalSeconds, *, keep_partial: bool, layouts: Layouts | None = None
) -> Iterator[Raw]:
    """Cut lines into records; the last one is marked `tail`. Memory stays bounded however long one is.

    `keep_partial`: whether a last line without line end is used or left for later. `layouts`, those the log is known to
    have, are brought up to date.
    """
    layouts = layouts if layouts is not None else Layouts()
    doubts = Doubts(layouts)
    current: Raw | None = None
    end = end_line = 0
    match_standard = STANDARD_LINE.match
    for block in blocks:
        cut, last = block.cut, len(block.lines) - 1 if block.partial else -1
        end, end_line = block.end, block.end_line
        for index, (text, offset, number) in enumerate(zip(block.lines, block.offsets, block.numbers, strict=True)):
            partial = index == last
            if "\x1b" in text:
                text = without_escapes(text)
            before, begun, header = layouts.state, None, None
            if layouts.standard and (match := match_standard(text)) is not None:
                second, millisecond, level, message = match.groups()
                if " - " in message and not may_be_known(message):
                    header = layouts.read(text, seconds)  # a logger's name may stand behind the level
                elif (moments := seconds(second)) is not None:
                    begun = Raw(moments, int(millisecond), level, [message], 0, 0)
            elif text and text[0] not in _NEVER_FIRST:
                header = layouts.read(text, seconds)
            if header is not None:
                begun = Raw(header.moments, header.millisecond, header.level, header.message.split("\n"), 0, 0)
            elif begun is None and not doubts:
                begun = _timeless(layouts.text_of(text), current)
            if begun is not None:
                begun.offset, begun.line, begun.partial, begun.layouts = offset, number, partial, before
                if current is not None and current.headed and _needs_a_look(current, begun, header, doubts):
                    if doubts.arises(current, begun, header):
                        begun = header = None
                    elif doubts.fit(current, begun):
                        *finished, current = doubts.split(current)
                        yield from finished
                    else:
                        doubts.forget()
                if header is not None:
                    layouts.use(header)
                if begun is not None:
                    begun.layouts_after = layouts.state
            if begun is not None or current is None or _too_long_without_record(current):
                if current is not None:
                    current.end, current.end_line = offset, number - 1
                    if not current.headed and begun is not None:
                        current.moments, current.millisecond = begun.moments, begun.millisecond
                    yield current
                continues = current is not None
                current = begun or Raw(
                    None, 0, "INFO", [text], offset, number, partial=partial, headed=False, begins=not continues
                )
                current.size += len(text)
            elif partial and not keep_partial:
                end, end_line = offset, number - 1
                break
            else:
                _continue(current, layouts.text_of(text))
                current.partial = partial
                current.size += len(text)
                if doubts and doubts.believed():
                    *finished, current = doubts.split(current)
                    yield from finished
            if cut and index in cut:
                current.cut += cut[index]
    if current is not None:
        current.end, current.end_line, current.tail = end, end_line, True
        yield current


def _needs_a_look(current: Raw, begun: Raw, header: Header | None, doubts: Doubts) -> bool:
    """Most lines stand behind a line of their own kind and are not earlier: nothing to doubt."""
    if header is not None or doubts or current.count > 1 or current.moments is None or begun.moments is None:
        return True
    return (
        begun.moments[0] <= current.moments[0]
        and begun.millisecond < current.millisecond
        or begun.moments[0] < current.moments[0]
    )


def _too_long_without_record(current: Raw) -> bool:
    return not current.headed and (current.count >= HEADLESS_LINES or current.size >= RECORD_LIMIT)


def _timeless(text: str, current: Raw | None) -> Raw | None:
    if text[:1] in _TIMELESS_FIRST and current is not None and current.headed and (found := _TIMELESS.match(text)):
        return None if _expects_more(current) else Raw(None, 0, found[1], [found[3]], 0, 0)
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

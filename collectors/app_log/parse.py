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
from functools import lru_cache

from collectors.app_log.clock import LocalSeconds
from collectors.app_log.doubts import Doubts
from collectors.app_log.headers import Header
from collectors.app_log.layouts import Layouts
from collectors.app_log.prefixes import without_escapes
from collectors.app_log.raw import RECORD_LIMIT, Raw
from collectors.app_log.templates import OTHER, UNFINISHED_UNTIL, may_be_known, recognise, unfinished
from collectors.tailing.blocks import Block

_MILLISECONDS = {f"{number:03d}": number for number in range(1000)}
_LEVELS = frozenset(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
_TIMELESS = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.]+):(.*)", re.DOTALL)
HEADLESS_LINES = 10_000
"""So many lines without a record are set aside together, and are not read again."""
_TIMELESS_FIRST = ("D", "I", "W", "E", "C")
_NEVER_FIRST = " \t}])\"'"
"""No layout begins with one of these."""
SHORT = 500
"""Characters of a line that is worth remembering: logs repeat most of theirs, the answers of one service above all."""


@dataclass(slots=True)
class Recognised:
    """What a record's text means. `own_lines` of its lines are its own text, the rest was printed in between.

    Equal records share it.
    """

    event: str
    values: Mapping[str, str] = field(default_factory=dict)
    own_lines: int = 0
    whole: bool = True
    """False while its text can't be all there."""
    stored: str | None = None
    """The record's text as it is stored, without secrets, where it is one line and somebody has asked before."""


def records(
    blocks: Iterable[Block], seconds: LocalSeconds, *, keep_partial: bool, layouts: Layouts | None = None
) -> Iterator[Raw]:
    """Cut lines into records; the last one is marked `tail`. Memory stays bounded however long one is.

    `keep_partial`: whether a last line without line end is used or left for later. `layouts`, those the log is known to
    have, are brought up to date.
    """
    cutter = _Cutter(layouts if layouts is not None else Layouts(), seconds)
    done, add = cutter.done, cutter.add
    end = end_line = 0
    for block in blocks:
        end, end_line = block.end, block.end_line
        whole = len(block.lines) - block.partial
        cut = {block.offsets[index]: size for index, size in block.cut.items()}
        for text, offset, number in zip(block.lines[:whole], block.offsets, block.numbers, strict=False):
            ended = add(text, offset, number)
            if cut:
                cutter.lose(cut.get(offset, 0))
            if ended is not None:
                yield ended
            elif done:
                yield from done
                done.clear()
        if block.partial:
            text, offset, number = block.lines[whole], block.offsets[whole], block.numbers[whole]
            if cutter.add_partial(text, offset, number, keep=keep_partial):
                cutter.lose(cut.get(offset, 0))
            else:
                end, end_line = offset, number - 1
            yield from done
            done.clear()
    if (current := cutter.current) is not None:
        current.end, current.end_line, current.tail = end, end_line, True
        yield current


class _Cutter:
    """Takes lines one by one; records that have ended are given back or in `done`."""

    def __init__(self, layouts: Layouts, seconds: LocalSeconds) -> None:
        self._layouts, self._seconds, self._doubts = layouts, seconds, Doubts(layouts)
        self.current: Raw | None = None
        self.done: list[Raw] = []

    def add_partial(self, text: str, offset: int, number: int, *, keep: bool) -> bool:
        """The last line, which has no end yet. False when that must be waited for."""
        before = self.current
        lines = before.count if before is not None else 0
        state = self._layouts.state
        if (ended := self.add(text, offset, number)) is not None:
            self.done.append(ended)
        current = self.current
        assert current is not None
        if current is not before or keep:
            current.partial = True
        else:
            current.lines, current.count = current.lines[: len(current.lines) - (current.count - lines)], lines
            current.size -= len(text)
            self._layouts.restore(state)
            return False
        return True

    def add(self, text: str, offset: int, number: int) -> Raw | None:
        """The line at that byte, the `number`th. Gives back the record that it ended, where there is but that one."""
        if "\x1b" in text:
            text = without_escapes(text)
        layouts = self._layouts
        if layouts.standard and text[19:20] == "," and text[23:26] == " - ":
            # Most logs are of nothing else, and its parts have fixed places: several times as fast as a regular expression.
            end = text.find(" - ", 26)
            level, message = text[26:end], text[end + 3 :]
            moments, millisecond = self._seconds(text[:19]), _MILLISECONDS.get(text[20:23])
            certain = end > 0 and level in _LEVELS and (" - " not in message or may_be_known(message))
            if certain and moments is not None and millisecond is not None:
                begun = Raw(moments, millisecond, level, [message], offset, number, len(text))
                begun.layouts = layouts.unchanged
                current = self.current
                before = current.moments if current is not None and current.count == 1 and current.headed else None
                if (
                    current is not None
                    and before is not None
                    and before[0] + current.millisecond <= moments[0] + millisecond
                    and not self._doubts.pending
                ):  # most records stand behind one line of their own kind and are not earlier
                    current.end, current.end_line = offset, number - 1
                    self.current = begun
                    return current
                self._place(begun, None, text)
                return None
        self._add_other(text, offset, number)
        return None

    def lose(self, size: int) -> None:
        """So many bytes of the line that was added last were cut off."""
        if self.current is not None:
            self.current.cut += size

    def _add_other(self, text: str, offset: int, number: int) -> None:
        if "#033[" in text or "^[[" in text:  # as syslog and editors spell colours
            text = without_escapes(text)
        layouts, current = self._layouts, self.current
        header = layouts.read(text, self._seconds) if text and text[0] not in _NEVER_FIRST else None
        if header is not None:
            lines = header.message.split("\n")
            begun = Raw(header.moments, header.millisecond, header.level, lines, offset, number, len(text))
            self._place(begun, header, text)
        elif (timeless := self._timeless(layouts.text_of(text), offset, number)) is not None:
            self._place(timeless, None, text)
        elif current is None or _too_long_without_record(current):
            self._begin(_headless(text, offset, number))
        else:
            self._continue(current, text)

    def _place(self, begun: Raw, header: Header | None, text: str) -> None:
        """A record begins, if the line is not in doubt."""
        current = self.current
        if current is not None and current.headed:
            if self._doubts.arises(current, begun, header):
                self._continue(current, text)
                return
            if self._doubts.fit(current, begun):
                self._split(current)
            self._doubts.forget()
        before = self._layouts.state
        if header is not None:
            self._layouts.use(header)
        begun.layouts = (before, self._layouts.state)
        self._begin(begun)

    def _begin(self, begun: Raw) -> None:
        if (current := self.current) is not None:
            if not current.headed and begun.headed:
                current.moments, current.millisecond = begun.moments, begun.millisecond
            self._end(current, begun.offset, begun.line)
        self.current = begun

    def _end(self, current: Raw, offset: int, number: int) -> None:
        current.end, current.end_line = offset, number - 1
        self.done.append(current)

    def _split(self, current: Raw) -> None:
        *finished, self.current = self._doubts.split(current)
        self.done += finished

    def _continue(self, current: Raw, text: str) -> None:
        current.count += 1
        if current.size < RECORD_LIMIT:
            current.lines.append(self._layouts.text_of(text))
        else:
            current.cut += len(text)
        current.size += len(text)
        if self._doubts and self._doubts.believed():
            self._split(current)

    def _timeless(self, text: str, offset: int, number: int) -> Raw | None:
        current = self.current
        if text[:1] not in _TIMELESS_FIRST or current is None or not current.headed or self._doubts:
            return None
        found = _TIMELESS.match(text)
        if found is None or not recognised(current.lines).whole:
            return None
        return Raw(None, 0, found[1], [found[3]], offset, number, len(text))


def _headless(text: str, offset: int, number: int) -> Raw:
    """Text before the first record."""
    raw = Raw(None, 0, "INFO", [text], offset, number, len(text))
    raw.headed = False
    return raw


def _too_long_without_record(current: Raw) -> bool:
    return not current.headed and (current.count >= HEADLESS_LINES or current.size >= RECORD_LIMIT)


def recognised(lines: list[str]) -> Recognised:
    """What a record of these lines is."""
    return _of_line(lines[0]) if len(lines) == 1 and len(lines[0]) <= SHORT else _recognised(lines)


@lru_cache(maxsize=512)
def _of_line(line: str) -> Recognised:
    return _recognised([line])


def _recognised(lines: list[str]) -> Recognised:
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

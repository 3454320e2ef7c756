"""Bytes to lines, about a megabyte at a time, the same whether a log is read at once or piece by piece as it grows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

import numpy as np

from collectors.tailing import encodings
from collectors.tailing.blocks import Block, Place
from collectors.tailing.encodings import CODE_PAGE, EIGHT_BIT, LINE_FEED, MARK, RETURN, decoded, decoded_beginning

LINE_LIMIT = 1 << 20
"""Bytes, an even number; longer lines are cut here, so that memory stays bounded."""

Ending = Literal["feed", "return", "break"]
"""How a line ends: as lines do, with a carriage return alone, or where a hole or another encoding begins."""

_UTF8_MARK = MARK.encode()
_FEED = ord("\n")
_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
"""A carriage return at the very end may be half a line end."""


class Splitter:
    """Feed it the bytes of a file from `place` on, in order; `finish` gives a last line that has no end yet."""

    def __init__(self, place: Place, line_limit: int = LINE_LIMIT, code_page: str = CODE_PAGE) -> None:
        self._encoding, self._line, self._returns = place.encoding, place.line, place.returns
        self._changes = [(place.offset, place.encoding, place.returns)]
        self._limit, self._code_page = line_limit, code_page
        self._data = b""
        self._offset = place.offset
        """The byte of the file that `_data` begins at."""
        self._at = 0
        """Where in `_data` the next line begins."""
        self._hole = False
        """Whether a hole ends there."""
        self._returned = False
        """Whether a carriage return ends there."""
        self._lines: list[tuple[str, int, int, int]] = []
        """Text, offset, number and cut bytes of lines for the next block."""
        self._long: tuple[int, bytes] | None = None
        """Offset and beginning of a line that is too long and goes on."""

    def place(self, offset: int, line: int) -> Place:
        """What was known where the line at `offset` begins, behind `line` line ends."""
        index = bisect_right(self._changes, offset, key=lambda change: change[0]) - 1
        del self._changes[: max(index, 0)]
        _, encoding, returns = self._changes[0]
        return Place(offset, line, encoding, returns)

    def end(self) -> Place:
        """Behind what was split so far."""
        return self.place(self._offset + self._at, self._line)

    def feed(self, chunk: bytes) -> Iterator[Block]:
        """The lines that end in it."""
        self._data, self._offset, self._at = self._data[self._at :] + chunk, self._offset + self._at, 0
        if self._long is None or self._end_long():
            yield from self._split(final=False)
        if len(self._data) - self._at > self._limit:
            self._begin_long()

    def finish(self) -> Iterator[Block]:
        """What is left."""
        if self._long is None:
            yield from self._split(final=True)
            rest = self._data[self._at :]
            text = rest.rstrip(b"\0") if self._encoding == EIGHT_BIT else rest[: len(rest) // 2 * 2]
            returned = self._returns and text.endswith(RETURN[self._encoding])
            self._add(text, len(self._data), "return" if returned else "break")
        else:
            returned = False
            self._add_long(len(self._data), len(self._data), "break")
        if self._lines:
            yield self._block(partial=not returned)

    def _split(self, *, final: bool) -> Iterator[Block]:
        goes_on = True
        while goes_on and self._at < len(self._data):
            if self._encoding == EIGHT_BIT:
                first = encodings.suspect(self._data, self._at)
                end = self._whole_lines(first)
                if end > self._at:
                    if self._lines:
                        yield self._block()
                    yield from self._plain(end)
                goes_on = first is not None and self._suspicious(first, final=final)
            else:
                goes_on = self._wide(final=final)
        if self._lines:
            yield self._block()

    def _add(self, raw: bytes, end: int, ending: Ending) -> None:
        """A line of these bytes; the next one begins at `end`."""
        number, offset = self._line + 1, self._offset + self._at
        cut = max(0, len(raw) - self._limit)
        if self._encoding == EIGHT_BIT:
            text = decoded_beginning(raw[: self._limit], self._code_page) if cut else decoded(raw, self._code_page)
        else:
            text = raw[: self._limit].decode(self._encoding, "replace")
        text = text.removeprefix(MARK).rstrip("\r")
        if text or (ending == "feed" and not self._returned):
            self._lines.append((text, offset, number, cut))
        self._pass(end, ending)

    def _pass(self, end: int, ending: Ending) -> None:
        if ending == "return" and not self._line and not self._returns and not self._line_feeds():
            self._returns = True
            self._note()
        self._line += ending == "feed" or (ending == "return" and self._returns)
        self._returned, self._hole, self._at = ending == "return", False, end

    def _line_feeds(self) -> bool:
        """Whether there is one in what was read ahead."""
        return (b"\n" if self._encoding == EIGHT_BIT else LINE_FEED[self._encoding]) in self._data[self._at :]

    def _become(self, encoding: str, *, final: bool) -> None:
        self._encoding = encoding
        if not final:
            self._note()

    def _note(self) -> None:
        self._changes.append((self._offset + self._at, self._encoding, self._returns))

    def _block(self, *, partial: bool = False) -> Block:
        lines, self._lines = self._lines, []
        texts, offsets, numbers, cuts = (list(column) for column in zip(*lines, strict=True))
        cut = {index: size for index, size in enumerate(cuts) if size}
        return Block(texts, offsets, numbers, self._offset + self._at, self._line, cut, partial)

    # 8-bit text

    def _whole_lines(self, suspect: re.Match[bytes] | None) -> int:
        """Behind the last line end before it. A carriage return before a NUL or the end may be half of something else."""
        data, at = self._data, self._at
        stop = len(data) if suspect is None else suspect.start()
        unsure = suspect is None or not data[stop]
        return max(data.rfind(b"\n", at, stop), data.rfind(b"\r", at, max(at, stop - unsure)), at - 1) + 1

    def _plain(self, end: int) -> Iterator[Block]:
        """The lines up to there, all at once."""
        data, offset, line = self._data[self._at : end], self._offset + self._at, self._line
        returns = b"\r" in data and data.count(b"\r") > data.count(b"\r\n")
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _FEED) + 1
        if returns or self._returned or (len(data) > self._limit and np.diff(ends, prepend=0).max() > self._limit):
            for each in data.splitlines(keepends=True):
                text = each.rstrip(b"\r\n")
                self._add(text, self._at + len(each), "feed" if each.endswith(b"\n") else "return")
            return
        self._line, self._at, self._hole = line + len(ends), end, False
        offsets = [offset, *(ends[:-1] + offset).tolist()]
        yield Block(
            _texts(data, self._code_page), offsets, range(line + 1, self._line + 1), offset + len(data), self._line
        )

    def _suspicious(self, first: re.Match[bytes], *, final: bool) -> bool:
        """What follows in the line that has bytes unknown to 8-bit text. False: more bytes are needed."""
        data, at = self._data, self._at
        found = encodings.in_line(data, at, first, hole=self._hole, offset=self._offset, final=final)
        if found is None:
            end = _END.search(data, at)
            if end is not None:
                self._add(data[at : end.start()], end.end(), "feed" if end[0].endswith(b"\n") else "return")
            return end is not None
        if found.what == "undecided":
            return False
        if found.what == "utf-16":
            self._add(data[at : found.at].strip(b"\0"), found.at, "break")
            self._become(found.encoding, final=final)
        elif found.at > at:
            self._add(data[at : found.at], found.at, "break")
        else:
            # The last NUL of the hole may be half of a UTF-16 character.
            behind = first.end() - (first.end() > at + 1)
            self._at, self._hole = behind, True
            return first.end() < len(data)
        return True

    # UTF-16

    def _wide(self, *, final: bool) -> bool:
        """The next line. False: more bytes are needed."""
        data, at = self._data, self._at
        encoding = encodings.after_utf16(data, at, self._encoding, final=final)
        if encoding is None:
            return False
        if encoding != self._encoding:
            self._become(encoding, final=final)
            return True
        text_end, end, ending = self._wide_end()
        broken = encodings.interruption(data, at, text_end)
        if broken is not None:
            self._add(data[at:broken], broken, "break")
            self._become(EIGHT_BIT, final=final)
        elif ending is None:
            return False
        else:
            self._add(data[at:text_end], end, ending)
        return True

    def _wide_end(self) -> tuple[int, int, Ending | None]:
        """Where the UTF-16 line's text and where its end ends."""
        data, at, size = self._data, self._at, len(self._data)
        feed = encodings.unit(data, LINE_FEED[self._encoding], at, size)
        returned = encodings.unit(data, RETURN[self._encoding], at, size if feed < 0 else feed)
        if feed >= 0 and returned in (-1, feed - 2):
            return feed, feed + 2, "feed"
        if 0 <= returned <= size - 4:
            return returned, returned + 2, "return"
        return size, size, None

    # Lines that are too long

    def _begin_long(self) -> None:
        self._long = self._offset + self._at, self._data[self._at : self._at + self._limit]
        self._at += self._limit
        self._end_long()

    def _end_long(self) -> bool:
        """Whether the line that is too long ends in what was read; if not, of that only the last bytes are kept."""
        data, at = self._data, self._at
        if self._encoding == EIGHT_BIT:
            found = _END.search(data, at)
            text_end, end = found.span() if found else (-1, 0)
            ending: Ending | None = None if found is None else "feed" if data[end - 1 : end] == b"\n" else "return"
        else:
            text_end, end, ending = self._wide_end()
        if ending is None:
            self._at = max(at, at + (len(data) - at - 2) // 2 * 2)
            return False
        self._add_long(text_end, end, ending)
        return True

    def _add_long(self, text_end: int, end: int, ending: Ending) -> None:
        assert self._long is not None
        (offset, beginning), self._long = self._long, None
        text = (
            decoded_beginning(beginning, self._code_page)
            if self._encoding == EIGHT_BIT
            else beginning.decode(self._encoding, "replace")
        )
        cut = self._offset + text_end - offset - len(beginning)
        self._lines.append((text.removeprefix(MARK), offset, self._line + 1, cut))
        self._pass(end, ending)


def _texts(data: bytes, code_page: str) -> list[str]:
    """The lines of `data`, which all end with a line feed, without their ends."""
    try:
        lines = (data.replace(b"\r\n", b"\n") if b"\r" in data else data).decode().split("\n")
    except UnicodeDecodeError:
        lines = [decoded(each.rstrip(b"\r\n"), code_page) for each in data.splitlines()]
    else:
        lines.pop()
    return [line.removeprefix(MARK) for line in lines] if _UTF8_MARK in data else lines

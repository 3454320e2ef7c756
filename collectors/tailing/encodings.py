"""Which encoding the bytes of a log are in, and where it changes. Pure.

A log is 8-bit text (UTF-8, else a code page) or UTF-16, and may change in the middle: PowerShell's `>>`
appends UTF-16 to whatever is there. Nothing is guessed from statistics, since a guess could turn out otherwise once
more of the file is there. Marks count, and NUL bytes: UTF-16 has one beside every Latin character and in every line end,
8-bit text has none. More NUL bytes in a row are a hole: a log that was emptied (`copytruncate`) under a writer that
does not append.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal

CODE_PAGE = "cp1252"
"""What 8-bit text is in that isn't UTF-8, where nobody says otherwise: Windows in the west of Europe and America."""
EIGHT_BIT, LITTLE, BIG = "utf-8", "utf-16-le", "utf-16-be"
LINE_FEED = {LITTLE: b"\n\0", BIG: b"\0\n"}
RETURN = {EIGHT_BIT: b"\r", LITTLE: b"\r\0", BIG: b"\0\r"}
MARK = "\ufeff"
_MARKS = {b"\xff\xfe": LITTLE, b"\xfe\xff": BIG}

_SUSPECT = re.compile(rb"\0+|\xff\xfe|\xfe\xff")
"""What 8-bit text does not contain."""
_EIGHT_BIT = re.compile(
    rb"(?:[\t\n\r\x1b\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){1,16}"
)
_SURE_BYTES = 16
"""So many bytes of text without a NUL are 8-bit text; UTF-16 looks like it for a few characters, in Chinese say."""
_INTERRUPTION = re.compile(rb"[\t\x20-\x7e]{24}|\0{8}")
"""In UTF-16 text: a hole, or 8-bit text (twelve characters in a row that each consist of two printable ASCII bytes)."""
_LINE_END = re.compile(rb"\n|\r[^\0]|\r\0+[^\0]")
_DIGITS = re.compile(rb"(?:\d\0){4}")
HOLE_BYTES = 8
"""So many NUL bytes in the middle of a line are a hole; fewer are part of its text."""


@dataclass(frozen=True)
class Found:
    """What was found at byte `at` of 8-bit text: the end of a line in a hole, or where UTF-16 begins."""

    what: Literal["hole", "utf-16", "undecided"]
    at: int
    encoding: str = EIGHT_BIT


def decoded(line: bytes, code_page: str = CODE_PAGE) -> str:
    """UTF-8, else the code page; bytes undefined there are shown as U+FFFD."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode(code_page, "replace")


def decoded_beginning(line: bytes, code_page: str = CODE_PAGE) -> str:
    """As `decoded`, of a line that was cut, perhaps inside a character."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return decoded(line, code_page)


def suspect(data: bytes, begin: int) -> re.Match[bytes] | None:
    """The first bytes that are not 8-bit text."""
    if data.find(0, begin) < 0 and data.find(b"\xff\xfe", begin) < 0 and data.find(b"\xfe\xff", begin) < 0:
        return None
    return _SUSPECT.search(data, begin)


def in_line(data: bytes, begin: int, first: re.Match[bytes], *, hole: bool, offset: int, final: bool) -> Found | None:
    """What the NUL bytes and marks of the 8-bit line that begins at `begin` mean; None: they are part of its text.

    `hole`: whether it begins behind a hole; then UTF-16 is aligned to the file, whose byte `offset` is `data[0]`.
    `final`: no more bytes are there.
    """
    found: re.Match[bytes] | None = first
    while found is not None:
        meaning = _meaning(data, begin, found, hole=hole, offset=offset, final=final)
        if meaning is not None:
            return meaning
        before, found = max(begin, found.start() - 1), _SUSPECT.search(data, found.end())
        if found is not None and _LINE_END.search(data, before, found.start() + 1):
            return None
    return None


def _meaning(data: bytes, begin: int, found: re.Match[bytes], *, hole: bool, offset: int, final: bool) -> Found | None:
    at, end = found.span()
    known = len(data) - at
    if data[at]:  # a mark
        encoding = _MARKS[found[0]]
        if at == begin or data[at + 3 - (encoding == BIG) : at + 4 - (encoding == BIG)] == b"\0":
            return Found("utf-16", at, encoding)
        return Found("undecided", at) if known < 4 and not final else None
    if end - at >= HOLE_BYTES or (at == begin and end - at > 1):
        return Found("hole", at)
    if (known < 5 or end == len(data)) and not final:
        return Found("undecided", at)
    alternates = end - at == 1 and data[at + 2 : at + 3] == b"\0" and data[at + 3 : at + 4] != b"\0"
    if at == begin:
        if not alternates:
            return Found("hole", at)
        little = hole and (offset + at + 1) % 2 == 0
        return Found("utf-16", at + little, LITTLE if little else BIG)
    if not alternates:
        return None
    if at - 1 == begin or _DIGITS.match(data, at - 1) or not _DIGITS.match(data, at + 1):
        return Found("utf-16", at - 1, LITTLE)
    return Found("utf-16", at, BIG)


def after_utf16(data: bytes, begin: int, encoding: str, *, final: bool) -> str | None:
    """The encoding of the line that begins at `begin`, behind one in UTF-16; None: not decided yet."""
    head = data[begin : begin + _SURE_BYTES]
    if other := _MARKS.get(head[:2]):
        return other
    if head.startswith(LINE_FEED[encoding]):
        return encoding
    if head.startswith((b"\0\0", b"\xef\xbb\xbf")):
        return EIGHT_BIT
    if b"\0" not in head:
        if len(head) < _SURE_BYTES and not final:
            return None
        text = _EIGHT_BIT.match(data, begin)
        return EIGHT_BIT if text is not None and text.end() >= begin + len(head) else encoding
    if len(head) < 4 and not final:
        return None
    nul = tuple(byte == 0 for byte in head[:4])
    if nul == ((True, False, True, False) if encoding == LITTLE else (False, True, False, True)):
        return BIG if encoding == LITTLE else LITTLE
    return encoding


def interruption(data: bytes, begin: int, end: int) -> int | None:
    """Where the UTF-16 text that begins at `begin` breaks off before `end`, without a line end."""
    found = _INTERRUPTION.search(data, begin, end)
    return None if found is None else found.start() + (found.start() - begin) % 2


def unit(data: bytes, wanted: bytes, begin: int, end: int) -> int:
    """The first place of a UTF-16 unit, -1 when it is not there."""
    at = data.find(wanted, begin, end)
    while at >= 0 and (at - begin) % 2:
        at = data.find(wanted, at + 1, end)
    return at

"""Texts that may hold anything, made fit for one line, a length, or an escape."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""They make a text read differently from what it is."""
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Ends of lines, control characters, halves of characters."""
MORE = "…"


def one_line(text: str, most: int = 10_000) -> str:
    """Without line ends, control characters and halves of characters; cut to `most`."""
    begin = text[: 4 * most]  # what is far too long is not looked at in whole
    return cut(" ".join(_BREAKING.sub(" ", _TURNING.sub("", begin)).split()), most)


def length(text: str) -> int:
    """As most services count: characters beyond the first 65,536 are two."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, most: int) -> str:
    """At most so long, with … for what is left out."""
    if length(text) <= most:
        return text
    kept, size = [], length(MORE)
    for character in text:
        size += length(character)
        if size > most:
            break
        kept.append(character)
    return "".join(kept).rstrip() + MORE


def cut_bytes(text: str, most: int) -> str:
    """At most so many bytes of UTF-8."""
    if len(text.encode()) <= most:
        return text
    kept = text.encode()[: most - len(MORE.encode())].decode(errors="ignore")
    return kept.rstrip() + MORE


def escaped(text: str, escape: Callable[[str], str], most: int) -> str:
    """`escape(text)`, at most so long: cut before it is escaped, so that no escape is cut in two."""
    room = most
    while length(made := escape(cut(text, room))) > most:
        room -= max(1, (length(made) - most) // 6)
    return made


def quietly(text: str) -> str:
    """No @name calls anybody: an invisible space stands behind each @ that begins a word."""
    parts = text.split("@")
    return "".join(
        part if not number else ("@" if parts[number - 1][-1:].isalnum() else "@\u200b") + part
        for number, part in enumerate(parts)
    )


def digest(text: str) -> str:
    """Always the same for the same text: 32 letters and digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

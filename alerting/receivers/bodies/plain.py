"""Texts that may hold anything, made fit for one line, a length, or an escape."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They make a text read differently from what it is."""
MORE = "…"


def one_line(text: str, most: int = 10_000) -> str:
    """Without line ends, control characters and halves of characters; cut to `most`."""
    kept = (" " if _breaks(each) else each for each in text if each not in _TURNING)
    return cut(" ".join("".join(kept).split()), most)


def _breaks(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


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

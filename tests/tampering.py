"""Signed texts changed for certain: base64 leaves bits of its last character unused, so another letter there may mean the same."""

from __future__ import annotations

# The first sixteen letters of base64 differ from "w" in the two highest bits, which every place of a text uses.
_LOW = frozenset("ABCDEFGHIJKLMNOP")


def tampered(text: str, place: int) -> str:
    """The text with another character at this place, of another value whatever stood there."""
    place %= len(text)
    return f"{text[:place]}{'w' if text[place] in _LOW else 'A'}{text[place + 1 :]}"

"""Searching texts for any of many words, case ignored, where no database does it.

Each place of a text is looked up in an index of how the words begin: ten thousand words take little longer than ten.
"""

from __future__ import annotations

from collections.abc import Iterable

_HEAD = 4
"""Characters of a word by which it is looked for first."""
_FEW = 8
"""So many words are each searched for quicker."""


class TextSearch:
    """`words` must not be empty texts."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = set(map(lowered, words))
        self._few = len(self._words) <= _FEW
        self._lengths: dict[int, dict[str, set[int]]] = {}
        """By size of the head, then by head: how long the words are that begin like that."""
        for word in self._words:
            head = word[:_HEAD]
            self._lengths.setdefault(len(head), {}).setdefault(head, set()).add(len(word))

    def finds(self, text: str) -> bool:
        """Whether the text holds one of the words."""
        text = lowered(text)
        if self._few:
            return any(word in text for word in self._words)
        for size, heads in self._lengths.items():
            for place in range(len(text) - size + 1):
                lengths = heads.get(text[place : place + size])
                if lengths is not None and any(text[place : place + length] in self._words for length in lengths):
                    return True
        return False


def lowered(text: str) -> str:
    """In small letters, each character by itself as databases do it: a Σ is a σ also at the end of a word."""
    if "\N{GREEK CAPITAL LETTER SIGMA}" in text or "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" in text:
        return "".join(character.lower()[0] for character in text)
    return text.lower()

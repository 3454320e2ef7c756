"""Tables and code words of markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def code(word: str) -> str:
    return f"`{word}`" if word else ""


def codes(words: Iterable[str]) -> str:
    return ", ".join(code(word) for word in words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

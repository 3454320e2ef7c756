"""What users read is plain English: words that were retired stay out of it.

Looked at are the texts of the product's code (not its docstrings and comments), which become pages, errors and reference pages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("metricstore", "collectors", "alerting", "briefing", "layouts", "questions", "viewer", "callbacks", "dashapp")
RETIRED = {
    r"\b(?:tells?|told|untold)\b": "say what it does: reports, says, names, distinguishes, is shown",
    r"(?<!there )\b(?:is|are|was|were) no (?!longer\b|more\b)": "isn't a …, isn't …",
    r"\bnot asked again\b|\basked again in\b": "retrying in …",
}
KEPT = {
    "collectors/engagement/rows.py": "no link or text tells it",  # what rejected rows are known by since versions before
    "collectors/engagement/sources.py": " is no ",  # the same
}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of everything between quotes that has a blank in it, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in plain
            and " " in node.value
        ):
            yield node.lineno, node.value


@pytest.mark.parametrize("room", ROOMS)
def test_retired_words_stay_out_of_what_users_read(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.strip()!r} ({advice})"
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, text in texts(path)
        for pattern, advice in RETIRED.items()
        if re.search(pattern, text, re.IGNORECASE) and KEPT.get(str(path.relative_to(ROOT)), "\0") not in text
    ]
    assert found == []

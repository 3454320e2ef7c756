"""What users read is plain English: words that were retired stay out of it.

Looked at are the texts of the product's code (not its docstrings and comments), which become pages, errors and reference pages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
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


COUNTED = re.compile(
    r" (?:accounts|administrators|backups|calls|channels|collectors|copies|entries|files|followers|goals|groups|hours|items|lines"
    r"|logins|messages|minutes|organisations|places|points|posts|records|rows|rules|sources|tokens|users|warnings|windows)\b(?!=)"
)
SEVERAL = {  # places that are never reached with one
    "alerting/checking.py", "collectors/calendars/containers.py", "collectors/demo/service.py",
    "collectors/engagement/workbook.py", "dashapp/alerts/course_picture.py", "dashapp/alerts/delivering.py",
    "dashapp/api/metrics.py", "dashapp/downloads/formats/model.py", "dashapp/downloads/verify/verdict.py", "dashapp/embeds/doctor.py",
    "layouts/freshness.py", "layouts/panel.py", "metricstore/window_edges.py",
}  # fmt: skip


def plurals(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text where a number that is put in stands before a plural; constants (in capitals) are what they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, text in pairwise(node.values):
            if not (isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant)):
                continue
            names = [one.id for one in ast.walk(value) if isinstance(one, ast.Name)]
            constant = bool(names) and all(name.lstrip("_").isupper() for name in names)
            named = re.search(r"\b(?:name|source|what)$", ast.unparse(value.value))
            if COUNTED.match(str(text.value)) and not (constant or named):
                yield text.lineno, ast.unparse(node)


@pytest.mark.parametrize("room", ROOMS)
def test_one_of_a_kind_is_not_several(room: str) -> None:
    """`1 points` reads as a mistake: metricstore/quantities.py knows the form that a number asks for."""
    assert [
        f"{path.relative_to(ROOT)}:{line}: {text} (use quantity)"
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, text in plurals(path)
        if str(path.relative_to(ROOT)) not in SEVERAL
    ] == []


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

"""The words exports use in other languages than English: columns, sums, empty cells. Declared in `languages.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from collectors.accents import without_accents

Order = Literal["day", "month"]
"""Which comes first in 03/04/2026."""

_DECLARED = Path(__file__).with_name("languages.toml")
_FEWEST_WORDS = 2
"""How many columns show a header's language, where none of them is a date and they are not half of it."""
_IN_BRACKETS = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]{1,60})[)\]]\s*", re.S)
_DATED = frozenset(("date", "time", "timestamp", "created", "published", "posted", "sent"))
"""Words in the names of columns that hold days and times."""
_NEUTRAL = frozenset(
    ("", "count", "number", "no", "anzahl", "nombre", "numero", "aantal", "in", "percent", "in percent", "prozent")
)
"""What says no more of a figure than that it is one."""
_SCALE = re.compile(
    r"(?:(?:in|en|em) )?(?:k|m|thousands?|millions?|['’]?000s?|tsd\.?|tausend|mio\.?|milliers|miles|mil|migliaia|duizend(?:en)?)",
    re.I,
)


@dataclass(frozen=True)
class Language:
    code: str
    columns: Mapping[str, str]
    """Plain name of a column → its plain English name."""
    totals: frozenset[str]
    absent: frozenset[str]
    order: Order | None
    """None: people who write it don't agree."""


@dataclass(frozen=True)
class Header:
    """A row of column names, in plain English where they are known."""

    names: tuple[str, ...]
    language: Language
    said: Mapping[str, str] = field(default_factory=dict)
    """What stands in brackets behind the names of dates and times: a zone, or how they are written."""
    scaled: tuple[str, ...] = ()
    """Headings that say their figures are in thousands, say: those are not read."""


def plain_name(column: object) -> str:
    """`Engagement_Rate` and ` engagement rate (%)` are one: lower case words without accents."""
    return " ".join(re.findall(r"[^\W_]+", without_accents(str(column))))


def header_of(cells: Sequence[object]) -> Header:
    """The cells as column names, read in the language that knows most of them.

    One word that another language shares with English does not make the header one of that language.
    """
    parts = [_parted(cell) if isinstance(cell, str) else ("", "", "") for cell in cells]
    given = {name for whole, bare, _ in parts for name in (whole, bare) if name}
    width = sum(bool(whole) for whole, _, _ in parts)
    best = max(languages(), key=lambda one: len(given & one.columns.keys()))
    known = {best.columns[name] for name in given & best.columns.keys()}
    dated = any(word in ("date", "time") for name in known for word in name.split())
    if not dated and len(known) < min(_FEWEST_WORDS, width / 2):
        best = languages()[0]
    names: list[str] = []
    said: dict[str, str] = {}
    scaled: list[str] = []
    for cell, (whole, bare, inside) in zip(cells, parts, strict=True):
        name, english = best.columns.get(whole, whole), best.columns.get(bare, bare)
        if inside and whole not in best.columns:
            if not _DATED.isdisjoint(english.split()):
                name = english
                said.setdefault(name, inside)
            elif plain_name(inside) in _NEUTRAL:
                name = english
            elif _SCALE.fullmatch(inside.strip()):
                scaled.append(str(cell))
        names.append(name)
    return Header(tuple(names), best, said, tuple(scaled))


def _parted(cell: str) -> tuple[str, str, str]:
    """A heading's plain name, its plain name without what stands in brackets at its end, and that."""
    match = _IN_BRACKETS.fullmatch(cell) if cell.rstrip()[-1:] in (")", "]") else None
    whole = plain_name(cell)
    return (whole, plain_name(match[1]), match[2]) if match else (whole, whole, "")


@cache
def languages() -> tuple[Language, ...]:
    declared = tomllib.loads(_DECLARED.read_text(encoding="utf-8"))
    return tuple(_language(code, words) for code, words in declared.items())


@cache
def total_words() -> frozenset[str]:
    """Plain words that begin a row of sums."""
    return frozenset().union(*(language.totals for language in languages()))


@cache
def absent_words() -> frozenset[str]:
    """What a cell says that holds nothing, in lower case without blanks."""
    return frozenset().union(*(language.absent for language in languages()))


def _language(code: str, words: Mapping[str, object]) -> Language:
    columns = {
        plain_name(name): english
        for english, names in words["columns"].items()  # type: ignore[attr-defined]
        for name in names
        if plain_name(name) != english  # the same word in English says nothing of the language
    }
    totals = frozenset(map(plain_name, words["totals"]))  # type: ignore[call-overload]
    absent = frozenset("".join(str(word).lower().split()) for word in words["absent"])  # type: ignore[attr-defined]
    return Language(code, columns, totals, absent, words.get("order"))  # type: ignore[arg-type]

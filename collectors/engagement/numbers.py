"""Figures as people, platforms and spreadsheets write them. Pure."""

from __future__ import annotations

import re

from collectors.engagement.languages import absent_words

_GROUPED = re.compile(r"\+?\d{1,3}(?:[.,]\d{3})+(?:[.,]0+)?|\+?\d{1,2}(?:,\d{2})+,\d{3}")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_SPACES = re.compile(r"[\s'’]")
_NOTHING = frozenset(("", "-", "--", "–", "—", "?"))
_FAULTS = re.compile(
    r"#(?:div/0!|n/a|n/v|nv|wert!|value!|valeur!|valor!|valore!|waarde!|ref!|bezug!|name\?|num!|null!)|#+", re.I
)
"""What spreadsheets put where a formula failed or a column is too narrow."""
_LARGEST = 2**63 - 1
_SURELY_FITS = 18
_MOST_DIGITS = 40


def count(cell: object) -> int | None:
    """A whole number: `1,234`, `1.234`, `1 234`, `12.0`; None when nothing is given; ValueError when it isn't a count."""
    if isinstance(cell, str) and cell.isascii() and cell.isdecimal() and len(cell) < _SURELY_FITS:
        return int(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _whole(cell, cell)
    text = _bare(cell)
    if text is None:
        return None
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[.,](?=\d{2,3})", "", text)
    if not _PLAIN.fullmatch(text) or len(text) > _MOST_DIGITS:
        raise ValueError(f"{_shown(cell)} isn't a number")
    return _whole(int(text) if text.lstrip("+-").isdecimal() else float(text.replace(",", ".")), cell)


def _whole(value: float, cell: object) -> int:
    if value != value or value < 0 or (isinstance(value, float) and value != value // 1):
        raise ValueError(f"{_shown(cell)} isn't a count")
    if value > _LARGEST:
        raise ValueError(f"{_shown(cell)} is too large")
    return int(value)


def percent(cell: object, scale: float = 1.0) -> float | None:
    """A rate in percent: `5.40%`, `5,4 %`, `5.4`; None when nothing is given; ValueError when it isn't a rate.

    `scale`: what a number without a percent sign is multiplied by to be percent.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell) * scale
    text = _bare(cell)
    if text is None:
        return None
    bare = text.removesuffix("%")
    if bare != text:
        scale = 1.0
    if "," in bare and "." in bare:
        mark = max(",", ".", key=bare.rfind)
        bare = bare.replace("." if mark == "," else ",", "")
    if not _PLAIN.fullmatch(bare) or len(bare) > _MOST_DIGITS:
        raise ValueError(f"{_shown(cell)} isn't a rate")
    return float(bare.replace(",", ".")) * scale


def is_count(cell: object) -> bool:
    """Whether a cell holds a whole number."""
    try:
        return count(cell) is not None
    except ValueError:
        return False


def _bare(cell: object) -> str | None:
    """A cell's signs without blanks; None for one that holds nothing, whatever it says instead."""
    if cell is None or isinstance(cell, bool):
        return None
    text = _SPACES.sub("", str(cell))
    if text in _NOTHING or text.lower() in absent_words() or _FAULTS.fullmatch(text):
        return None
    return text


def _shown(cell: object) -> str:
    text = repr(cell)
    return text if len(text) <= 60 else f"{text[:57]}…"

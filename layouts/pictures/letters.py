"""How wide a text is, without a font at hand: good to a few per cent for the fonts we name."""

from __future__ import annotations

from functools import lru_cache

_NARROW = frozenset("iljtfrI.,:;'|!()[]/ ")
_WIDE = frozenset("mwMW@%&—")


@lru_cache(maxsize=4096)
def width(text: str, size: float) -> float:
    """Pixels of a line of text in a sans-serif face of `size` pixels."""
    return sum(_share(letter) for letter in text) * size


def _share(letter: str) -> float:
    if letter in _NARROW:
        return 0.36
    if letter in _WIDE:
        return 0.95
    if ord(letter) >= 0x1100:  # ideographs, emoji
        return 1.1
    return 0.71 if letter.isupper() else 0.61


def fitted(text: str, size: float, most: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `most` pixels."""
    if width(text, size) <= most:
        return text
    kept = text
    while kept and width(kept + "…", size) > most:
        kept = kept[:-1]
    return kept.rstrip() + "…" if kept else ""


def lines(text: str, size: float, most: float, count: int = 2) -> list[str]:
    """The text in at most `count` lines, broken between words."""
    found: list[str] = []
    rest = text.split()
    while rest and len(found) < count:
        taken = [rest.pop(0)]
        while rest and width(" ".join([*taken, rest[0]]), size) <= most:
            taken.append(rest.pop(0))
        found.append(" ".join(taken))
    if rest and found:
        found[-1] = f"{found[-1]} {' '.join(rest)}"
    return [fitted(line, size, most) for line in found]

"""How wide a text is, without a font at hand: good to a few per cent for the fonts we name."""

from __future__ import annotations

from functools import lru_cache

from layouts.labels import parts, shortened

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
    """The text, shortened where it would be wider than `most` pixels; "" where there is no room at all."""
    if width(text, size) <= most:
        return text
    tries = (shortened(text, count) for count in range(len(text) - 1, 1, -1))
    return next((one for one in tries if width(one, size) <= most), "")


def lines(text: str, size: float, most: float, count: int = 2) -> list[str]:
    """The text in at most `count` lines, broken where it may be."""
    found: list[str] = []
    rest = parts(" ".join(text.split()))
    while rest and len(found) < count:
        taken = rest.pop(0)
        while rest and width((taken + rest[0]).rstrip(), size) <= most:
            taken += rest.pop(0)
        found.append(taken)
    if found:
        found[-1] += "".join(rest)
    return [fitted(line.rstrip(), size, most) for line in found]

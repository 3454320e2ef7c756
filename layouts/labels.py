"""Labels that have too little room: where they may be broken, and how they are shortened. `45-labels.js` does the same in browsers."""

from __future__ import annotations

import re

_ENDS = re.compile(r"(?<=\s)|(?<=[-_/:.@])(?=[^\d\s])|(?<=[A-Za-z][-_/:.@])(?=\d{4})")
_NUMBER = re.compile(r"\d\s$")
_PAIR = 6
"""Letters of a number with its unit that stay together: `7 days`."""
_SHORT = 8
"""Letters of which both ends would say nothing."""


def shortened(text: str, most: int = 34) -> str:
    """At most `most` letters; the whole text is in the hover. A name without blanks (a model, a host) is told by both of its ends, a
    sentence by how it begins."""
    if len(text) <= most:
        return text
    if " " in text or most < _SHORT:
        return text[: max(1, most - 1)].rstrip() + "…"
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[-end:]}"


def parts(text: str) -> list[str]:
    """What may stand on a line of its own: words, and the parts of a name behind its signs, but no part of a date or a number:
    `gpt-4o-`, `mini-`, `2024-07-18`."""
    found: list[str] = []
    for part in filter(str.strip, _ENDS.split(text)):
        if found and _NUMBER.search(found[-1]) and len((found[-1] + part).strip()) <= _PAIR:
            found[-1] += part
        else:
            found.append(part)
    return found

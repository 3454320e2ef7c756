"""Numbers of things in sentences: `1 point`, `1,234 points`."""

from __future__ import annotations

_IRREGULAR = {"people": "person", "children": "child", "series": "series", "species": "species", "news": "news",
              "movies": "movie", "cookies": "cookie"}  # fmt: skip
_ENDINGS = (("ss", "ss"), ("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("tuses", "tus"), ("ruses", "rus"),
            ("s", ""))  # fmt: skip
"""How plurals end and what their singular ends in instead, the first that fits."""


def singular(plural: str) -> str:
    """`retry` for `retries`, `loss` for `losses`, `wrong post` for `wrong posts`. What has no plural's ending stays, and so do signs of
    units (`ms`)."""
    rest, blank, word = plural.rpartition(" ")
    if word in _IRREGULAR:
        return f"{rest}{blank}{_IRREGULAR[word]}"
    if word.islower() and not set(word) & set("aeiouy"):
        return plural
    return next((plural.removesuffix(many) + one for many, one in _ENDINGS if word.endswith(many)), plural)


def quantity(count: int, plural: str) -> str:
    """The number and what is counted, in the form that the number asks for."""
    return f"{count:,} {singular(plural) if count == 1 else plural}"

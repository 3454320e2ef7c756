"""Numbers of things in sentences: `1 point`, `1,234 points`."""

from __future__ import annotations

_ENDINGS = (("ies", "y"), ("ches", "ch"), ("s", ""))
"""How plurals end and what their singular ends in instead, the first that fits."""


def singular(plural: str) -> str:
    """`retry` for `retries`, `batch` for `batches`, `wrong post` for `wrong posts`. What has no plural's ending stays."""
    return next((plural.removesuffix(many) + one for many, one in _ENDINGS if plural.endswith(many)), plural)


def quantity(count: int, plural: str) -> str:
    """The number and what is counted, in the form that the number asks for."""
    return f"{count:,} {singular(plural) if count == 1 else plural}"

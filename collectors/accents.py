"""Words compared whatever their case and accents. Pure."""

from __future__ import annotations

import unicodedata


def without_accents(text: str) -> str:
    """In lower case: `Août` and `AOUT` are one."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))

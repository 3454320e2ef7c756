"""Names of networks, however the observed system spells them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from metricstore.catalogue import PLATFORMS

_SPELLINGS = {"x": "twitter", "tweet": "twitter", "content": "linkedin", "insta": "instagram"}


def platform_named(word: Any) -> str | None:
    """The network a word stands for: `LinkedIn`, `X`, `outputs/content` (LinkedIn's calendar), `outputs/twitter`.

    A word that is none of them is kept (other networks exist); None for what is no word.
    """
    if not isinstance(word, str) or not word.strip():
        return None
    plain = word.strip().lower().replace("\\", "/")
    name = PurePosixPath(plain).name.removesuffix(".json").removesuffix("_calendar")
    return _SPELLINGS.get(name, name)[:64]


def platform_of_file(name: str) -> str | None:
    """The network a file's name mentions; `content_calendar.json` is LinkedIn's."""
    stem = PurePosixPath(name).name.lower()
    found = next((platform for platform in PLATFORMS if platform in stem), None)
    return found or ("linkedin" if stem.startswith("content_calendar") else None)

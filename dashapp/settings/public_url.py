"""The address people reach the dashboard by, and the path in it that everything is below."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

PATH = r"(/[A-Za-z0-9._~-]+)+"
"""A path that everything may be below."""
_OWN = frozenset({"account", "admin", "ai", "alerts", "annotations", "api", "assets", "download", "embed", "embeds", "goals", "login", "logout",
                  "share", "static"})  # fmt: skip
"""First parts of our own addresses that others follow."""


def is_own_path(path: str) -> bool:
    """Whether a sub path could be taken for one of our own addresses."""
    return path.split("/")[1:2] != [] and path.split("/")[1] in _OWN


def _public_url(text: str) -> str:
    found = urlsplit(text)
    if found.scheme not in ("http", "https"):
        return text  # refused as every other address without one
    if not found.netloc or found.query or found.fragment:
        raise ValueError("say an address such as https://example.org/numbers")
    path = found.path.rstrip("/")
    if path and not re.fullmatch(PATH, path):
        raise ValueError("its path may have letters, digits and . _ ~ - between slashes")
    if path and is_own_path(path):
        raise ValueError(f"its path must not begin with {'/'.join(path.split('/')[:2])}, which is the dashboard's own")
    return text


PublicUrl = Annotated[str, AfterValidator(_public_url)]

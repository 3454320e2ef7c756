"""Where a login may lead: only to our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_next(target: str | None, otherwise: str = "/") -> str:
    """`target` when it is a path of this site, else `otherwise`.

    Browsers read a backslash as a slash and drop tabs and line ends, so any of them is refused.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    if "\\" in target or any(ord(char) < 32 or ord(char) == 127 for char in target):
        return otherwise
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path.startswith(("/login", "/logout", "/_", "//")):
        return otherwise
    return target

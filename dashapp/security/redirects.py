"""Where a login may lead: only to our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from dashapp.addresses import root


def safe_next(target: str | None, otherwise: str = "/") -> str:
    """`target` when it is a path of this site, else `otherwise`.

    Browsers read a backslash as a slash and drop tabs and line ends, so any of them is refused.
    """
    below = root()
    otherwise = _below(otherwise, below)
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    if "\\" in target or any(ord(char) < 32 or ord(char) == 127 for char in target):
        return otherwise
    target = _below(target, below)
    parts = urlsplit(target[len(below) :])
    if parts.scheme or parts.netloc or parts.path.startswith(("/login", "/logout", "/_", "//")):
        return otherwise
    return target


def _below(target: str, path: str) -> str:
    """The target below the sub path, whoever wrote it knew of that or not; "" stays."""
    if not target or not path or target == path or target.startswith((f"{path}/", f"{path}?")):
        return target
    return path + target

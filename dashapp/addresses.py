"""Addresses of files that change with their content, so that browsers may keep what is behind them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import assets

ASSETS = Path(assets.__file__).resolve().parent
STATIC = Path(__file__).resolve().parent / "static"


@cache
def asset_href(name: str) -> str:
    """A file of `assets/`, which Dash serves."""
    return f"/assets/{name}?v={_digest(ASSETS / name)}"


@cache
def static_href(name: str) -> str:
    """A file of our own, for pages that come without Dash."""
    return f"/static/{name}?v={_digest(STATIC / name)}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

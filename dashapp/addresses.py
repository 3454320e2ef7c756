"""Addresses of our own pages and files: below the path that a reverse proxy serves us at, and from outside."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app, has_request_context, request

import assets

ASSETS = Path(assets.__file__).resolve().parent
STATIC = Path(__file__).resolve().parent / "static"


def root() -> str:
    """The path that everything is below, such as `/numbers`; "" where there is none, and outside of requests."""
    return request.script_root if has_request_context() else ""


def public_base() -> str:
    """Where readers reach us, without a slash at the end: as set, else as this request did."""
    public: str | None = current_app.extensions["settings"].public_url
    return (public or request.url_root).rstrip("/")


def public_origin() -> str:
    """Scheme and host of `public_base`."""
    found = urlsplit(public_base())
    return f"{found.scheme}://{found.netloc}"


def public_url() -> str:
    """This request's address for readers elsewhere."""
    query = request.query_string.decode("utf-8", "replace")
    return f"{public_base()}{request.path}" + (f"?{query}" if query else "")


def asset_href(name: str) -> str:
    """A file of `assets/`, which Dash serves. It changes with its content, so that browsers may keep it for ever."""
    return f"{root()}/assets/{name}?v={_digest(ASSETS / name)}"


def static_href(name: str) -> str:
    """A file of our own, for pages that come without Dash."""
    return f"{root()}/static/{name}?v={_digest(STATIC / name)}"


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

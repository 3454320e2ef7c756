"""The scripts of `assets/` as one file, and its style sheets as another: a page asks for two files instead of thirty."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

from dashapp.addresses import ASSETS, root

_KINDS = {"js": "text/javascript", "css": "text/css"}
_FIRST = {"js": (ASSETS / "vendor" / "regenerator-runtime-0.14.1.js",), "css": ()}
"""Dash's scripts expect it to be there: all that they need of the polyfill that the index page leaves out."""


_LATER = "40"
"""Style sheets from here on are of tables, paper and screens on a wall."""
_BESIDE = re.compile(r'url\("(?=[a-z])')
"""An address in a style sheet of a file that lies beside it."""


def init_app(app: Flask) -> None:
    """Their addresses lie beside the files that style sheets name by relative addresses."""
    for kind in _KINDS:
        app.add_url_rule(f"/assets/page.{kind}", f"page_files.{kind}", _view(kind), methods=["GET"])


def page_href(kind: str) -> str:
    """The address of the scripts (`js`) or style sheets (`css`). It changes with their content, so that browsers may keep it for ever."""
    return f"{root()}/assets/page.{kind}?v={_digest(_joined(_parts(kind)))}"


def first_styles() -> str:
    """The style sheets of what stands before the scripts have come, to be put into the page itself."""
    text = _joined(tuple(part for part in _parts("css") if part[0].name < _LATER)).decode()
    return _BESIDE.sub(rf'url("{root()}/assets/', text)


def first_script() -> str:
    """Runs before the first paint; within the page, since that waits for a script on its way."""
    return _joined(tuple((path, path.stat().st_mtime_ns) for path in (ASSETS / "early" / "theme.js",))).decode()


def first_script_hash() -> str:
    """By which the page's content security policy knows it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(first_script().encode()).digest()).decode()}'"


def _view(kind: str) -> Callable[[], Response]:
    def view() -> Response:
        body = _joined(_parts(kind))
        answer = Response(body, mimetype=_KINDS[kind])
        answer.set_etag(_digest(body))
        if request.args.get("v") != _digest(
            body
        ):  # a page of a process of another version: nobody may keep this under its address
            answer.headers["Cache-Control"] = "no-store"
        return answer

    return view


def _parts(kind: str) -> tuple[tuple[Path, int], ...]:
    """In the order of their names, each with the moment of its last change, so that who works on one only loads the page anew."""
    return tuple((path, path.stat().st_mtime_ns) for path in (*_FIRST[kind], *sorted(ASSETS.glob(f"*.{kind}"))))


@lru_cache(maxsize=4)
def _joined(parts: tuple[tuple[Path, int], ...]) -> bytes:
    return b"\n".join(path.read_bytes() for path, _ in parts)


@lru_cache(maxsize=4)
def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]

"""What is known of a request once it is answered: for the counters and the access log. Never its path, its query or a name."""

# Imports inside functions: the login must answer before pandas and Dash are loaded, and what isn't measured isn't loaded.

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, request

from dashapp.logs import request_id

UNMATCHED = "unmatched"
_PAGES = "/<path:path>"
"""Dash's route for every page; it takes every other address, too."""
_NOWHERE = frozenset({"no_such_api", "api.nowhere"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
_CALLBACKS = "/_dash-update-component"
_PAGE = "page.children"
"""The callback that fills the page, in short."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the application knows of a request."""

    route: str = UNMATCHED
    endpoint: str | None = None
    user: int | None = None
    request: str = ""
    callback: tuple[str, str] | None = None
    """(what it fills, the chart or "")."""
    page: str = ""
    """Of the callback that fills the page: which one."""
    embed: str = ""
    """Its id."""


@dataclass(frozen=True, slots=True)
class Answered:
    """With what the server knows of its answer. `size`: bytes of the body."""

    seen: Seen
    method: str
    status: int
    seconds: float
    size: int


def known_method(method: str) -> str:
    """One of a few: clients may send any word."""
    return method if method in _METHODS else OTHER


def seen() -> Seen:
    """The request at hand, when its answer is made. A login that nothing has asked for is not looked up."""
    user = g.get("_login_user")  # where Flask-Login keeps it
    number = getattr(user, "id", None)
    route = _route()
    callback = _callback() if route == _CALLBACKS else None
    return Seen(route, request.endpoint, number, request_id(), callback, _page(callback), _embed())


def _route() -> str:
    rule = request.url_rule
    if rule is None or request.endpoint in _NOWHERE or (rule.rule == _PAGES and not _is_page(request.path)):
        return UNMATCHED
    return rule.rule


def _is_page(path: str) -> bool:
    from layouts.pages import page_of  # not needed at the door, which must open before this is loaded

    return page_of(path) is not None


def _callback() -> tuple[str, str] | None:
    """None for a body that is no question of our pages."""
    from layouts.pages import CHARTS

    body = request.get_json(silent=True)
    name = _names(current_app).get(str(body.get("output"))) if isinstance(body, dict) else None
    if name is None or body is None:
        return None
    first = body.get("outputs")
    first = first[0] if isinstance(first, list) and first else first
    part = first.get("id") if isinstance(first, dict) else None
    chart = part.get("chart") if isinstance(part, dict) else None
    return name, chart if isinstance(chart, str) and chart in CHARTS else ""


def _page(callback: tuple[str, str] | None) -> str:
    if callback is None or callback[0] != _PAGE:
        return ""
    from viewer.request_context import shown_page

    inputs = (request.get_json(silent=True) or {}).get("inputs")
    first = inputs[0] if isinstance(inputs, list) and inputs else None
    path = first.get("value") if isinstance(first, dict) else None
    return (shown_page(path) if isinstance(path, str) else None) or ""


def _embed() -> str:
    """Whatever form of it was asked for."""
    known = (
        request.endpoint is not None and request.endpoint.startswith("embed.") and request.endpoint != "embed.assets"
    )
    return str((request.view_args or {}).get("id", "")) if known else ""


def _names(app: Flask) -> dict[str, str]:
    """Output, as Dash writes it → what it fills, in short; of callbacks that are asked of the server."""
    dash = app.extensions.get("dash")
    if dash is None:
        return {}
    return _short(tuple(output for output, found in dash.callback_map.items() if "callback" in found))


@lru_cache(maxsize=4)
def _short(outputs: tuple[str, ...]) -> dict[str, str]:
    return {output: _first(output) for output in outputs}


def _first(output: str) -> str:
    """`..{"table":["MATCH"],"type":"table-body"}.children...more..` → `table-body.children`."""
    first = re.split(r"\.\.\.?", output.removeprefix(".."))[0].partition("@")[0]
    name, _, prop = first.rpartition(".")
    prop = "children" if prop in ("content", "rows") else prop  # names in metrics stay, however the browser puts it up
    if not name.startswith("{"):
        return f"{name}.{prop}" if name else "several"
    kind: Any = json.loads(name)
    return f"{kind['type']}.{prop}"

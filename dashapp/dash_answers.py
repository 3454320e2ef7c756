"""What Dash answers, below a sub path: layouts and callbacks name our pages as if they were at the top of the host."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Flask, Response, request

from dashapp.addresses import root
from dashapp.security.headers import PAGES

_LINKS = frozenset({"href", "action", "src", "data-href", "api"})
"""Properties of components, and parts of answers that become one."""
_IN_HTML = re.compile(r'(?<=href="|.src=")(/(?!/)[^"]*)')
_STARTER = re.compile(r'("requests_pathname_prefix":\s*)"(?:/|\\u002f)"')


def init_app(app: Flask) -> None:
    """Changes nothing at the top of a host."""
    app.after_request(_below)


def _below(response: Response) -> Response:
    if not root() or response.status_code != 200 or response.direct_passthrough:
        return response
    if request.path in ("/_dash-layout", "/_dash-update-component"):
        response.set_data(json.dumps(links_below(json.loads(response.get_data()), root())))
    elif request.endpoint in PAGES and response.mimetype == "text/html":
        page = _IN_HTML.sub(lambda link: _link(link[0], root()), response.get_data(as_text=True))
        response.set_data(_STARTER.sub(rf'\g<1>"{root()}/"', page))
    return response


def links_below(value: Any, prefix: str) -> Any:
    """The same document with every link to a page of ours below `prefix`."""
    if isinstance(value, dict):
        return {key: _link(part, prefix) if key in _LINKS else links_below(part, prefix) for key, part in value.items()}
    if isinstance(value, list):
        return [links_below(part, prefix) for part in value]
    return value


def _link(value: Any, prefix: str) -> Any:
    if isinstance(value, str) and value.startswith("/") and not value.startswith(("//", f"{prefix}/")):
        return prefix + value
    return links_below(value, prefix)

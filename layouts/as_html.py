"""A layout as plain HTML: what a page looks like before its scripts have come."""

from __future__ import annotations

import html
import re
from typing import Any

from dash.development.base_component import Component

_NAMES = {"className": "class"}
_TAGS = {"Link": "a", "Dropdown": "div", "Input": "input"}
"""Of components of Dash that have a place on the page; what they show is up to their scripts."""
_VOID = {"input", "br", "hr", "img"}


def as_html(part: Component | str | float | None) -> str:
    """Elements of `dash.html` with their classes, styles and texts; markup; links and menus of `dash.dcc` as what takes their place."""
    if part is None:
        return ""
    if not isinstance(part, Component):
        return html.escape(str(part))
    if part._namespace == "board":
        return _own(part)
    if part._namespace != "dash_html_components" and part._type not in _TAGS:
        return ""
    tag = _TAGS.get(part._type, part._type.lower())
    return _element(
        tag, _attributes(part, part._type), getattr(part, "children", None) if part._type != "Dropdown" else None
    )


def _own(part: Component) -> str:
    if part._type == "Input":
        return _element("input", _attributes(part, ""), None)
    tag, content = getattr(part, "tag", None), getattr(part, "content", None)
    return _element(tag, _attributes(part, ""), content) if tag else _inner(content)


def _element(tag: str, attributes: str, children: Any) -> str:
    return f"<{tag}{attributes}>" if tag in _VOID else f"<{tag}{attributes}>{_inner(children)}</{tag}>"


def _inner(children: Any) -> str:
    return "".join(map(as_html, children)) if isinstance(children, list | tuple) else as_html(children)


def _attributes(part: Component, kind: str) -> str:
    """What makes it look as it does: it is replaced by the page that works, and nothing may be looked up in it or reached."""
    given = {
        name: getattr(part, name)
        for name in ("className", "style", "href", "src", "hidden", "open", "placeholder")
        if hasattr(part, name)
    }
    if kind == "Dropdown":
        given = {"className": f"dash-dropdown {given.get('className', '')}"}
    return "".join(_attribute(name, value) for name, value in given.items() if value not in (None, False, ""))


def _attribute(name: str, value: Any) -> str:
    if value is True:
        return f" {name}"
    text = (
        ";".join(f"{_kebab(key)}:{_length(key, one)}" for key, one in value.items()) if name == "style" else str(value)
    )
    return f' {_NAMES.get(name, name)}="{html.escape(text)}"'


def _kebab(name: str) -> str:
    return name if name.startswith("--") else re.sub(r"[A-Z]", lambda found: f"-{found[0].lower()}", name)


def _length(name: str, value: Any) -> str:
    return f"{value}px" if isinstance(value, int | float) and value and not name.startswith("--") else str(value)

"""Texts for Plotly, which reads tags and entities in them. The one place where a figure's texts are escaped.

Figures hold texts as the sources wrote them, with a line feed where a line ends; pictures and sentences use them like that.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

_TRUE = frozenset({"customdata", "meta", "uirevision"})
"""Properties that nobody is shown: a click filters by the true value."""
_TEMPLATES = frozenset({"hovertemplate", "texttemplate"})
_LINES = frozenset({"hovertext", "text"})
_PLACES = re.compile(r"(%\{[^{}]*\}|</?extra>)")
"""What templates are written for: values put in by Plotly, and the part beside the box."""


def plotly_texts(value: Any, name: str = "") -> Any:
    """The value of a figure's property `name`, or a whole trace or layout, with every text shown as it is written."""
    if isinstance(value, str):
        return _template(value) if name in _TEMPLATES else _text(value, name)
    if isinstance(value, dict):
        return {key: part if key in _TRUE else plotly_texts(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plotly_texts(part, name) if isinstance(part, str | dict | list | tuple) else part for part in value]
    return value


def _text(text: str, name: str) -> str:
    escaped = escape(text, quote=False)
    return escaped.replace("\n", "<br>") if name in _LINES else escaped


def _template(text: str) -> str:
    return "".join(part if _PLACES.fullmatch(part) else escape(part, quote=False) for part in _PLACES.split(text))

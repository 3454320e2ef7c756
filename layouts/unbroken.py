"""Ranges of figures and of days within a text, and codes of HTTP, on one line each: browsers would break them."""

from __future__ import annotations

import re

from dash import html
from dash.development.base_component import Component

_TIME = r"\d\d:\d\d"
_DAY = r"(?:\d{1,2} [A-Z][a-z]{2} \d{4}|\d{4}-\d\d-\d\d)"
_END = rf"(?:{_DAY}(?:,? {_TIME})?|{_TIME}|\d(?:[\d.,]*\d)?)"
_RANGE = re.compile(rf"({_END}\s?–\s?{_END}|HTTP \d{{3}})")


def unbroken(text: str) -> list[Component | str]:
    """The text's parts, its ranges (`12–15`, `3 Nov 2026 – 10 Nov 2026`) as elements that do not wrap."""
    parts = _RANGE.split(text)
    return [html.Span(part, className="unbroken") if place % 2 else part for place, part in enumerate(parts) if part]

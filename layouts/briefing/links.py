"""Addresses of proofs: a page with the selection's range and filters, and what narrows it to what a sentence is about."""

from __future__ import annotations

from urllib.parse import urlencode

from layouts.pages import PAGES
from metricstore.selection import Selection


def link(page: str, selection: Selection, default: Selection, changes: dict[str, str] | None = None) -> str:
    """`default` is what pages mean where an address does not say."""
    words = selection.params(default)
    words.pop("compare", None)
    words.pop("every", None)
    words |= changes or {}
    path = PAGES[page].path
    return f"{path}?{urlencode(sorted(words.items()), safe=',:/')}" if words else path

"""The page "Overview"."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.pages import page


def layout() -> Component:
    return page("overview", "Overview", "Are we on track, what failed, and does anybody read it?")

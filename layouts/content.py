"""The page "Content & calendar"."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.pages import page


def layout() -> Component:
    return page("content", "Content & calendar", "What is planned, what it looks like, and what is wrong with it.")

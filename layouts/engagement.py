"""The page "Engagement"."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.pages import page


def layout() -> Component:
    return page("engagement", "Engagement", "Who sees the posts, what they do, and what works.")

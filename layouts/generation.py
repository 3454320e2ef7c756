"""The page "Generation"."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.pages import page


def layout() -> Component:
    return page(
        "generation",
        "Generation",
        "How many posts, how long they took, how well it went, and what the AI provider did.",
    )

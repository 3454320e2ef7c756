"""The page "Promise tracker"."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.pages import page


def layout() -> Component:
    return page(
        "journey", "Promise tracker", "From idea to reader: where every post is, and what holds up those that are not there yet.",
    )  # fmt: skip

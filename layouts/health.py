"""The page "Data health"."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.pages import page


def layout() -> Component:
    return page(
        "health",
        "Data health",
        "Can the numbers be trusted? What the collectors read, and what they could not use.",
        above=html.Div(id=ids.SOURCE_WARNINGS, **{"aria-live": "polite"}),
    )

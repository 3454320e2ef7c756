"""The page "Value": modelled numbers, and the assumptions they rest on."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.assumptions import assumptions
from layouts.pages import page
from metricstore.assumptions import ASSUMPTIONS, Assumed

VALUE = tuple(name for name in ASSUMPTIONS if not name.startswith("ai_"))


def layout(assumed: Assumed) -> Component:
    return page(
        "value", "Value", "What the content may be worth: modelled, not measured.", above=assumptions(VALUE, assumed)
    )

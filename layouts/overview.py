"""The page "Overview": a briefing, the figures that matter, what needs somebody, then charts."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.briefing.view import attention, briefing
from layouts.pages import page


def layout() -> Component:
    return page(
        "overview", "Overview", "Are we on track, what failed, and are our posts being read?", above=briefing(),
        below_figures=html.Div([attention()], className="overview-columns"),
    )  # fmt: skip

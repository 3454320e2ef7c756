"""The page "AI usage & cost"."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.assumptions import assumptions
from layouts.pages import page
from metricstore.assumptions import Assumed


def layout(assumed: Assumed) -> Component:
    return page(
        "ai",
        "AI usage & cost",
        "What the AI provider was asked, how many tokens it took, how long, and what that cost.",
        html.P(html.A("Compare with a provider's bill, line by line", href="/ai/bill?next=/ai", className="share")),
        above=assumptions(("ai_budget",), assumed),
    )

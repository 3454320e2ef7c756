"""What a page's numbers assume: a field for each, changed by whoever looks."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from metricstore.assumptions import ASSUMPTIONS, Assumed, Assumption


def assumptions(names: Iterable[str], assumed: Assumed) -> Component:
    """A field for each; once one is changed or all are taken, all go into the address and so into links, files and embeds."""
    return html.Details(
        [
            html.Summary("Assumptions behind these numbers", className="assumptions-title"),
            html.P("Estimates are made of these numbers: change one, or accept all as they are with “Use these numbers”. They then apply to you and to"
                   " anyone who opens your link; whoever runs the dashboard can set them for everybody.", className="panel-note"),
            html.Div([_field(one, assumed) for one in map(ASSUMPTIONS.__getitem__, names)], className="assumptions-fields"),
            html.Div([
                html.Button("Use these numbers", className="button small primary", type="button", **{"data-assume-use": "true"}),
                html.Button("Undo my changes", className="button small", type="button", **{"data-assume-reset": "true"}),
            ], className="assumptions-actions"),
        ],
        className="panel assumptions",
        open=True,
    )  # fmt: skip


def _field(one: Assumption, assumed: Assumed) -> Component:
    return html.Label(
        [
            html.Span(one.title, className="assumption-name", title=one.meaning),
            html.Span(
                [
                    html.Span(className="assumption-slot", **{
                        "data-assume": one.name, "data-usual": f"{assumed[one.name]:g}", "data-least": f"{one.least:g}",
                        "data-most": f"{one.most:g}", "data-label": one.title}),
                    html.Span(assumed.unit(one.unit), className="assumption-unit"),
                ]
            ),
        ],
        className="assumption",
    )  # fmt: skip

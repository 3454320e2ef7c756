"""How a page is composed: heading, key figures, charts in a grid, tables. Each page's module says what is special."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.charts import charts_of
from layouts.panel import panel
from layouts.table import table
from layouts.tables import TABLES
from layouts.tiles import tile_row

PHONE_CHARTS = 6
"""So many a phone shows before the rest is asked for; `30-panel.css` counts to the same number."""


def page(
    key: str, title: str, lead: str, *between: Component, above: Component | None = None, below_figures: Component | None = None
) -> Component:  # fmt: skip
    """`above` stands over the key figures, `below_figures` under them, `between` between the charts and the tables."""
    return html.Div(
        [
            html.Header(
                [
                    html.H1(title),
                    html.P(lead, className="lead"),
                    html.Div(
                        [
                            html.Button(
                                "Print or save as PDF", className="link", type="button", **{"data-print": "page"}
                            ),
                            html.A("Download or embed this page", href=f"/share/page/{key}", **{"data-share": "page"}),
                        ],
                        className="share page-actions",
                    ),
                ],
                className="page-head",
            ),
            html.P(className="print-head"),  # filled by `70-print.js`: what a paper must say of range and filters
            above,
            tile_row(key),
            below_figures,
            html.Div([panel(chart) for chart in charts_of(key)], className="grid"),
            _more(len(charts_of(key))),
            *between,
            html.Div([table(found) for found in TABLES[key]], className="grid tables"),
        ],
        className=f"page-{key}",
    )


def _more(charts: int) -> Component | None:
    """On a phone alone: a page of twenty charts below each other is one that nobody sees the end of."""
    if charts <= PHONE_CHARTS:
        return None
    words = f"Show {charts - PHONE_CHARTS} more charts"
    return html.Button(words, className="button show-more", type="button", **{"data-more": "charts"})

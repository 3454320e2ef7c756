"""The page "Events": the log explorer, from the picture down to the line."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.charts import charts_of
from layouts.formats import column_name
from layouts.panel import panel
from layouts.table import table
from layouts.tables import TABLES
from layouts.tiles import tile_row
from metricstore.catalogue import measurement

_LEVELS = next(tag for tag in measurement("log_record").tags if tag.name == "level").values


def layout() -> Component:
    """Search and histogram first, then the records, then what they tell together."""
    histogram, *others = charts_of("events")
    return html.Div(
        [
            html.Header([html.H1("Events"), html.P("The log, from the picture down to the line.", className="lead")],
                        className="page-head"),
            _search(),
            tile_row("events"),
            html.Div([panel(histogram), *(table(found) for found in TABLES["events"]),
                      *(panel(chart) for chart in others)], className="grid"),
        ],
        className="page-events",
    )  # fmt: skip


def _search() -> Component:
    """Text, level and event; each is a filter of the selection, so every chart and the link follow."""
    return html.Div(
        [
            html.Div(
                html.Label(
                    [
                        html.Span("Search the messages", className="control-label"),
                        dcc.Input(id=ids.search_box("message"), type="search", debounce=0.4, className="search",
                                  placeholder="text that occurs in the record", autoComplete="off"),
                    ]
                ),
                className="control grow",
            ),
            _menu("level", [{"label": level, "value": level} for level in _LEVELS]),
            _menu("event", []),
        ],
        className="explorer",
        role="search",
    )  # fmt: skip


def _menu(column: str, options: list[dict[str, str]]) -> Component:
    return html.Div(
        [
            dcc.Store(id=ids.filter_offer(column), data=options),
            html.Span(column_name(column), className="control-label"),
            dcc.Dropdown(options, id=ids.filter_menu(column), multi=True, placeholder="All", className="control-menu"),
        ],
        className="control wide",
    )

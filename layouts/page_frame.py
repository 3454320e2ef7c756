"""How a page is composed: heading, search and menus, key figures, charts in a grid, tables."""

from __future__ import annotations

from collections.abc import Iterable

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.assumptions import assumptions
from layouts.briefing.due import due_section
from layouts.briefing.view import attention, briefing
from layouts.formats import column_name
from layouts.markup import Markup, static
from layouts.page import Menu, Page
from layouts.panel import panel
from layouts.table import table
from layouts.tiles import tile_row
from layouts.value_names import name_of
from metricstore.assumptions import Assumed
from metricstore.catalogue import measurement

PHONE_CHARTS = 6
"""So many a phone shows before the rest is asked for; `30-panel.css` counts to the same number."""


def source_warnings() -> list[Component]:
    return [Markup(id=ids.SOURCE_WARNINGS, **{"aria-live": "polite"})]


ABOVE_FIGURES = {"overview": briefing, "health": source_warnings}
BELOW_FIGURES = {"overview": lambda: html.Div([attention(), due_section()], className="overview-columns")}
"""What only one page has, by its key."""


def page_frame(page: Page, assumed: Assumed) -> Component:
    """The page before its first answers; callbacks fill it."""
    above, below = ABOVE_FIGURES.get(page.key), BELOW_FIGURES.get(page.key)
    return html.Div(
        [
            static(_head(page)),
            html.P(className="print-head"),  # filled by `70-print.js`: what a paper must say of range and filters
            static(_sections(page)) if page.sections else None,
            _explorer(page) if page.searches or page.menus else None,
            *(above() if above else ()),
            static(assumptions(page.assumes, assumed)) if page.assumes else None,
            tile_row(page.key),
            below() if below else None,
            *_body(page, assumed),
        ],
        className=f"page-{page.key}",
    )


def _head(page: Page) -> Component:
    actions = [
        html.Button("Print or save as PDF", className="link", type="button", **{"data-print": "page"}),
        html.A("Download or embed this page", href=f"/share/page/{page.key}", **{"data-share": "page"}),
    ]
    return html.Header(
        [
            html.H1(page.title),
            html.P(page.lead, className="lead"),
            html.Div(actions, className="share page-actions"),
        ],
        className="page-head",
    )


def _sections(page: Page) -> Component:
    """Ways to the parts of a long page; `49-sections.js` goes them."""
    links = [
        html.Button(words, className="link", type="button", **{"data-section": begin})
        for words, begin in page.sections.items()
    ]
    return html.Nav(links, className="sections", **{"aria-label": "On this page"})


def _body(page: Page, assumed: Assumed) -> Iterable[Component | None]:
    """Charts, links and tables."""
    panels, tables = [panel(chart, assumed) for chart in page.charts], [table(shown) for shown in page.tables]
    links = [html.P(html.A(text, href=href, className="share"), className="page-links") for text, href in page.links]
    if page.tables_after is not None:
        first, others = panels[: page.tables_after], panels[page.tables_after :]
        return [html.Div([*first, *tables, *others], className="grid"), _more(len(panels)), *links]
    return [html.Div(panels, className="grid"), _more(len(panels)), *links, html.Div(tables, className="grid tables")]


def _more(charts: int) -> Component | None:
    """On a phone alone: a page of twenty charts below each other is one that nobody sees the end of."""
    if charts <= PHONE_CHARTS:
        return None
    words = f"Show {charts - PHONE_CHARTS} more charts"
    return html.Button(words, className="button show-more", type="button", **{"data-more": "charts"})


def _explorer(page: Page) -> Component:
    """Each box and menu is a filter of the selection, so every chart and the link follow."""
    searches = [
        html.Div(
            html.Label(
                [
                    html.Span(label, className="control-label"),
                    dcc.Input(
                        id=ids.search_box(column),
                        type="search",
                        debounce=0.4,
                        className="search",
                        placeholder="text that occurs in the record",
                        autoComplete="off",
                    ),
                ]
            ),
            className="control grow",
        )
        for column, label in page.searches.items()
    ]
    return html.Div([*searches, *map(_menu, page.menus)], className="explorer", role="search")


def _menu(menu: Menu) -> Component:
    options = [{"label": name_of(value, menu.column), "value": value} for value in _declared_values(menu)]
    return html.Div(
        [
            dcc.Store(id=ids.filter_offer(menu.column, menu.measurement), data=options),
            html.Span(column_name(menu.column), className="control-label"),
            dcc.Dropdown(
                options, id=ids.filter_menu(menu.column), multi=True, placeholder="All", className="control-menu"
            ),
        ],
        className="control wide",
    )


def _declared_values(menu: Menu) -> tuple[str, ...]:
    """Those that are known before anything was asked."""
    declared = measurement(menu.measurement)
    values = {tag.name: tag.values for tag in declared.tags} | {field.name: field.values for field in declared.fields}
    return values[menu.column]

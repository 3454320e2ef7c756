"""What stands around every page: header, navigation, filter bar, drawer, and the stores they share."""

from __future__ import annotations

from dataclasses import dataclass, field

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.filterbar import filterbar, own_comparisons
from layouts.freshness import PULSE
from layouts.markup import Markup, static
from layouts.pages import PAGES
from metricstore.selection import Selection

PRODUCT = "Content Metrics"
LIVE_MILLISECONDS = 2000
_REFRESH = [
    {"label": "Live", "value": LIVE_MILLISECONDS},
    {"label": "Every 10 s", "value": 10_000},
    {"label": "Every 30 s", "value": 30_000},
    {"label": "Every minute", "value": 60_000},
    {"label": "Off", "value": 0},
]


@dataclass(frozen=True)
class Viewer:
    """What the shell must know of who looks and of the application."""

    name: str
    role: str
    demo: bool = False
    default: Selection = field(default_factory=Selection)
    zones: tuple[str, ...] = ("UTC",)
    password_href: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    """(title, address) of pages that come without Dash, for the account's menu."""
    annotate_href: str | None = None
    """Where annotations are written; None for those who only read them."""
    makes_alerts: bool = False
    """Whether charts offer "Alert on this"."""


def shell(viewer: Viewer) -> Component:
    """The whole document's body; the page itself is put into `ids.PAGE`."""
    return html.Div(
        [
            *_state(viewer),
            html.A("Skip to content", href="#main", className="skip-link"),
            header(viewer),
            html.Main(
                [
                    filterbar(list(viewer.zones), viewer.default.timezone),
                    html.Div(id=ids.PAGE, className="page"),
                ],
                id="main",
                tabIndex="-1",
            ),
            _drawer(),
            static(_popover(viewer)),
            html.P(
                "Left and right arrow keys go from mark to mark, up and down from series to series, Home and End to the ends. Enter filters by"
                " the mark, R opens its records, Space its menu.",
                id="chart-keys",
                hidden=True,
            ),
            html.P(
                "Arrow keys go from day to day, with Shift they choose several. Enter opens a day or zooms to several, R opens a day's"
                " records.",
                id="calendar-keys",
                hidden=True,
            ),
            html.Div(id=ids.ANNOUNCE, className="toast", role="status", **{"aria-live": "polite"}),
        ],
        className="app" if viewer.makes_alerts else "app no-alerts",
    )


def _state(viewer: Viewer) -> list[Component]:
    default = viewer.default
    defaults = {"start": default.start, "stop": default.stop, "tz": default.timezone, "every": default.every,
                "compare": default.compare or "", "comparisons": own_comparisons()}  # fmt: skip
    return [
        dcc.Location(id=ids.URL, refresh=False),
        dcc.Store(id=ids.SELECTION),
        dcc.Store(id=ids.VIEW),
        dcc.Store(id=ids.DEFAULTS, data=defaults),
        dcc.Store(id=ids.THEME),
        dcc.Store(id=ids.THEME_CHOICE, storage_type="local"),
        dcc.Store(id=ids.REVISIONS),
        dcc.Store(id=ids.FRESHNESS),
        dcc.Interval(id=ids.PULSE, interval=LIVE_MILLISECONDS),
        dcc.Interval(id=ids.SLOW_PULSE, interval=15_000),
    ]


def header(viewer: Viewer) -> Component:
    return html.Header(
        [
            html.Div(
                [
                    dcc.Link([html.Span(className="logo", **{"aria-hidden": "true"}), PRODUCT], href="/",
                             className="brand"),
                    html.Span("DEMO", className="demo-badge", title="These data are made up") if viewer.demo else None,
                    html.P(id="kiosk-line", className="kiosk-line"),
                    html.Button("End kiosk mode", className="button small kiosk-end", type="button", **{"data-kiosk": "end"}),
                    html.Div(
                        [_freshness(), _refresh(), _theme(), static(_user_menu(viewer))],
                        className="header-tools",
                    ),
                ],
                className="header-row",
            ),
            html.Nav(
                [
                    dcc.Link(page.title, id=ids.nav(page.key), href=page.path, className="nav-link")
                    for page in PAGES.values()
                ],
                className="nav",
                **{"aria-label": "Pages"},
            ),
            html.P(
                [html.Span(), html.A("Log in")],
                id="kiosk-notice",
                className="kiosk-notice",
                role="alert",
                hidden=True,
            ),
        ],
        className="header",
    )  # fmt: skip


def _freshness() -> Component:
    return html.Details(
        [
            html.Summary([html.Span(id=ids.FRESHNESS_DOT, className=PULSE, **{"aria-hidden": "true"}),
                          html.Span("…", id=ids.FRESHNESS_TEXT)], className="freshness"),
            Markup(id=ids.FRESHNESS_LIST, className="menu-panel end freshness-list"),
        ],
        className="menu freshness-menu",
    )  # fmt: skip


def _refresh() -> Component:
    return html.Div(
        [
            html.Label("Refresh", htmlFor=ids.REFRESH, className="sr-only"),
            dcc.Dropdown(_REFRESH, LIVE_MILLISECONDS, id=ids.REFRESH, clearable=False, searchable=False,
                         className="refresh-menu", persistence=True),
        ],
        className="refresh",
        title="How often new data are fetched",
    )  # fmt: skip


def _theme() -> Component:
    return html.Button("◐", id=ids.THEME_BUTTON, className="icon-button", type="button", n_clicks=0,
                       **{"aria-label": "Theme: system"})  # fmt: skip


def _user_menu(viewer: Viewer) -> Component:
    items: list[Component] = [
        html.P([html.Strong(viewer.name), html.Span(viewer.role, className="role")], className="menu-note")
    ]
    items += [html.A(title, href=href, className="menu-item", **{"data-back": "next"}) for title, href in viewer.links]
    items.append(
        html.Button("Kiosk mode", className="menu-item", type="button", title="Pages turn by themselves, for a screen on a wall; Esc ends it",
                    **{"data-kiosk": "start"})
    )  # fmt: skip
    if viewer.password_href:
        items.append(html.A("Change password", href=viewer.password_href, className="menu-item"))
    items.append(
        html.Form(html.Button("Log out", type="submit", className="menu-item"), action="/logout", method="POST")
    )
    initial = (viewer.name or "?")[:1].upper()
    return html.Details(
        [
            html.Summary(initial, className="icon-button avatar", **{"aria-label": f"Account of {viewer.name}"}),
            html.Div(items, className="menu-panel end"),
        ],
        className="menu user-menu",
    )


def _drawer() -> Component:
    return dbc.Offcanvas(
        html.Div(id=ids.DRAWER_BODY),
        id=ids.DRAWER,
        title=html.Span("Records", id=ids.DRAWER_TITLE),
        labelledby=ids.DRAWER_TITLE,
        placement="end",
        scrollable=True,
        class_name="drawer",
    )


def _popover(viewer: Viewer) -> Component:
    """Appears where a mark was clicked; `44-mark-popover.js` fills and places it."""
    annotate = html.Button("Annotate", className="button small", type="button",
                           **{"data-mark": "annotate", "data-href": viewer.annotate_href})  # fmt: skip
    return html.Div(
        [
            html.P(className="popover-title"),
            html.Div(
                [
                    html.Button("Show records", className="button small primary", type="button",
                                **{"data-mark": "records"}),
                    html.Button("Only this time", className="button small", type="button", **{"data-mark": "zoom"}),
                    annotate if viewer.annotate_href else None,
                    html.Button("Close", className="button small quiet", type="button", **{"data-mark": "close"}),
                ],
                className="popover-actions",
            ),
        ],
        id=ids.POPOVER,
        className="popover",
        role="dialog",
        hidden=True,
        **{"aria-label": "Selected mark"},
    )  # fmt: skip


def not_found(path: str) -> Component:
    return html.Div(
        [html.H1("No such page"), html.P(["There is nothing at ", html.Code(path), "."]),
         dcc.Link("To the overview", href="/", className="button")],
        className="state",
    )  # fmt: skip

"""What the browser shows while the page's scripts are on their way: the same header, filters and frame, in the page's own first answer."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from flask import request

from layouts.as_html import as_html
from layouts.filterbar import filterbar
from layouts.page_frame import page_frame
from layouts.pages import PAGES
from layouts.shell import Viewer, header
from metricstore.assumptions import Assumed
from viewer.request_context import default_selection, shown_page

_LATE = 'The page does not come. <a href="">Load it anew</a>'
_NO_SCRIPTS = "The dashboard needs JavaScript, which is switched off in this browser."
FIRST_CHARTS = 3
"""More than a screen shows of them before its figures have come."""


def page_skeleton(viewer: Viewer) -> str:
    """HTML for the request's address; empty for a screen on a wall, which turns pages by itself and shows no controls."""
    if "kiosk" in request.args:
        return ""
    key = shown_page(request.path)
    bar = as_html(filterbar([], viewer.default.timezone))
    frame = _frame(key, default_selection().assume) if key else ""
    body = f'{as_html(header(viewer))}<main>{bar}<div class="page">{frame}</div></main>'
    return (
        f'<div class="app-skeleton" aria-hidden="true" inert><div class="app">{body}</div></div><p class="app-late">{_LATE}</p>'
        f"<noscript><style>.app-skeleton {{ display: none; }}</style><p>{_NO_SCRIPTS}</p></noscript>"
    )


@lru_cache(maxsize=2 * len(PAGES))
def _frame(key: str, assumed: Assumed) -> str:
    page = PAGES[key]
    return as_html(page_frame(replace(page, charts=page.charts[:FIRST_CHARTS], tables=(), tables_after=None), assumed))

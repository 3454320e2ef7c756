"""Dash on the Flask application: own index page, own assets, own router, every callback registered with this app."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import available_timezones

from dash import Dash
from dash.development.base_component import Component
from dash.exceptions import DependencyException
from flask import Flask, abort, current_app, g, request, url_for
from flask_login import current_user

import callbacks
from dashapp import dash_answers, page_files
from dashapp.accounts.rights import why_not
from dashapp.accounts.visible_annotations import may_write
from dashapp.addresses import ASSETS, asset_href
from dashapp.administration.sections import ADMINISTRATION
from dashapp.alerts.pages.desk import desk
from dashapp.alerts.pages.guards import may_act
from dashapp.alerts.rights import seen_groups, sees_all
from dashapp.errors import tell
from dashapp.page_files import first_script, first_styles, page_href
from dashapp.page_skeleton import page_skeleton
from layouts.shell import PRODUCT, Viewer, shell
from metricstore import patience
from viewer.request_context import default_selection

PLOTLY = "vendor/plotly-4.1.1-scatter-bar-heatmap.min.js"
"""Built by `assets/vendor/build-plotly.sh`; its version is that of plotly.py."""
SEARCH_SECONDS = 5.0
"""How long a page waits for a search in texts."""

# What stands before the first script and style sheet of its own address is painted at once, however slow the line. Plotly is fetched beside the other scripts and run by `41-plots.js`.
_INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {metas}
    <title>{title}</title>
    <link rel="icon" type="image/svg+xml" href="{icon}">
    <script>{first_script}</script>
    <style>{first_styles}</style>
  </head>
  <body>
    {skeleton}
    {app_entry}
    <script src="{questions}"></script>
    {css}
    <link rel="stylesheet" href="{our_styles}">
    <link rel="preload" as="script" href="{plotly}" id="plotly-bundle">
    <footer>
      {config}
      <script src="{our_scripts}"></script>
      {scripts}
      {renderer}
    </footer>
  </body>
</html>
"""


_UNUSED = re.compile(r'<script src="[^"]*/(?:deps/polyfill@|dash_table/)[^"]*"></script>\s*')
"""What Dash would load for nothing: features that every browser of the last years has, which take it 150 ms to look for, and its own tables."""


class _Dashboard(Dash):
    """Dash with an index page of our own."""

    def interpolate_index(self, **parts: str) -> str:
        parts["scripts"] = _UNUSED.sub("", parts["scripts"])
        return _INDEX.format(
            icon=asset_href("icon.svg"),
            first_script=first_script(),
            first_styles=first_styles(),
            skeleton=page_skeleton(_viewer()),
            questions=asset_href("early/first-questions.js"),
            plotly=asset_href(PLOTLY),
            our_styles=page_href("css"),
            our_scripts=page_href("js"),
            **parts,
        )


def create_dash(server: Flask) -> Dash:
    """Put the dashboard on `server`. Services are looked up in `current_app.extensions` for each request."""
    app = _Dashboard(
        __name__,
        server=server,
        assets_folder=str(ASSETS),
        assets_ignore=".*",  # they come joined
        title=PRODUCT,
        update_title="",
        suppress_callback_exceptions=True,
        pages_folder="",
        use_pages=False,
        enable_mcp=False,
        add_log_handler=False,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "light dark"},
        ],
    )
    app.layout = _layout
    page_files.init_app(server)
    dash_answers.init_app(server)
    server.before_request(lambda: _refuse_nonsense(app))
    server.before_request(_limit_searches)
    server.teardown_request(_end_limit)
    server.register_error_handler(DependencyException, lambda _: tell(404, None))
    callbacks.register(app)
    return app


def _refuse_nonsense(app: Dash) -> None:
    """400 for what is not a request of Dash: it would fail on it."""
    if request.path != "/_dash-update-component" or request.method != "POST":
        return
    body = request.get_json()
    parts = (("output", str), ("inputs", list), ("state", list))
    if not isinstance(body, dict) or not all(isinstance(body.get(name, kind()), kind) for name, kind in parts):
        abort(400)
    if body.get("output") not in app.callback_map:
        abort(400)


def _limit_searches() -> None:
    """People look at a page: they would rather be asked for a shorter range than wait. Files, the API and alerts wait."""
    if request.path == "/_dash-update-component":
        g.patience = patience.begin(SEARCH_SECONDS)


def _end_limit(_error: BaseException | None) -> None:
    if (token := g.pop("patience", None)) is not None:
        patience.end(token)


def _layout() -> Component:
    return shell(_viewer())


def _viewer() -> Viewer:
    """Who looks, as the shell must know it."""
    known = hasattr(current_app, "login_manager") and current_user.is_authenticated
    has_desk = "desk.account" in current_app.view_functions
    has_password = "login.password" in current_app.view_functions
    return Viewer(
        name=current_user.name if known else "",
        role=current_user.role if known else "",
        demo=bool(current_app.extensions.get("demo")),
        default=default_selection(),
        zones=_zones(),
        password_href=url_for("login.password") if has_password else None,
        links=_links() if known and has_desk else (),
        annotate_href=url_for("desk.annotations") if known and has_desk and may_write(current_user) else None,
        makes_alerts=known and has_desk and may_act(current_user),
    )


def _links() -> tuple[tuple[str, str], ...]:
    """Pages that come without Dash and that the viewer may open."""
    mine = [("Account & tokens", "desk.account"), ("Annotations", "desk.annotations"), ("Goals", "desk.goals")]
    mine.append((_alerts_title(), "alerts.overview"))
    if current_user.has_role("analyst"):
        mine.append(("Embeds", "embeds.listed"))
    if why_not(current_user) is None:
        mine.append(("Administration", ADMINISTRATION[0].endpoint))
    return tuple((title, url_for(endpoint)) for title, endpoint in mine)


def _alerts_title() -> str:
    """With the number of those that are open, as far as the viewer sees them."""
    count = desk().states.count()
    if count and not sees_all(current_user):
        count = len(seen_groups(current_user, desk().states.opened(), desk().rulebook.read()))
    return f"Alerts ({count} open)" if count else "Alerts"


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    """Zones to choose from: places, not the aliases of old."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return (*sorted(places), "UTC")

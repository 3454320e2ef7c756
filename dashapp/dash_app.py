"""Dash on the Flask application: own index page, own assets, own router, every callback registered with this app."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import cast
from zoneinfo import available_timezones

from dash import Dash
from dash.development.base_component import Component
from flask import Flask, Response, current_app, request
from flask_login import current_user

import assets
import callbacks
from callbacks.asking import default_selection
from layouts.shell import PRODUCT, Viewer, shell

ASSETS = Path(assets.__file__).resolve().parent
PLOTLY = "vendor/plotly-4.1.1-scatter-bar-heatmap.min.js"
"""Built by `assets/vendor/build-plotly.sh`; its version is that of plotly.py."""
_YEAR = 31_536_000

# `early/theme.js` runs before the first paint; plotly is fetched beside the other scripts, not after them.
_INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {{%metas%}}
    <title>{{%title%}}</title>
    <link rel="icon" type="image/svg+xml" href="{icon}">
    <script src="{theme}"></script>
    {{%css%}}
    <link rel="preload" as="script" href="{plotly}" id="plotly-bundle">
  </head>
  <body>
    {{%app_entry%}}
    <footer>
      {{%config%}}
      {{%scripts%}}
      {{%renderer%}}
    </footer>
  </body>
</html>
"""


def create_dash(server: Flask) -> Dash:
    """Put the dashboard on `server`. Services are looked up in `current_app.extensions` for each request."""
    app = Dash(
        __name__,
        server=server,
        assets_folder=str(ASSETS),
        assets_path_ignore=["vendor", "early"],
        assets_ignore=r".*\.(txt|py|pyc)$",
        index_string=_INDEX.format(icon=asset("icon.svg"), theme=asset("early/theme.js"), plotly=asset(PLOTLY)),
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
    callbacks.register(app)
    server.after_request(_keep_assets)
    return app


@lru_cache(maxsize=64)
def asset(path: str) -> str:
    """Address of a file in `assets/`, changing with its content so that browsers may keep it for ever."""
    digest = hashlib.sha256((ASSETS / path).read_bytes()).hexdigest()[:12]
    return f"/assets/{path}?v={digest}"


def script_hashes(app: Dash) -> list[str]:
    """Sources for `script-src` beside 'self': Dash's own starter is the one inline script."""
    return list(app.csp_hashes())


def _keep_assets(response: Response) -> Response:
    """Addresses that change with the content are kept for a year."""
    named = request.path.startswith("/assets/") and ("v" in request.args or "m" in request.args)
    if named and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


def _layout() -> Component:
    return shell(_viewer())


def _viewer() -> Viewer:
    """Who looks, as the shell must know it."""
    from flask_wtf.csrf import generate_csrf

    known = hasattr(current_app, "login_manager") and current_user.is_authenticated
    settings = current_app.extensions.get("settings")
    return Viewer(
        name=str(getattr(current_user, "name", "") or getattr(current_user, "username", "")) if known else "",
        role=str(getattr(current_user, "role", "")) if known else "",
        csrf_token=cast(str, generate_csrf()) if current_app.secret_key else "",
        demo=bool(getattr(settings, "demo", False)) or bool(current_app.extensions.get("demo", False)),
        default=default_selection(),
        zones=tuple(sorted(available_timezones())),
        password_href=_address("password"),
    )


def _address(word: str) -> str | None:
    """The first address of the application whose name speaks of `word`."""
    for rule in current_app.url_map.iter_rules():
        if word in rule.rule and not rule.arguments and "GET" in (rule.methods or ()) and "/api/" not in rule.rule:
            return rule.rule
    return None

"""The web application: Flask first, then what guards it, the API, Dash last. Nothing happens on import."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from dashapp import errors, logs
from dashapp.accounts import EXTENSION as ACCOUNTS
from dashapp.accounts import Accounts
from dashapp.health import init_health
from dashapp.login import init_login
from dashapp.security import init_security
from dashapp.settings import Settings

if TYPE_CHECKING:
    from collectors.runner import Runner
    from metricstore.store import Store

_HERE = Path(__file__).parent


def create_app(
    settings: Settings, store: Store | None = None, runner: Runner | None = None, *, demo: bool = False
) -> Flask:  # fmt: skip
    """An application of its own; several may live in one process.

    Without `store` the configured one is opened. `runner` is the one of this process, if it collects.
    """
    app = Flask("dashapp", template_folder=str(_HERE / "templates"), static_folder=str(_HERE / "static"))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    logs.init_app(app)
    _add_services(app, settings, store, runner, demo)
    init_security(app, settings)
    init_health(app)
    init_login(app)
    errors.init_app(app)
    _add_api(app)
    _add_dash(app)
    return app


def _add_services(
    app: Flask, settings: Settings, store: Store | None, runner: Runner | None, demo: bool
) -> None:  # fmt: skip
    from dashapp.services import open_store

    app.extensions["settings"] = settings
    app.extensions[ACCOUNTS] = Accounts.open(settings.accounts_url)
    app.extensions["metricstore"] = open_store(settings) if store is None else store
    app.extensions["runner"] = runner
    app.extensions["demo"] = demo


def _add_api(app: Flask) -> None:
    from dashapp.api import bp

    app.register_blueprint(bp)


def _add_dash(app: Flask) -> None:
    from dashapp.dash_app import asset, create_dash

    app.extensions["dash"] = create_dash(app)
    app.context_processor(
        lambda: {
            "icon_href": asset("icon.svg"),
            "theme_href": asset("early/theme.js"),
            "tokens_href": asset("00-tokens.css"),
            "static_href": static_href,
        }
    )


@cache
def static_href(name: str) -> str:
    """Address of one of our static files, changing with its content."""
    digest = hashlib.sha256((_HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"

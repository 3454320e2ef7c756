"""The web application: Flask first, then what guards it, the API, Dash last. Nothing happens on import."""

# Imports inside functions: the login must answer before pandas and Dash are loaded.

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, send_from_directory
from werkzeug.middleware.proxy_fix import ProxyFix

from dashapp import address_length, errors, logs, page_files
from dashapp.accounts import EXTENSION as ACCOUNTS
from dashapp.accounts import Accounts
from dashapp.addresses import ASSETS, STATIC, asset_href, root, static_href
from dashapp.health import init_health
from dashapp.login import init_login
from dashapp.monitoring import init_exposition, init_monitoring
from dashapp.security import init_security
from dashapp.settings import Settings
from dashapp.sub_path import SubPath

if TYPE_CHECKING:
    from collectors.runner import Runner
    from metricstore.store import Store


MOST_ANSWERS = 1_000
"""Of pages that are kept for when the store does not answer."""


def create_app(
    settings: Settings, store: Store | None = None, runner: Runner | None = None, *,
    demo: bool = False, accounts: Accounts | None = None,
) -> Flask:  # fmt: skip
    """An application of its own; several may live in one process.

    Without `store` the configured one is opened. `runner` is the one of this process, if it collects.
    """
    if store is None:
        from dashapp.stores import for_viewers, open_store

        store = for_viewers(settings, open_store(settings))
    app = _entrance(settings, accounts or Accounts.open(settings.accounts_url))
    app.extensions["metricstore"] = store
    app.extensions["runner"] = runner
    app.extensions["demo"] = demo
    _add_last_answers(app, settings)
    _add_api(app)
    _add_downloads(app, settings)
    _add_embeds(app)
    _add_administration(app)
    _add_status(app, settings)
    _add_collecting(app, settings)
    _add_alerts(app)
    _add_dash(app)
    init_exposition(app, settings)
    return app


def create_door(settings: Settings, accounts: Accounts) -> Flask:
    """Login and liveness alone: needs neither pandas nor Dash, so it can answer while those are being loaded."""
    app = _entrance(settings, accounts)
    app.add_url_rule("/assets/<path:filename>", "door.assets", _asset, methods=["GET"])
    page_files.init_app(app)
    return app


def _entrance(settings: Settings, accounts: Accounts) -> Flask:
    """What every application of ours begins with."""
    app = Flask("dashapp", template_folder=str(Path(__file__).parent / "templates"), static_folder=str(STATIC))
    below: Any = SubPath(app.wsgi_app, settings.sub_path)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        below = ProxyFix(below, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
    app.wsgi_app = below  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    app.extensions[ACCOUNTS] = accounts
    logs.init_app(app)
    address_length.init_app(app)
    init_security(app, settings)
    init_health(app)
    init_login(app)
    errors.init_app(app)
    app.context_processor(lambda: {"asset_href": asset_href, "static_href": static_href, "root": root})
    init_monitoring(app, settings)
    return app


def _asset(filename: str) -> Response:
    return send_from_directory(ASSETS, filename)


def _add_last_answers(app: Flask, settings: Settings) -> None:
    """Only for a store that can hang."""
    from dashapp.lastgood import LastGood
    from viewer.last_answers import EXTENSION

    if settings.uses_server and not app.extensions["demo"]:
        app.extensions[EXTENSION] = LastGood(settings.data_dir / "pages", MOST_ANSWERS)


def _add_api(app: Flask) -> None:
    from dashapp.api import bp, docs

    app.register_blueprint(bp)
    app.register_blueprint(docs.bp)


def _add_downloads(app: Flask, settings: Settings) -> None:
    from dashapp.downloads.routes import init_downloads

    init_downloads(app, settings.threads)


def _add_embeds(app: Flask) -> None:
    from dashapp.bills import init_bills
    from dashapp.embeds.routes import init_embeds
    from dashapp.sharing import init_sharing

    init_embeds(app)
    init_sharing(app)
    init_bills(app)


def _add_administration(app: Flask) -> None:
    from dashapp.administration import init_administration

    init_administration(app)


def _add_status(app: Flask, settings: Settings) -> None:
    from dashapp.status import init_status

    init_status(app, settings)


def _add_collecting(app: Flask, settings: Settings) -> None:
    from dashapp.collecting import init_collecting

    init_collecting(app, settings)


def _add_alerts(app: Flask) -> None:
    from dashapp.alerts.pages import init_alert_pages

    init_alert_pages(app)


def _add_dash(app: Flask) -> None:
    from dashapp.dash_app import create_dash

    app.extensions["dash"] = create_dash(app)

"""Flask-Login on the accounts database, and the cookie it travels in."""

from __future__ import annotations

import hashlib

from flask import Flask, Request, has_request_context, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager

from dashapp.accounts import User, current_accounts, logins
from dashapp.addresses import root
from dashapp.settings import Settings, secret_key

EMBEDS = "/embed/"


class _CookieSession(SecureCookieSessionInterface):
    """The usual signed cookie, `Secure` whenever the request came by https. Embeds have none: neither read nor set."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if request.path.startswith(EMBEDS) else super().open_session(app, request)

    def get_cookie_path(self, app: Flask) -> str:
        """Below a path of a host that others share, it is sent to nobody else."""
        return root() or super().get_cookie_path(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config["SESSION_COOKIE_SECURE"]) or (has_request_context() and request.is_secure)


def init_app(app: Flask, settings: Settings) -> None:
    key = secret_key(settings)
    app.secret_key = key
    # Cookies know no ports: two dashboards on one machine must not overwrite each other's.
    suffix = hashlib.sha256(key.encode()).hexdigest()[:8]
    app.config.update(
        SESSION_COOKIE_NAME=f"dashapp_{suffix}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies == "always",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session it belongs to
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
    )
    app.session_interface = _CookieSession()
    manager = LoginManager()
    manager.session_protection = None  # logins live in the database; people's addresses change on their way to work
    manager.init_app(app)

    @manager.user_loader
    def load(key: str) -> User | None:
        if not key:
            return None
        return logins.load(current_accounts(), key, settings.session_lifetime, settings.session_idle)

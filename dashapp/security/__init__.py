"""Who may ask for what, and what browsers are told about it."""

from __future__ import annotations

from flask import Flask

from dashapp.security import compression, guard, headers, sessions, throttling
from dashapp.security.guard import public
from dashapp.security.roles import require_role
from dashapp.security.unauthorised import forbidden_response, unauthorised_response
from dashapp.settings import Settings


def init_security(app: Flask, settings: Settings) -> None:
    """Install sessions, the guard, headers, compression and throttling. Before Dash, whose routes it covers."""
    sessions.init_app(app, settings)
    throttling.init_app(app, settings)
    guard.init_app(app)
    throttling.limit_api(app, settings)
    # After-request functions run last first: headers must be added to what compression has made.
    headers.init_app(app)
    compression.init_app(app)


__all__ = ["forbidden_response", "init_security", "public", "require_role", "unauthorised_response"]

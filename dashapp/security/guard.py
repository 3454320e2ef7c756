"""The one place that lets requests in: nothing is open that is not listed here or marked `public`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as WerkzeugResponse

from dashapp.accounts import tokens
from dashapp.security.origin import cross_site
from dashapp.security.unauthorised import forbidden_response, is_metrics, unauthorised_response

View = TypeVar("View", bound=Callable[..., Any])

# Rules as registered, not prefixes of the path: no spelling of an address can slip through.
STATIC_RULES = frozenset(
    {
        "/assets/<path:filename>",
        "/assets/page.css",
        "/assets/page.js",
        "/static/<path:filename>",
        "/_favicon.ico",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    }
)
_WITH_ONE_TIME_PASSWORD = frozenset({"login.password", "login.logout"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def public(view: View) -> View:
    """Open a view function to everyone."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def is_static() -> bool:
    """Whether the request is for a file that is the same for everyone."""
    return request.url_rule is not None and request.url_rule.rule in STATIC_RULES


def init_app(app: Flask) -> None:
    app.before_request(_guard)


def _guard() -> Response | WerkzeugResponse | None:
    """Let the request pass (None) or answer it."""
    if _is_public():
        return None
    if (token := _bearer()) is not None:
        return _by_token(token)
    if not current_user.is_authenticated:
        logout_user()  # drops what an ended login left in the cookie
        return unauthorised_response(request)
    if request.method not in _SAFE and cross_site(request):
        return forbidden_response(request, "this request came from another site")
    if current_user.must_change_password and request.endpoint not in _WITH_ONE_TIME_PASSWORD:
        return _to_password_form()
    return None


def _is_public() -> bool:
    if request.endpoint is None:
        return False
    view = current_app.view_functions.get(request.endpoint)
    return is_static() or bool(getattr(view, "is_public", False))


def _bearer() -> str | None:
    """The token of a program's request. Elsewhere tokens count for nothing: a leaked one opens no page."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    for_programs = request.path.startswith(("/api/", "/download/")) or is_metrics(request)
    return secret.strip() if for_programs and scheme.lower() == "bearer" else None


def _by_token(token: str) -> Response | WerkzeugResponse | None:
    user = tokens.verify(token)
    if user is None:
        return unauthorised_response(request, "the token is unknown, expired or revoked")
    g._login_user = user  # where Flask-Login keeps the current user
    g.by_token = True
    return None


def _to_password_form() -> Response | WerkzeugResponse:
    if request.path.startswith(("/_", "/api/")) or request.method not in _SAFE:
        return forbidden_response(request, "change the one-time password first")
    return redirect(url_for("login.password"))

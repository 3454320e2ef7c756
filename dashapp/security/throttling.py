"""Guessing passwords is slow: failed logins are counted for each account and address, and for each address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_login import current_user
from limits.errors import ConfigurationError

from dashapp.accounts import EXTENSION as ACCOUNTS
from dashapp.security.failure_storage import SCHEME
from dashapp.settings import Settings, SettingsError, secret_key

FAILED = 401
_PER_ADDRESS = 6
"""An office behind one address may fail this many times as often as one account."""


def address() -> str:
    """The client's address (behind `trusted_proxies`, the one they report)."""
    return request.remote_addr or "unknown"


def init_app(app: Flask, settings: Settings) -> None:
    here = settings.limiter_storage.startswith((f"{SCHEME}:", "memory:"))
    try:
        limiter = Limiter(
            address,
            app=app,
            storage_uri=settings.limiter_storage,
            storage_options=_options(app, settings),
            strategy="moving-window",
            headers_enabled=True,
            in_memory_fallback_enabled=False,
            swallow_errors=not here,
        )
    except ConfigurationError as error:
        raise SettingsError(f"DASHAPP_LIMITER_STORAGE can't be used: {error}.") from None
    app.extensions["login_limiter"] = limiter
    app.extensions["login_attempts"] = settings.login_attempts


def _options(app: Flask, settings: Settings) -> dict[str, Any]:
    if not settings.limiter_storage.startswith(f"{SCHEME}:"):
        return {}
    return {"database": app.extensions[ACCOUNTS].database, "secret": f"login failures {secret_key(settings)}"}


def limit_logins(app: Flask, view: Callable[..., Any]) -> Callable[..., Any]:
    """The login view, refusing with 429 after too many failures. Successful logins are not counted."""
    limiter: Limiter = app.extensions["login_limiter"]
    attempts: int = app.extensions["login_attempts"]
    options: dict[str, Any] = {"methods": ["POST"], "deduct_when": _failed}
    limited = limiter.limit(f"{attempts}/minute;{attempts * 10}/hour", key_func=_account, **options)(view)
    many = attempts * _PER_ADDRESS
    return limiter.limit(f"{many}/minute;{many * 10}/hour", key_func=address, **options)(limited)


def limit_password_changes(app: Flask, view: Callable[..., Any]) -> Callable[..., Any]:
    """The password view: nobody tries out the current password at a desk left open."""
    limiter: Limiter = app.extensions["login_limiter"]
    options: dict[str, Any] = {"methods": ["POST"], "deduct_when": _refused}
    return limiter.limit(f"{app.extensions['login_attempts'] * 2}/minute", key_func=_person, **options)(view)


def _refused(response: Response) -> bool:
    return response.status_code == 400


def _person() -> str:
    return f"password {getattr(current_user, 'name', address())}"


def _failed(response: Response) -> bool:
    return response.status_code == FAILED


def _account() -> str:
    return f"{address()} {request.form.get('username', '').strip().lower()[:64]}"

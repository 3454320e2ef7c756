"""Guessing passwords is slow: failed logins are counted for each account and address, for each address, and for each account."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from typing import Any, NoReturn

from flask import Flask, Response, abort, g, request
from flask_limiter import Limiter
from flask_login import current_user
from limits.errors import ConfigurationError

from dashapp.accounts import EXTENSION as ACCOUNTS
from dashapp.security import shared_rate
from dashapp.security.account_brake import AccountBrake
from dashapp.security.failure_storage import SCHEME
from dashapp.settings import Settings, SettingsError, secret_key

FAILED = 401
BRAKE = "login_brake"
_FREE = 2
"""So many times as one address may fail in a minute, all addresses together may before they are slowed."""
_PER_ADDRESS = 6
"""An office behind one address may fail this many times as often as one account."""


def address() -> str:
    """The client's address (behind `trusted_proxies`, the one they report)."""
    return request.remote_addr or "unknown"


def init_app(app: Flask, settings: Settings) -> None:
    app.after_request(_wait)  # before the limiter is made, so that it comes after it, which rounds down
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
    app.extensions[BRAKE] = AccountBrake(
        app.extensions[ACCOUNTS].database, _secret(settings), settings.login_attempts * _FREE
    )


def limit_api(app: Flask, settings: Settings) -> None:
    """Requests to the API and for downloads, by token or user: 429 with `Retry-After`, and what is left in `RateLimit-…`.

    After the guard, which says who asks. Where there are several processes, all of them are counted together: in the accounts database, by
    portions, so that a request need not cost a write; or by the server that the settings name.
    """
    storage, options = _api_storage(app, settings)
    limiter = Limiter(
        _asker, app=app, strategy="fixed-window", swallow_errors=True, headers_enabled=False, key_prefix="api",
        storage_uri=storage, storage_options=options,
        application_limits=[settings.api_rate], application_limits_exempt_when=_not_the_api,
    )  # fmt: skip

    @app.after_request
    def tell(response: Response) -> Response:
        limit = limiter.current_limit
        if limit is not None and not _not_the_api():
            seconds = min(max(0, math.ceil(limit.reset_at - time.time())), limit.limit.get_expiry())
            response.headers["RateLimit-Limit"] = str(limit.limit.amount)
            response.headers["RateLimit-Remaining"] = str(max(0, limit.remaining))
            response.headers["RateLimit-Reset"] = str(seconds)
            if response.status_code == 429:
                response.headers["Retry-After"] = str(max(1, seconds))
        return response


def _api_storage(app: Flask, settings: Settings) -> tuple[str, dict[str, Any]]:
    """Where requests are counted, and with what."""
    if not settings.limiter_storage.startswith((f"{SCHEME}:", "memory:")):
        return settings.limiter_storage, {}
    if settings.limiter_storage.startswith("memory:") or not settings.uses_server:
        return "memory://", {}
    return f"{shared_rate.SCHEME}://", {"database": app.extensions[ACCOUNTS].database, "rate": settings.api_rate}


def _not_the_api() -> bool:
    return not request.path.startswith(("/api/v1/", "/download/"))


def _asker() -> str:
    """The token that asks, else the user; strangers by their address."""
    _, _, secret = request.headers.get("Authorization", "").partition(" ")
    if secret:
        return f"token {hashlib.sha256(secret.encode()).hexdigest()[:24]}"
    return f"user {getattr(current_user, 'name', address())}"


def _options(app: Flask, settings: Settings) -> dict[str, Any]:
    if not settings.limiter_storage.startswith(f"{SCHEME}:"):
        return {}
    return {"database": app.extensions[ACCOUNTS].database, "secret": _secret(settings)}


def _secret(settings: Settings) -> str:
    return f"login failures {secret_key(settings)}"


def limit_logins(app: Flask, view: Callable[..., Any]) -> Callable[..., Any]:
    """The login view, refusing with 429 after too many failures. Successful logins are not counted."""
    limiter: Limiter = app.extensions["login_limiter"]
    attempts: int = app.extensions["login_attempts"]
    options: dict[str, Any] = {"methods": ["POST"], "deduct_when": _failed}
    limited = limiter.limit(f"{attempts}/minute;{attempts * 10}/hour", key_func=_account, **options)(view)
    many = attempts * _PER_ADDRESS
    return limiter.limit(f"{many}/minute;{many * 10}/hour", key_func=address, **options)(limited)


def slow_down(seconds: int) -> NoReturn:
    """Refuse the guess: it may be made again after so many seconds."""
    g.login_wait = seconds
    abort(429)


def _wait(response: Response) -> Response:
    if "login_wait" in g:
        response.headers["Retry-After"] = str(g.login_wait)
    return response


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

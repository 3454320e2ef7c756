"""Headers that tell browsers what our pages may do."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from dashapp.page_files import first_script_hash
from dashapp.security.guard import is_static

DASH = "dash"
PAGES = frozenset({"/", "/<path:path>"})
"""Dash's own endpoints, which answer pages of charts."""
_PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
_YEAR = 31_536_000


def init_app(app: Flask) -> None:
    app.after_request(_headers)


def content_security_policy(app: Flask) -> str:
    """No inline scripts but Dash's own starter and the one that runs before the first paint, known by their hashes; plotly writes
    inline styles and data: images."""
    own = first_script_hash()
    known: tuple[str, str] | None = app.extensions.get("content_security_policy")
    if known is not None and known[0] == own:
        return known[1]
    dash = app.extensions.get(DASH)
    hashes = sorted({*dash.csp_hashes(), own}) if dash is not None else []
    policy = "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )
    app.extensions["content_security_policy"] = own, policy
    return policy


def _policy() -> str:
    """A screen on a wall loads its own page anew into a frame (74-kiosk-renewal.js); nobody else may frame it, and nothing else may be framed."""
    policy = content_security_policy(current_app)
    framed = request.endpoint in PAGES and "kiosk" in request.args
    return policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'") if framed else policy


def _headers(response: Response) -> Response:
    # `setdefault`: a view that must be framed elsewhere (an embed) says so itself.
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", _PERMISSIONS)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
    _caching(response)
    return response


def _caching(response: Response) -> None:
    """Files whose address changes with their content are kept for ever; what a login shows is kept nowhere."""
    if not is_static():
        response.headers.setdefault("Cache-Control", "no-store")
    elif (
        response.status_code == 200
        and ("v" in request.args or "m" in request.args)
        and not response.cache_control.no_store
    ):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"

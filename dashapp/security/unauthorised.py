"""What those hear who are not let in: pages lead to the login, programs get a status they can act on."""

from __future__ import annotations

from flask import Request, Response, abort, jsonify, redirect, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from dashapp.problem import Problem

_LOGIN = "log in, or send a token as 'Authorization: Bearer <token>'"


def unauthorised_response(request: Request, reason: str = _LOGIN) -> Response | WerkzeugResponse:
    """401 for the API (problem document) and for Dash's own requests (JSON); else the login page, which leads back."""
    if request.path.startswith("/api/") or is_metrics(request) or _program_downloads(request):
        return _problem(401, reason)
    if request.path.startswith("/_") or request.method not in ("GET", "HEAD"):
        answer = jsonify(error="login", reason="log in first", login=url_for("login.login"))
        answer.status_code = 401
        answer.headers["Cache-Control"] = "no-store"
        return answer
    wanted = request.full_path.rstrip("?")
    found = redirect(url_for("login.login", next=wanted) if wanted != "/" else url_for("login.login"))
    found.headers["Cache-Control"] = "no-store"
    return found


def is_metrics(request: Request) -> bool:
    """Whether it is Prometheus' request: the rule counts, since pages take every other spelling of the path."""
    return request.url_rule is not None and request.url_rule.rule == "/metrics"


def _program_downloads(request: Request) -> bool:
    """curl and pandas would take the login page for the file they asked for; browsers say that they take pages."""
    return request.path.startswith("/download/") and "text/html" not in request.headers.get("Accept", "")


def forbidden_response(request: Request, reason: str) -> Response:
    """403 in the words of whoever asked."""
    if request.path.startswith("/api/") or is_metrics(request):
        return _problem(403, reason)
    if not request.path.startswith("/_"):
        abort(403, description=reason)
    answer = jsonify(error="forbidden", reason=reason)
    answer.status_code = 403
    return answer


def _problem(status: int, reason: str) -> Response:
    challenge = {"WWW-Authenticate": 'Bearer realm="api"'} if status == 401 else {}
    return Problem(status, reason, headers=challenge).response()

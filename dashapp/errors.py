"""Errors as pages for people and as JSON for programs; unexpected ones have an id that is found in the log."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask_login import AnonymousUserMixin
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as WerkzeugResponse

from dashapp.accounts import AccountsDamaged
from dashapp.address_length import SENTENCE
from dashapp.logs import request_id
from dashapp.problem import Problem
from metricstore.errors import StoreDamaged, StoreUnreachable

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
"""When a store that did not answer is worth another question."""
_TEXTS = {
    400: ("Not understood", "The request is not complete or not valid."),
    403: ("Not allowed", "Your account may not do this."),
    404: ("No such page", "There is nothing at this address."),
    405: ("Not possible here", "This address can't be used in that way."),
    413: ("Too large", "What was sent is too large."),
    414: ("Address too long", SENTENCE),
    429: ("Too many attempts", "Too many failed logins. Wait a minute, then try again."),
    500: ("Something went wrong", "The server could not do this."),
    503: ("Not available just now", "A service behind the dashboard does not answer. Try again in a moment."),
}


class _Json(DefaultJSONProvider):
    """What is nested too deeply to be read is not JSON to us, as any other text that can't be read."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        try:
            return super().loads(s, **options)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def init_app(app: Flask) -> None:
    app.json = _Json(app)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.register_error_handler(StoreUnreachable, _no_store)
    app.register_error_handler(StoreDamaged, _damaged)
    app.register_error_handler(AccountsDamaged, _damaged)

    @app.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def no_such_api(rest: str) -> Response:
        # Without this, Dash's own catch-all would answer with a page.
        return _problem(404, f"there is no /api/{rest}")


def _http(error: HTTPException) -> Response | WerkzeugResponse:
    if isinstance(error.response, WerkzeugResponse):
        return error.response
    status = error.code or 500
    answer = tell(status, error.description if status == 403 else None)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _no_store(error: StoreUnreachable) -> Response:
    log.warning("%s %s: the store does not answer: %s", request.method, request.path, error)
    answer = tell(503, None)
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _damaged(error: StoreDamaged | AccountsDamaged) -> Response:
    log.error("%s %s: %s", request.method, request.path, error)
    return tell(503, error.sentence)


def _unexpected(error: Exception) -> Response:
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        error = error.original_exception  # type: ignore[assignment]
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return tell(500, None)


def tell(status: int, reason: str | None) -> Response:
    title, text = _TEXTS.get(status, (HTTPStatus(status).phrase, ""))
    error_id = request_id() if status >= 500 else ""
    if reason and not reason.startswith("You don't have"):
        text = f"{reason[0].upper()}{reason[1:].rstrip('.')}."
    if request.path.startswith("/api/"):
        return _problem(status, text)
    if request.path.startswith("/_"):
        answer = jsonify(error=title, reason=text, **({"id": error_id} if error_id else {}))
    else:
        _ask_nobody_who_it_is()
        answer = make_response(render_template("error.html", title=title, text=text, error_id=error_id))
    answer.status_code = status
    return answer


def _ask_nobody_who_it_is() -> None:
    """Flask-Login looks up the user for each template: for this one it must not, as that may be what failed."""
    if not hasattr(g, "_login_user"):
        g._login_user = AnonymousUserMixin()


def _problem(status: int, detail: str) -> Response:
    if status >= 500:
        return Problem(status, detail, id=request_id()).response()
    return Problem(status, detail).response()

"""Errors as RFC 9457 problem documents: always say what is wrong and which parameter it is."""

from __future__ import annotations

import logging
import secrets

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from dashapp.accounts.user import AccountError, AccountsDamaged, Conflict
from dashapp.errors import RETRY_AFTER_SECONDS
from dashapp.logs import request_id
from dashapp.problem import Problem
from metricstore.errors import (
    InvalidQuestion,
    NotAllowed,
    StoreBusy,
    StoreDamaged,
    StoreDenied,
    StoreError,
    StoreUnreachable,
    UnknownName,
)

log = logging.getLogger(__name__)
_STORE_DOWN = (StoreUnreachable, StoreBusy, StoreDenied)


def not_found(kind: str, name: str, known: tuple[str, ...], parameter: str = "name") -> Problem:
    return Problem(404, UnknownName(kind, name, known).sentence, parameter=parameter, known=sorted(known))


def of_store(error: StoreError) -> Problem:
    """The problem a store's or question's error amounts to."""
    if isinstance(error, InvalidQuestion):
        return Problem(400, error.reason, parameter=error.parameter)
    if isinstance(error, UnknownName):
        # Unknown metrics and measurements stand in the path and are told by the routes; what is left are parameters.
        parameter = {"filter": error.name, "dimension": "by"}.get(error.kind, error.name)
        return Problem(400, error.sentence, parameter=parameter, known=sorted(error.known))
    if isinstance(error, NotAllowed):
        return Problem(403, str(error))
    if isinstance(error, StoreDamaged):
        return damaged(error)
    if isinstance(error, _STORE_DOWN):
        log.warning("store can't answer %s: %s", request.path, error)
        detail = "the metric store does not answer just now"
        return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    return unexpected(error)


def damaged(error: StoreDamaged | AccountsDamaged) -> Problem:
    """HTTP 503 without `Retry-After`: somebody has to mend it."""
    log.error("%s: %s", request.path, error)
    return Problem(503, error.sentence)


def unexpected(error: Exception) -> Problem:
    """HTTP 500 with an id that leads to the server's log; no inner detail leaves the server."""
    incident = request_id() or secrets.token_hex(6)
    log.error("API error %s at %s", incident, request.path, exc_info=error)
    return Problem(500, f"something went wrong; the server's log has it under {incident}", id=incident)


def of_http(error: HTTPException) -> Problem:
    headers = {key: value for key, value in error.get_headers() if key not in ("Content-Type", "Content-Length")}
    return Problem(error.code or 500, error.description or error.name, headers=headers)


def install(bp: Blueprint) -> None:
    """Tell every error inside the blueprint as a problem document."""

    @bp.errorhandler(Exception)
    def tell(error: Exception) -> Response:
        if isinstance(error, Problem):
            return error.response()
        if isinstance(error, StoreError):
            return of_store(error).response()
        if isinstance(error, AccountsDamaged):
            return damaged(error).response()
        if isinstance(error, AccountError):
            return Problem(409 if isinstance(error, Conflict) else 400, str(error)).response()
        if isinstance(error, HTTPException):
            return of_http(error).response()
        return unexpected(error).response()

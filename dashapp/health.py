"""For load balancers and containers: is the process alive, can it do its work. Open to everyone, so it tells little."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify

from dashapp.accounts import current_accounts
from dashapp.security.guard import public

log = logging.getLogger(__name__)
_KEPT_SECONDS = 2.0


def init_health(app: Flask) -> None:
    """Routes /healthz and /readyz."""
    bp = Blueprint("health", __name__)
    bp.add_url_rule("/healthz", "healthz", public(healthz), methods=["GET"])
    readiness = _Readiness()
    bp.add_url_rule("/readyz", "readyz", public(lambda: readiness.answer()), methods=["GET"])
    app.register_blueprint(bp)


def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


class _Readiness:
    """Store and accounts answer. Asked at most every two seconds, so that nobody can load them from outside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._checks: dict[str, bool] = {}

    def answer(self) -> Response:
        with self._lock:
            if time.monotonic() - self._asked > _KEPT_SECONDS:
                self._checks = {"store": _works("store", _ask_store), "accounts": _works("accounts", _ask_accounts)}
                self._asked = time.monotonic()
            checks = self._checks
        ready = all(checks.values())
        answer = jsonify(
            status="ready" if ready else "not ready",
            checks={name: "ok" if works else "failed" for name, works in checks.items()},
        )
        answer.status_code = 200 if ready else 503
        return answer


def _ask_store() -> Any:
    return current_app.extensions["metricstore"].info()


def _ask_accounts() -> Any:
    current_accounts().database.ping()


def _works(name: str, ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except Exception as error:  # whatever it is, the answer is "not ready", and the log says why
        log.warning("not ready: %s: %s", name, error)
        return False
    return True

"""The dashboard's own log: to stderr, a line a record, with the request's id, secrets redacted."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request

from collectors.redaction import redact

FIELDS = "dashapp_fields"
"""Name in `extra` of what a record says besides its message, for machines."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_NOISY = ("werkzeug", "apscheduler", "watchfiles", "alembic", "influxdb_client", "clickhouse_connect")


def request_id() -> str:
    """The current request's id; empty outside of one."""
    return getattr(g, "request_id", "") if has_request_context() else ""


class Record(logging.Formatter):
    """JSON for machines, one readable line for a terminal."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = redact(record.getMessage())
        trace = redact(self.formatException(record.exc_info)) if record.exc_info else ""
        if self._as_json:
            found = {"time": moment, "level": record.levelname, "logger": record.name, "message": message,
                     "request": request_id(), "trace": trace}  # fmt: skip
            said = {key: value for key, value in found.items() if value} | getattr(record, FIELDS, {})
            return json.dumps(said, ensure_ascii=False)
        who = f" [{request_id()}]" if request_id() else ""
        # Line ends in what others wrote must not look like records of ours.
        return f"{moment} {record.levelname:<7} {record.name}{who} {message}".replace("\n", "\n    ") + (
            f"\n{trace}" if trace else ""
        )


def configure(level: str = "INFO") -> None:
    """Send everything to stderr. Called by the commands, never on import."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Record(as_json=not sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It warns whenever more requests come than threads are free, which a page of charts always does.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def init_app(app: Flask) -> None:
    """Give every request an id, its caller's when it brings a sensible one, and say it in the answer."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)

    @app.after_request
    def tell(response: Response) -> Response:
        if request_id():
            response.headers["X-Request-ID"] = request_id()
        return response

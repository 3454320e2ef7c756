"""`/metrics` at an address of its own, for scrapers that have no token: whoever reaches it may read it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

PATH = "/metrics"
EXPOSITION = "exposition"
"""Where the application keeps what answers."""


def split(bind: str) -> tuple[str, int]:
    """`127.0.0.1:9464` or `[::1]:9464` as host and port."""
    host, _, port = bind.rpartition(":")
    return host.strip("[]"), int(port)


class OwnAddress:
    """A WSGI application: what comes in at `port` is answered here, all else by `inner`.

    The launcher opens the port beside the usual one. Servers take SERVER_PORT from the socket, not from what was sent;
    this must stand outside of whatever believes headers.
    """

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]], port: int) -> None:
        self._app = app
        self._inner = inner
        self._port = str(port)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("SERVER_PORT") != self._port:
            return self._inner(environ, start_response)
        exposition = self._app.extensions.get(EXPOSITION)
        status, content_type, body = "404 Not Found", "text/plain; charset=utf-8", b"There is only /metrics here.\n"
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            status = "405 Method Not Allowed"
        elif environ.get("PATH_INFO") == PATH and exposition is not None:
            status = "200 OK"
            body, content_type = exposition.answer(environ.get("HTTP_ACCEPT", ""))
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
                   ("X-Content-Type-Options", "nosniff")]  # fmt: skip
        start_response(status, headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

"""Answering from the first second: the door stands open while the house behind it is being lit."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

_AT_THE_DOOR = ("/login", "/healthz", "/static/", "/assets/")
_PATIENCE_SECONDS = 120.0


class Opening:
    """A WSGI application: `door` until `build` has made the whole one. Requests for anything else wait for it."""

    def __init__(self, door: Flask, build: Callable[[], Flask]) -> None:
        self._door = door
        self._build = build
        self._app: Flask | None = None
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self.error: Exception | None = None
        """Why the application could not be made; the process is then told to end."""

    def start(self) -> None:
        self._thread = threading.Thread(target=self._make, name="opening", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Wait for a build that is under way, so that what it opens can be closed."""
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS)

    def _make(self) -> None:
        try:
            self._app = self._build()
        except Exception as error:
            self.error = error
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            self._ready.set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._app is None and environ.get("PATH_INFO", "").startswith(_AT_THE_DOOR):
            return self._door(environ, start_response)
        self._ready.wait(_PATIENCE_SECONDS)
        if self._app is None:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5")])
            return [b"Starting. Try again in a moment.\n"]
        return self._app(environ, start_response)

"""Around the whole application: how long each request takes, and what its answer is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask, Response, request

from dashapp.monitoring.request import Answered, Seen, known_method, seen

Listener = Callable[[Answered], None]
SEEN = "dashapp.seen"
"""Where a request's environment has what the application knows of it."""


class Watched:
    """`inner`, a WSGI application; `listeners` are called for each request it has answered. What it streams is timed to its end."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], listeners: tuple[Listener, ...]) -> None:
        self._inner = inner
        self._listeners = listeners

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        watch = _Watch(environ, self._listeners)

        def started(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            watch.status = int(line[:3])
            watch.size = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
            return start_response(line, headers, *error)

        try:
            pieces = self._inner(environ, started)
        except BaseException:
            watch.end(0)
            raise
        if watch.size is None:
            return _Stream(pieces, watch)
        watch.end(watch.size)
        return pieces  # as it is: servers send files faster than a generator could


class _Watch:
    """One request."""

    def __init__(self, environ: dict[str, Any], listeners: tuple[Listener, ...]) -> None:
        self._environ = environ
        self._listeners = listeners
        self._began = time.perf_counter()
        self.status = 500
        self.size: int | None = None

    def end(self, size: int) -> None:
        known: Seen = self._environ.get(SEEN, Seen())
        answered = Answered(
            known,
            known_method(self._environ.get("REQUEST_METHOD", "")),
            self.status,
            time.perf_counter() - self._began,
            size,
        )
        for listener in self._listeners:
            listener(answered)


class _Stream:
    """Pieces on their way, counted; ended when the server closes them, whole or not."""

    def __init__(self, pieces: Iterable[bytes], watch: _Watch) -> None:
        self._pieces = pieces
        self._watch = watch
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._size += len(piece)
            yield piece

    def close(self) -> None:
        try:
            if (close := getattr(self._pieces, "close", None)) is not None:
                close()
        finally:
            self._watch.end(self._size)


def watch(app: Flask, *listeners: Listener) -> None:
    """Call `listeners` for each request of `app`: once for all of them, around whatever wraps it so far."""

    @app.after_request
    def note(response: Response) -> Response:
        request.environ[SEEN] = seen()
        return response

    app.wsgi_app = Watched(app.wsgi_app, listeners)  # type: ignore[method-assign]

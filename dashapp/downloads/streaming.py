"""A file as it is made: the first piece before the answer begins, the rest while it is read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

from flask import Response, current_app

from dashapp.problem import Problem
from metricstore.streaming import primed

log = logging.getLogger(__name__)

PLACES = "download_places"
RETRY_AFTER_SECONDS = 10


def streamed(begin: Callable[[], Iterator[bytes]], name: str, mimetype: str, *, attached: bool = True) -> Response:
    """The pieces as they come. The first is made before the answer begins, so that a store that is down, a bad
    question and a full house are told with a status."""
    places: threading.BoundedSemaphore = current_app.extensions[PLACES]
    if not places.acquire(timeout=1):
        raise Problem(503, "as many downloads are running as the server allows; try again in a moment",
                      headers={"Retry-After": str(RETRY_AFTER_SECONDS)})  # fmt: skip
    try:
        pieces = primed(begin())
    except BaseException:
        places.release()
        raise
    leave = _once(places.release)
    response = Response(_told(pieces, name, leave), mimetype=mimetype, direct_passthrough=True)
    response.call_on_close(leave)  # where nothing is read: an answer to HEAD
    if attached:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Accel-Buffering"] = "no"
    # As they are: packing them on the way costs more time than most lines save, and Parquet and Excel are packed.
    response.headers["Content-Encoding"] = "identity"
    return response


def _once(release: Callable[[], None]) -> Callable[[], None]:
    left = [release]

    def close() -> None:
        if left:
            left.pop()()

    return close


def _told(pieces: Iterator[bytes], name: str, leave: Callable[[], None]) -> Iterator[bytes]:
    """What breaks halfway ends the connection without the file's end mark: it is seen to be cut."""
    try:
        yield from pieces
    except GeneratorExit:
        raise
    except BaseException:
        log.exception("the download %s broke off; what was sent has no end mark", name)
        raise
    finally:
        leave()

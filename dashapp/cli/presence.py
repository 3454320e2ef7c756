"""Whether anybody is looking at the dashboard: the demo's made-up news are for people."""

from __future__ import annotations

import time

from flask import Flask, request

from dashapp.monitoring.access import QUIET

SECONDS = 120.0
"""Who has asked for nothing so long is gone; an open page asks for news more often."""


class Presence:
    """True while the last request of a person or program is not long ago; probes do not count, the start does."""

    def __init__(self, app: Flask) -> None:
        self._last = time.monotonic()
        app.before_request(self._note)

    def __call__(self) -> bool:
        return time.monotonic() - self._last < SECONDS

    def _note(self) -> None:
        if request.endpoint not in QUIET:
            self._last = time.monotonic()

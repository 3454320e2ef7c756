"""A dead man's switch: an address that is called only while alerts work. Somebody else notices when the calls stop."""

# Imports inside functions: start-up time, and only where a watchdog is set.

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dashapp.alerts.outbox import STUCK, Outbox
from dashapp.alerts.round import Round

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
_SECONDS = 10.0
Call = Callable[[str, str], None]


def _post(address: str, text: str) -> None:
    import httpx

    httpx.post(address, content=text.encode(), timeout=_SECONDS).raise_for_status()


class Watchdog:
    """Speaks as healthchecks.io and others understand: the address when all is well, `/fail` with the reason when not."""

    def __init__(self, address: str | None, outbox: Outbox, call: Call = _post) -> None:
        self._address = (address or "").rstrip("/")
        self._outbox = outbox
        self._call = call
        self._called: datetime | None = None
        self._well = True

    def after(self, round: Round) -> None:
        """Called after each round of this process."""
        if not self._address:
            return
        problem = self.problem(round)
        due = self._called is None or round.now - self._called >= EVERY
        if not due and (problem == "") == self._well:
            return
        self._called, self._well = round.now, problem == ""
        try:
            self._call(self._address if self._well else f"{self._address}/fail", problem)
        except Exception as error:  # nobody else can be asked; what is wrong is noticed there by the silence
            log.warning("the watchdog's address could not be called: %s", type(error).__name__)

    def problem(self, round: Round) -> str:
        """Why alerts do not work, in a sentence; empty when they do."""
        if round.failed:
            return f"{len(round.failed)} of {len(round.book.rules)} alert rules can't be judged"
        oldest = self._outbox.oldest()
        if oldest is not None and round.now - oldest > STUCK:
            return f"a message has been waiting since {oldest:%Y-%m-%d %H:%M} UTC"
        return ""

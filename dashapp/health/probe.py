"""A check that nobody has to wait for: it runs in a thread of its own, one at a time, and its last result is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from dashapp.accounts import AccountsDamaged
from dashapp.background import Background
from metricstore.errors import StoreDamaged

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.5
"""Nobody waits longer for an answer."""
KEPT_SECONDS = 2.0
"""Asked no more often, so that nobody can load anything from outside."""


@dataclass(frozen=True)
class Finding:
    """What a check says, in words that anybody may read, and how long ago it was found."""

    works: bool
    sentence: str
    seconds_ago: float = 0.0


class Probe:
    """`ask` finds out, however long it takes. What it raises is told in the log alone.

    `subject` begins the sentences that are said for it: "the store".
    """

    def __init__(
        self, name: str, subject: str, ask: Callable[[], Finding], kept_seconds: float | None = None
    ) -> None:  # fmt: skip
        self._name = name
        self._subject = subject
        self._ask = ask
        self._kept_seconds = kept_seconds
        self._background = Background(f"probe-{name}", self._found)

    def begin(self) -> None:
        """Ask, unless it is being asked or was asked a moment ago."""
        self._background.begin(KEPT_SECONDS if self._kept_seconds is None else self._kept_seconds)

    def finding(self) -> Finding:
        """The last result, which may be about to come; after PATIENCE_SECONDS, that none came."""
        self._background.wait(PATIENCE_SECONDS)
        waited, age, found = self._background.state()
        if waited is not None and waited >= PATIENCE_SECONDS:
            return Finding(False, f"{self._subject} has not answered for {waited:.0f} s")
        if found is None:
            return Finding(False, f"{self._subject} was not asked yet")
        return replace(found, seconds_ago=age or 0.0)

    def _found(self) -> Finding:
        try:
            return self._ask()
        except (StoreDamaged, AccountsDamaged) as error:
            log.error("not ready: %s: %s", self._name, error)
            return Finding(False, error.sentence)
        except Exception as error:  # whatever it is, the answer is "not ready", and the log says why
            log.warning("not ready: %s: %s", self._name, error)
            return Finding(False, f"{self._subject} can't be used; the log says why")

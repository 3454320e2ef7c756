"""Trying again: how often, how long to wait, and what is worth it."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

from collectors.base import TemporaryFailure
from metricstore.errors import StoreBusy, StoreDamaged, StoreFull, StoreUnreachable

WORTH_ANOTHER_TRY = (TemporaryFailure, StoreUnreachable, StoreBusy, StoreFull)


@dataclass(frozen=True)
class Backoff:
    """Waits of `first`, twice that, … at most `longest` seconds, shortened at random so that clients spread out."""

    attempts: int = 3
    first: float = 0.5
    longest: float = 30.0

    def wait_seconds(self, attempt: int, failure: BaseException | None = None) -> float | None:
        """How long to wait after the `attempt`-th failed try (from 1); None: give up for this run.

        A source that asked for more patience than `longest` is left alone until a later run.
        """
        if attempt >= self.attempts or isinstance(failure, StoreDamaged):
            return None
        asked = failure.retry_after if isinstance(failure, TemporaryFailure) else None
        if asked is not None:
            return asked if asked <= self.longest else None
        full = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return full * random.uniform(0.75, 1.0)  # noqa: S311 - spreading load, not guarding a secret


def pause(seconds: float, stop: threading.Event) -> bool:
    """Wait, but no longer than until `stop`; False when it was stopped."""
    return not stop.wait(seconds)

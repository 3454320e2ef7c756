"""When a service is not asked at all: it refused the credential, asked for a pause, or fails again and again.

All of it is part of the checkpoint, so that a restart remembers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from collectors.base import Refused, TemporaryFailure
from collectors.http.waiting import duration, moment
from collectors.services import Service

_FAILURES = 3
"""So many requests in a row may fail before a pause; the runner's tries within one run."""
_FIRST_PAUSE = 60.0
_LONGEST_PAUSE = 3600.0
_LOOK_AGAIN = 3600.0


def fingerprint(service: Service) -> str:
    """Tells whether address, credential or account have changed; nothing can be read from it."""
    secret = "\0".join((service.url, service.key, service.account)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(secret).hexdigest()[:16]


class Breaker:
    """The state of one service's circuit. Times are seconds since the epoch."""

    def __init__(self, name: str, service: Service, setting: str, memory: Mapping[str, Any]) -> None:
        self._name, self._setting, self._mark = name, setting, fingerprint(service)
        same = memory.get("credential") == self._mark
        self._refused = str(memory.get("refused") or "") if same else ""
        self._refused_at = float(memory.get("refused_at") or 0)
        self._until = float(memory.get("until") or 0) if same else 0.0
        self._why = str(memory.get("why") or "")
        self._failures = int(memory.get("failures") or 0) if same else 0

    def check(self, now: float) -> None:
        """Raise why the service must not be asked now, if it must not."""
        if self._refused:
            raise self._refusal()
        if now < self._until:
            rest = self._until - now
            raise TemporaryFailure(f"{self._why}; retrying in {duration(rest)}", rest)

    def refuse(self, reason: str, now: float) -> Refused:
        """Open for good: the credential was refused."""
        self._refused, self._refused_at = reason, now
        return self._refusal()

    def _refusal(self) -> Refused:
        return Refused(
            f"{self._refused} ({moment(self._refused_at)}); no retry until {self._setting} changes",
            f"Check {self._setting}: is it still valid, and allowed to read this?", _LOOK_AGAIN,
        )  # fmt: skip

    def pause(self, reason: str, seconds: float, now: float) -> None:
        """Leave the service alone for as long as it asked."""
        if now + seconds > self._until:
            self._until, self._why = now + seconds, reason

    def failed(self, reason: str, now: float) -> float | None:
        """Note a failure; the pause in seconds that follows when it was one too many in a row."""
        self._failures += 1
        if self._failures < _FAILURES:
            return None
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self._failures - _FAILURES, 16))
        self.pause(f"{reason}, {self._failures} times in a row", pause, now)
        return pause

    def succeeded(self) -> None:
        self._failures = 0

    def memory(self) -> dict[str, Any]:
        if not (self._refused or self._until or self._failures):
            return {}
        return {
            "credential": self._mark, "refused": self._refused, "refused_at": self._refused_at, "until": self._until,
            "why": self._why, "failures": self._failures,
        }  # fmt: skip

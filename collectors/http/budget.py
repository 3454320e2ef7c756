"""How many requests a service may still be asked: our own count and what the service says, in rolling windows.

The count is part of the checkpoint, so that restarts do not overspend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PARTS = 60
"""A window is counted in this many parts: memory stays small, and a request counts up to one part too long."""


@dataclass(frozen=True)
class Window:
    """At most `allowed` requests in any `seconds`; None: as many as the service says."""

    name: str
    seconds: int
    allowed: int | None = None


@dataclass(frozen=True)
class Quota:
    """What a service says of a window in an answer. None: not said."""

    window: Window
    remaining: int | None
    reset_seconds: float | None


@dataclass
class Count:
    """One window: requests by part, and the service's last word."""

    window: Window
    parts: dict[int, int] = field(default_factory=dict)
    allowed: int | None = None
    remaining: int | None = None
    """What the service said was left, less what was asked since; None: nothing said that still holds."""
    reset_at: float = 0.0

    @property
    def limit(self) -> int | None:
        return self.window.allowed if self.allowed is None else self.allowed

    @property
    def step(self) -> float:
        return self.window.seconds / _PARTS

    def add(self, now: float) -> None:
        place = int(now // self.step)
        self.parts = {part: n for part, n in self.parts.items() if part >= place - _PARTS}
        self.parts[place] = self.parts.get(place, 0) + 1
        if self.remaining is not None:
            self.remaining -= 1

    def spent(self, now: float) -> int:
        oldest = int(now // self.step) - _PARTS
        return sum(n for part, n in self.parts.items() if part >= oldest)

    def left(self, now: float) -> int | None:
        """Requests left; None: unlimited as far as known."""
        own = None if self.limit is None else self.limit - self.spent(now)
        said = self.remaining if now < self.reset_at else None
        known = [number for number in (own, said) if number is not None]
        return max(0, min(known)) if known else None

    def wait(self, now: float) -> float:
        """Seconds until at least one request is free again, once nothing is left."""
        waits = [0.0]
        if self.remaining is not None and self.remaining <= 0 and now < self.reset_at:
            waits.append(self.reset_at - now)
        if self.limit is not None and self.spent(now) >= self.limit and self.parts:
            waits.append((min(self.parts) + 1 + _PARTS) * self.step - now)
        return max(1.0, *waits)

    def told(self, quota: Quota, now: float) -> None:
        if quota.window.allowed is not None:
            self.allowed = quota.window.allowed
        if quota.remaining is not None:
            self.remaining = quota.remaining
            self.reset_at = now + (self.window.seconds if quota.reset_seconds is None else quota.reset_seconds)

    def memory(self, ahead: int, now: float) -> dict[str, Any]:
        place = int(now // self.step)
        parts = self.parts | {place: self.parts.get(place, 0) + ahead} if ahead else self.parts
        return {
            "seconds": self.window.seconds, "parts": [[part, parts[part]] for part in sorted(parts)],
            "allowed": self.allowed, "remaining": self.remaining, "reset_at": self.reset_at,
        }  # fmt: skip


class Budget:
    """All windows of one service."""

    def __init__(self, windows: tuple[Window, ...], memory: Mapping[str, Any]) -> None:
        self.counts = {window.name: _recalled(window, memory.get(window.name)) for window in windows}
        for name, kept in memory.items():
            if name not in self.counts and isinstance(kept, dict) and kept.get("seconds"):
                self.counts[name] = _recalled(Window(name, int(kept["seconds"])), kept)

    def add(self, now: float) -> None:
        """Count a request."""
        for count in self.counts.values():
            count.add(now)

    def left(self, now: float) -> int | None:
        """Requests left in the tightest window; None: unlimited as far as known."""
        known = [left for count in self.counts.values() if (left := count.left(now)) is not None]
        return min(known) if known else None

    def empty(self, now: float, need: int = 1) -> Count | None:
        """The window that has fewer than `need` requests left for the longest time, if any has."""
        short = [c for c in self.counts.values() if (left := c.left(now)) is not None and left < need]
        return max(short, key=lambda count: count.wait(now), default=None)

    def told(self, quota: Quota, now: float) -> None:
        name = quota.window.name
        self.counts.setdefault(name, Count(Window(name, quota.window.seconds))).told(quota, now)

    def memory(self, ahead: int, now: float) -> dict[str, Any]:
        return {name: count.memory(ahead, now) for name, count in self.counts.items()}


def _recalled(window: Window, kept: Any) -> Count:
    """A window with its remembered count; one that can't be read starts anew."""
    if not isinstance(kept, dict) or kept.get("seconds") != window.seconds:
        return Count(window)
    try:
        parts = {int(part): int(n) for part, n in kept["parts"]}
        return Count(window, parts, kept.get("allowed"), kept.get("remaining"), float(kept.get("reset_at") or 0))
    except (KeyError, TypeError, ValueError):
        return Count(window)

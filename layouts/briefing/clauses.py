"""What a briefing consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from briefing.standing import Verdict

Severity = Literal["good", "warn", "bad", "plain"]
"""How urgent: shown by a sign and by colour, never by colour alone."""

SIGNS: dict[Severity, tuple[str, str]] = {
    "good": ("✓", "fine"), "warn": ("~", "to watch"), "bad": ("!", "urgent"), "plain": ("·", ""),
}  # fmt: skip
SEVERITY: dict[Verdict, Severity] = {
    "met": "good", "on pace": "good", "within": "good", "behind": "warn", "fast": "warn", "far behind": "bad", "over": "bad",
    "missed": "bad", "unknown": "plain",
}  # fmt: skip
"""Of how a goal stands."""


@dataclass(frozen=True)
class Clause:
    """A sentence of the verdict: `proved` is the part that leads to its proof at `href`, `rest` follows it."""

    severity: Severity
    proved: str
    href: str
    rest: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.proved}{self.rest}."


@dataclass(frozen=True)
class Need:
    """Something that somebody has to look at: what, why, and where."""

    severity: Severity
    title: str
    detail: str
    href: str
    action: str
    who: str = ""
    """Whose it is, in a word."""

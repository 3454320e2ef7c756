"""What a round of evaluation is given, what it decides, and what it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from alerting.course import Look
from alerting.deciding import Change
from dashapp.alerts.muting import Mutes
from dashapp.alerts.rulebook import Book
from dashapp.alerts.states import Group


@dataclass
class Round:
    """What is given for a round, and what it did."""

    book: Book
    mutes: Mutes
    now: datetime
    token: int
    """Of the lease: what an earlier holder still writes is refused."""
    disabled: frozenset[str] = frozenset()
    """Names of accounts that are disabled."""
    judged: int = 0
    messages: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    """Why a rule could not be judged, by its id."""
    revisions: dict[str, str] = field(default_factory=dict)
    """By measurement, each asked once."""
    settled: dict[tuple[tuple[str, ...], str, str], datetime | None] = field(default_factory=dict)
    """By measurements, zone and segment."""


class Decided(NamedTuple):
    group: Group
    changes: Sequence[Change] = ()
    looks: Sequence[Look] = ()
    settled: datetime | None = None
    """Windows that end by then are not judged again."""
    trouble: str = ""
    """Of a momentary rule: what is wrong, in words."""
    new: bool = False
    """Judged by this condition for the first time."""

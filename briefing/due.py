"""What is due next: the first posts that wait, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Due:
    """A post that waits. `at` in UTC; `day_only` where its source gives a date and no time of day."""

    at: datetime
    day_only: bool
    platform: str
    status: str
    topic: str = ""
    """Where none is known, how its text begins."""


@dataclass(frozen=True)
class DueNext:
    """The first of `total` posts that are due within `DUE_WITHIN`; `page` lists them all from `start` on."""

    posts: tuple[Due, ...]
    total: int
    page: str
    start: str
    """`now`, or `day` where some may have a date and no time of day."""
    ignored: tuple[str, ...] = ()
    """Columns of the selection's filters that the source of the posts does not have."""

"""What the runner says of a run and of a collector."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from metricstore.point import Point

Outcome = Literal["ok", "failed", "timeout"]
Reason = Literal["once", "timed", "watched", "followed"]
"""Why a run happened: the command line, its interval, a changed file, another collector's news."""


@dataclass(frozen=True)
class RunReport:
    """One run of one collector. `points` counts points written, `rejected` records set aside."""

    name: str
    outcome: Outcome
    records: int = 0
    points: int = 0
    rejected: int = 0
    duration_seconds: float = 0.0
    error: str | None = None
    bytes: int = 0
    attempts: int = 1
    deleted: int = 0
    started: int = 0
    """Nanoseconds since the epoch."""
    retry_after: float | None = None
    """Seconds the source asked to be left alone."""
    warnings: tuple[str, ...] = ()
    """What is wrong with the source as it is now though the run went well; see `collectors.base.WARNINGS`."""
    older: int = 0
    """Points left out, as they are older than they are kept."""
    expired: int = 0
    """Points deleted, as they are older than they are kept; `deleted` are those that others have taken the place of."""

    @property
    def empty(self) -> bool:
        """Nothing new was found and nothing went wrong."""
        return self.outcome == "ok" and not (
            self.records or self.points or self.rejected or self.deleted or self.expired
        )

    def point(self) -> Point:
        """The `collector_run` point of this run."""
        fields: dict[str, float | int | str] = {
            "duration_seconds": float(self.duration_seconds),
            "records": self.records,
            "points": self.points,
            "rejected": self.rejected,
            "bytes": self.bytes,
            "attempts": self.attempts,
        }
        if self.older:
            fields["older"] = self.older
        if self.expired:
            fields["expired"] = self.expired
        if self.error:
            fields["error"] = self.error
        if self.warnings:
            fields["warnings"] = "\n".join(self.warnings)
        return Point("collector_run", self.started, {"collector": self.name, "outcome": self.outcome}, fields)


@dataclass(frozen=True)
class CollectorState:
    """How a collector is doing right now. Times are UTC; None: not yet, or not known."""

    name: str
    interval_seconds: float
    running: bool
    last_run: datetime | None
    last_success: datetime | None
    last_outcome: Outcome | None
    last_error: str | None
    consecutive_failures: int
    next_run: datetime | None
    lag_seconds: float
    """How long its files have been ahead of the store: 0 when everything written was collected."""
    checkpoint_age_seconds: float | None
    """Since the checkpoint was last moved on."""
    warnings: tuple[str, ...] = ()
    """What the last run that went well had to say about its source."""

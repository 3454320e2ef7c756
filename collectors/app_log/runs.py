"""A batch under way, as the log tells it. Plain data that goes into the checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from collectors.app_log.calls import Event
from metricstore.catalogue import FieldValue
from metricstore.point import Point

EVENTS_KEPT = 4000
"""HTTP and retry records remembered since the last finished post; with more the post can't be judged."""

SECOND = 1_000_000_000
QUIET = 15 * 60 * SECOND
"""A batch not heard of for so long is abandoned (it comes back should it go on after all)."""
REPLACED = 60 * SECOND
"""As QUIET, when a new batch of the same program begins."""
PACE = 4
PACE_AT_LEAST = 5 * SECOND
"""Quiet for so many times as long as its slowest post took, but at least for this long, a batch is against its own pace."""


@dataclass(slots=True)
class Run:
    """One batch. Times are nanoseconds UTC."""

    platform: str
    id: str
    began: int
    file: str
    line: int
    requested: int | None = None
    """N; None while it is not known (a generator that logs nothing itself)."""
    known_start: bool = True
    """False when the log holds posts of it but not its beginning."""
    announced: bool = False
    """Only the program's start was logged so far; it may be a crash, or a generator that logs nothing."""
    outcome: str = "running"
    next: int = 1
    """Position of the next post."""
    finished: int = 0
    failed: int = 0
    slowest: float = 0.0
    duration: float | None = None
    repetitions: int = 0
    """How many more times its size will be said now that it is completed."""
    requests: int = 0
    """Those that are surely its own, as `retries` and `waited`."""
    retries: int = 0
    waited: float = 0.0
    post_ended: int = 0
    """When the last post was finished, else when the batch began."""
    active: int = 0
    """When it was last heard of."""
    free: int = 0
    """Since when the next answer can be under way: the end of the last post, answer or wait."""
    events: list[Event] = field(default_factory=list)
    shared: bool = False
    """Whether some of the events may be another batch's."""
    alone: int = 0
    """How many of the events, from the first on, came while no other batch was under way."""
    overflow: bool = False
    told: list[Any] = field(default_factory=list)
    """What was last written of it."""

    @property
    def calls_per_post(self) -> int:
        return 3 if self.platform == "twitter" else 1

    def of_size(self, platform: str, size: int) -> bool:
        """Whether it is one that posts i/`size` for that network may be of."""
        return self.requested == size and self.platform == platform and not self.announced

    @property
    def left(self) -> int:
        """How many posts are not finished, as far as is known."""
        return (self.requested or 0) - self.next + 1

    @property
    def pace(self) -> int:
        """What is longer than any of its posts should take, as the finished ones tell."""
        return pace_of(int(self.slowest * SECOND))

    def patience(self, newcomer: str) -> int:
        """How long it can have been quiet when a batch for `newcomer` begins, and still be under way."""
        pace = self.pace if self.finished else QUIET
        return min(REPLACED, pace) if newcomer == self.platform else max(REPLACED, pace)

    def note(self, event: Event, *, shared: bool) -> None:
        if len(self.events) >= EVENTS_KEPT:
            self.overflow = True
        else:
            self.alone += not shared and not self.shared
            self.events.append(event)
        self.shared = self.shared or shared

    def forget_events(self) -> None:
        self.events, self.alone, self.shared, self.overflow = [], 0, False, False

    def summary(self) -> list[Any]:
        return [self.requested, self.finished, self.failed, self.slowest, self.duration,
                self.requests, self.retries, self.waited]  # fmt: skip

    def revive(self) -> None:
        """It goes on. What was requested for it while it was thought gone is not known."""
        self.overflow = self.overflow or self.outcome == "abandoned"
        self.outcome, self.announced = "running", False

    def point(self, outcome: str) -> Point:
        """The batch as it stands now."""
        fields: dict[str, FieldValue] = {
            "outcome": outcome,
            "finished": self.finished,
            "failed": self.failed,
            "ai_requests": self.requests,
            "ai_retries": self.retries,
            "retry_wait_seconds": round(self.waited, 6),
            "batch_id": self.id,
            "file": self.file,
            "line": self.line,
        }
        if self.requested is not None:
            fields["requested"] = self.requested
        if self.slowest:
            fields["slowest_seconds"] = self.slowest
        if self.duration is not None:
            fields["duration_seconds"] = self.duration
        return Point("batch", self.began, {"platform": self.platform}, fields)

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        data["events"] = [[e.time, e.status, e.wait, e.line] for e in self.events]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Run:
        return cls(**{**data, "events": [Event(*event) for event in data["events"]]})


def pace_of(slowest: int) -> int:
    """What is longer than a post should take when the slowest so far took that many nanoseconds."""
    return max(PACE_AT_LEAST, PACE * slowest)


def run_id(platform: str, time: int) -> str:
    """Stable name of the batch that began then: platform, UTC time, and the digits that tell records apart."""
    moment = datetime.fromtimestamp(time // SECOND, UTC).isoformat()[:19].replace("-", "").replace(":", "")
    millisecond, digits = divmod(time % SECOND, 1_000_000)
    return f"{platform}-{moment}.{millisecond:03d}Z" + (f"-{digits}" if digits else "")


def seconds(nanoseconds: int) -> float:
    return (nanoseconds + 500) // 1000 / 1_000_000

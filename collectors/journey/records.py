"""What each source reports of posts, as matching needs it. Times are nanoseconds UTC, None: not told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from collectors.journey.thresholds import SECOND
from collectors.time_kinds import stored_date

SERVICES = ("buffer", "buffer_classic")
"""Sources that send posts, the better one first. All others of `social_post` are the platforms' own word."""


@dataclass(frozen=True, slots=True)
class Item:
    """A calendar item."""

    post_id: str
    time: int
    platform: str
    day: date
    topic: str = ""
    number: int | None = None
    position: int | None = None
    revision: str = ""
    written: int | None = None
    """When the calendar it was first seen in was written."""
    timed: bool = False
    """Whether its time is more than a date."""
    status: str = ""
    state: str = "ok"
    presence: str = "current"
    texts: tuple[str, ...] = ()
    """Hashes of the whole text and of each tweet."""
    excerpt: bytes = b""
    """How its text begins, in UTF-8: as text, one emoji makes every character take four bytes."""
    file: str = ""
    line: int | None = None
    changes: tuple[tuple[int, str], ...] = ()
    """When it got which status, oldest first."""

    @property
    def stored(self) -> int:
        """What its point's time is (see `metricstore.dates`)."""
        return self.time if self.timed else stored_date(self.day) + self.time % SECOND

    @property
    def place(self) -> str:
        return f"{self.file}:{'' if self.line is None else self.line}"


@dataclass(frozen=True, slots=True)
class Finished:
    """The generator's word that a post is finished."""

    time: int
    platform: str
    topic: str = ""
    position: int | None = None
    revision: str = ""
    outcome: str = ""
    batch: str = ""
    """How its batch ended."""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to hand a post or tweet over to the service, as the log tells it."""

    time: int
    platform: str
    accepted: bool
    topic: str = ""
    number: int | None = None
    service_id: str = ""
    item_id: str = ""
    error: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Queued:
    """An item of the observed scheduler's queue."""

    item_id: str
    platform: str
    due: int
    day: date
    topic: str = ""
    number: int | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The observed scheduler's word that it posted an item or gave up."""

    time: int
    item_id: str
    platform: str
    sent: bool
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Remote:
    """A post or tweet at a service or on a platform."""

    source: str
    platform: str
    post_id: str
    time: int
    day: date
    status: str
    due: int | None = None
    sent: int | None = None
    created: int | None = None
    text: str = ""
    """Hash of its text."""
    platform_id: str = ""
    channel: str = ""
    error_class: str = ""
    error_text: str = ""

    @property
    def by_service(self) -> bool:
        return self.source in SERVICES


@dataclass(slots=True)
class Figures:
    """All snapshots of a post's figures from one source. Counts are the latest, None: never reported."""

    source: str
    platform: str
    post_id: str
    first: int
    last: int
    seen: int | None = None
    """When impressions were first told to be above 0."""
    engaged: int | None = None
    impressions: int | None = None
    interactions: int | None = None

    def add(self, time: int, impressions: int | None, interactions: int | None) -> None:
        """The next snapshot."""
        self.last = time
        if impressions is not None:
            self.impressions = impressions
            self.seen = time if self.seen is None and impressions > 0 else self.seen
        if interactions is not None:
            self.interactions = interactions
            self.engaged = time if self.engaged is None and interactions > 0 else self.engaged


@dataclass(frozen=True, slots=True)
class Imported:
    """A row of an export that speaks of one post."""

    time: int
    platform: str
    row_id: str
    day: date
    topic: str = ""
    number: int | None = None
    impressions: int | None = None
    interactions: int | None = None
    timed: bool = False
    """Whether its time is more than a date."""


@dataclass
class Records:
    """All of them, of some span."""

    items: list[Item] = field(default_factory=list)
    finished: list[Finished] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    queued: list[Queued] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    remotes: list[Remote] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)
    imported: list[Imported] = field(default_factory=list)
